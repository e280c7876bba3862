import { posix } from "node:path";
import { countCasts, type Import, importsOf } from "./source-scan.ts";

/** A file of the tree: its path from the root, with `/`. */
export type SourceFile = Readonly<{ path: string; source: string }>;

/** Where an import leads: a file of ours, or a package (Node's own as `node:…`). */
type Target = Readonly<{ kind: "ours" | "package"; name: string }>;
type Edge = Readonly<{ from: string; to: Target; imported: Import }>;
/** Says what is wrong with an import, or null. */
type Rule = (edge: Edge) => string | null;

const MAX_LINES = 300;
const TOPS = ["base", "device", "audio", "hal", "hub", "install", "deploy", "scripts", "test"] as const;

/** What may be read of each top folder from outside it; those not named may be read by nobody else. */
const READS: Readonly<Record<(typeof TOPS)[number], readonly RegExp[]>> = {
  base: [],
  audio: [/^base\//],
  hal: [/^base\//],
  device: [/^base\//, /^hal\//, /^audio\/(protocol(-teach)?|wake-word)\.ts$/],
  hub: [/^base\//, /^device\/(wire|keys)\//],
  install: [/^base\//, /^device\/(smp|update|wire)\//],
  deploy: [/^base\//],
  scripts: [/^(base|device|audio|hal|hub|deploy)\//, /^install\/(client|unit)\.ts$/],
  test: [/^(base|device|audio|hal|hub|install|deploy|scripts)\//],
};

/** Pure: types of each other's, and of what they name (a light scene); nothing that does anything. */
const PURE = /^device\/(gate|call|voice|inbox)\//;
const PURE_MAY_NAME = /^(device\/(gate|call|voice|inbox)\/|hal\/hal\.ts$)/;

/** One vendor or one board a file: chosen where things are put together, and nowhere else. */
const DRIVER =
  /^(audio\/engines\/(wake|vad|asr|tts|echo|codec)-[^/]*|audio\/io\/(room|alsa|portable)[^/]*|hal\/(sim|linux|mcu)\/.*)$/;
const MAY_NAME_DRIVERS = /^(.*\/main\.ts|hal\/open\.ts|scripts\/.*|test\/.*)$/;

const RULES: readonly Rule[] = [
  ({ imported }) => (imported.from === null ? "a computed import, which nobody can check" : null),
  ({ from, to }) => {
    const [top, other] = [topOf(from), topOf(to.name)];
    if (to.kind === "package" || top === other || READS[top].some((allowed) => allowed.test(to.name))) return null;
    return `${top}/ must not import ${to.name}`;
  },
  ({ from, to, imported }) => {
    const folder = PURE.exec(from)?.[0];
    if (folder === undefined || to.name.startsWith(folder)) return null;
    if (to.kind === "package") return `${folder} is pure and must not import ${to.name}`;
    if (folder === "device/gate/") return `the gate must not import ${to.name}`;
    if (!PURE_MAY_NAME.test(to.name)) return `${folder} must not import ${to.name}`;
    return imported.typeOnly ? null : `${folder} may import only types from ${to.name}`;
  },
  ({ from, to }) => {
    if (to.kind === "package" || !DRIVER.test(to.name) || MAY_NAME_DRIVERS.test(from)) return null;
    return posix.dirname(from) === posix.dirname(to.name) ? null : `only a main.ts may name the driver ${to.name}`;
  },
  ({ from, to, imported }) => {
    const takesIssue = to.name.startsWith("device/gate/") && imported.names.includes("issue");
    return takesIssue && !from.startsWith("device/gate/") ? "only the gate may issue a pass" : null;
  },
];

/** Everything in the tree that breaks a rule, one line each. */
export function violations(files: readonly SourceFile[]): string[] {
  const found: string[] = [];
  for (const { path, source } of files) {
    const lines = source.trimEnd().split("\n").length;
    if (lines > MAX_LINES) found.push(`${path}: ${lines} lines, more than ${MAX_LINES}`);
    for (const imported of importsOf(source)) {
      const edge = { from: path, to: targetOf(path, imported.from ?? ""), imported };
      for (const rule of RULES) {
        const wrong = rule(edge);
        if (wrong !== null) found.push(`${path}: ${wrong}`);
      }
    }
  }
  return [...found, ...forgedPasses(files)];
}

/** One cast to `Pass` makes every pass there is. (A test may cast, to show that what it forged is not honoured.) */
function forgedPasses(files: readonly SourceFile[]): string[] {
  const casts = files
    .filter(({ path }) => topOf(path) !== "test")
    .flatMap(({ path, source }) => Array.from({ length: countCasts(source, "Pass") }, () => path));
  const [only, ...others] = casts.filter((path) => /^device\/gate\/(pass|decide)\.ts$/.test(path));
  const elsewhere = casts.filter((path) => !/^device\/gate\/(pass|decide)\.ts$/.test(path));
  const wrong = [...others, ...elsewhere].map((path) => `${path}: makes a pass by a cast`);
  return only === undefined ? [...wrong, "device/gate: no cast to Pass is left where passes are made"] : wrong;
}

function targetOf(from: string, specifier: string): Target {
  if (specifier.startsWith("#")) return { kind: "ours", name: specifier.slice(1) };
  if (!specifier.startsWith(".")) return { kind: "package", name: specifier };
  return { kind: "ours", name: posix.join(posix.dirname(from), specifier) };
}

function topOf(path: string): (typeof TOPS)[number] {
  const top = TOPS.find((each) => path.startsWith(`${each}/`));
  // What lies outside every folder that we know is nobody's to import.
  return top ?? "test";
}
