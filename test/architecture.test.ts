import { execFile } from "node:child_process";
import { glob, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { type SourceFile, violations } from "#test/house/import-rules.ts";
import { countCasts, importsOf } from "#test/house/source-scan.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const ROOT = resolve(import.meta.dirname, "..");

async function readTree(): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for await (const path of glob("{base,device,audio,hal,hub,install,deploy,scripts,test}/**/*.ts", { cwd: ROOT })) {
    files.push({ path, source: await readFile(join(ROOT, path), "utf8") });
  }
  return files;
}

/** The one cast that the rules want to find. */
const GATE: SourceFile = { path: "device/gate/decide.ts", source: "const pass = Object.freeze({}) as Pass;" };

describe("the tree", () => {
  test("keeps every rule of the house", async () => {
    const files = await readTree();
    expect(files.length).toBeGreaterThan(50);
    expect(violations(files)).toEqual([]);
  });

  test("is read whole: the scan sees as many imports as plain text has lines that end in one", async () => {
    for (const { path, source } of await readTree()) {
      if (path.startsWith("test/architecture") || path.startsWith("test/house/source-scan")) continue;
      const plain = source.match(/^(?:import |export |\}).*\bfrom "[^"]+";$|^import "[^"]+";$/gm) ?? [];
      const seen = importsOf(source).filter(({ from }) => from !== null);
      expect(seen.length, path).toBeGreaterThanOrEqual(plain.length);
    }
  });
});

describe("the rules", () => {
  test.each<[string, string, string]>([
    ["the gate importing the clock", "device/gate/decide.ts", 'import { systemClock } from "#base/clock.ts";'],
    ["the gate importing a type of the call", "device/gate/x.ts", 'import type { Call } from "../call/states.ts";'],
    ["the gate importing a package", "device/gate/x.ts", 'import { parse } from "libphonenumber-js";'],
    ["the gate reading files", "device/gate/x.ts", 'import { readFileSync } from "node:fs";'],
    ["the call importing code of the gate", "device/call/x.ts", 'import { decide } from "../gate/decide.ts";'],
    ["an inline type, which leaves an import", "device/call/x.ts", 'import { type Pass } from "../gate/pass.ts";'],
    ["the voice importing the store", "device/voice/x.ts", 'import type { Db } from "../store/db.ts";'],
    ["audio importing the brain", "audio/x.ts", 'import type { Book } from "#device/gate/book.ts";'],
    [
      "audio importing keys by path",
      "audio/peer/x.ts",
      'import { openKeystore } from "../../device/keys/keystore.ts";',
    ],
    ["audio importing the board", "audio/x.ts", 'import type { Hal } from "#hal/hal.ts";'],
    ["the board importing audio", "hal/x.ts", 'import { RATE_HZ } from "#audio/frame.ts";'],
    ["the brain importing the pipeline", "device/x.ts", 'import { Pipeline } from "#audio/pipeline.ts";'],
    ["the hub importing the gate", "hub/x.ts", 'export { decide } from "#device/gate/decide.ts";'],
    ["the hub importing the whole store", "hub/x.ts", 'const db = await import("#device/store/db.ts");'],
    ["base importing anything of ours", "base/x.ts", 'import type { Hal } from "#hal/hal.ts";'],
    ["a driver named in the pipeline", "audio/pipeline.ts", 'import { Espeak } from "./engines/tts-espeak.ts";'],
    ["the room named by the ears", "audio/ears.ts", 'import { Room } from "./io/room.ts";'],
    [
      "the simulated board named by the daemon",
      "device/daemon.ts",
      'import { SimBoard } from "#hal/sim/sim-board.ts";',
    ],
    ["the installer's tool importing the unit's keys", "install/x.ts", 'import "#device/keys/keystore.ts";'],
    ["the installer's tool importing the board", "install/x.ts", 'import type { Hal } from "#hal/hal.ts";'],
    ["the unit importing the installer's tool", "device/x.ts", 'import { SmpClient } from "#install/client.ts";'],
    ["the brain importing a test", "device/x.ts", 'import { FakeClock } from "#test/house/fake-clock.ts";'],
    ["the hub importing a script", "hub/x.ts", 'import "#scripts/stage/main.ts";'],
    ["a script importing a test", "scripts/x.ts", 'import { FakeClock } from "#test/house/fake-clock.ts";'],
    ["an import that is computed", "device/x.ts", `const it = await import(\`#audio/\${name}.ts\`);`],
    ["an import that is put together", "device/x.ts", 'const it = await import("#audio/" + name);'],
    ["somebody else taking issue", "device/x.ts", 'import { issue } from "./gate/decide.ts";'],
    [
      "somebody else taking issue by another name",
      "test/x.ts",
      'import { issue as admit } from "#device/gate/pass.ts";',
    ],
    ["a pass by a cast", "device/effects/x.ts", "run({ act: 'ring' } as Pass);"],
    ["a pass by two casts", "device/effects/x.ts", "run({} as unknown as Pass);"],
    ["a pass by a wrapped cast", "scripts/x.ts", "run({} as Readonly<Pass>);"],
    ["a pass by another name", "device/x.ts", 'import type { Pass as Ticket } from "./gate/pass.ts"; f({} as Ticket);'],
    ["a second cast in the gate", "device/gate/pass.ts", "const b = {} as Pass;"],
    ["a file of 301 lines", "device/x.ts", "//\n".repeat(301)],
  ])("find %s", (_, path, source) => {
    expect(violations([{ path, source }, GATE].toSorted((a, b) => a.path.localeCompare(b.path)))).toHaveLength(1);
  });

  test.each<[string, string]>([
    ["audio/main.ts", 'import { Room } from "./io/room.ts"; import { Espeak } from "./engines/tts-espeak.ts";'],
    ["hal/open.ts", 'import { SimBoard } from "./sim/sim-board.ts";'],
    ["audio/engines/recogniser.ts", 'import { rules } from "./recogniser-rules.ts";'],
    ["device/call/call.ts", 'import type { Pass } from "../gate/pass.ts"; import { x } from "./states.ts";'],
    ["device/config.ts", 'import { AudioConfig } from "#audio/protocol.ts"; import * as v from "valibot";'],
    ["hub/x.ts", 'import { openEnvelope } from "#device/wire/envelope.ts"; import { openLog } from "#base/log.ts";'],
    ["device/x.ts", "const passes: readonly Pass[] = passing(call) as Passing; // never as Pass"],
    ["device/x.ts", "//\n".repeat(300)],
  ])("let %s do what it may", (path, source) => {
    expect(violations([{ path, source }, GATE])).toEqual([]);
  });

  test("find that no pass is made any more", () => {
    expect(violations([{ path: "device/gate/decide.ts", source: "" }])).toHaveLength(1);
  });
});

describe("the scan", () => {
  test.each<[string, readonly (string | null)[]]>([
    ['import a from "a";', ["a"]],
    ["import a, { b } from 'a'", ["a"]],
    ['import{a}from"a";import*as b from"b"', ["a", "b"]],
    ['import {\n  a, // from "x"\n  type b,\n} from "a";', ["a"]],
    ['import "a";', ["a"]],
    ['import type from "a";', ["a"]],
    ['export * from "a"; export type { b } from "b"; export * as c from "c";', ["a", "b", "c"]],
    ['export const from = "a"; export { from };', []],
    ['const x = import("a"); type T = import("b").T;', ["a", "b"]],
    ["import(`a`); import(a);", [null, null]],
    ['require("a"); module.require("x");', ["a"]],
    ["import.meta.url; x.import('a');", []],
    ['// import "a";\n/* import "b"; */', []],
    ['const s = "import \\"a\\";"; const t = \'import "b"\';', []],
    [`const s = \`import "a"; \${x + \`\${await import("b")}\`} import "c"\`;`, ["b"]],
    ['const r = /["\'`]/; import "a";', ["a"]],
    ['const half = a / b; const c = "/"; import "a";', ["a"]],
    ['if (/[/"]/.test(x)) y(); import "a"; // "', ["a"]],
    ['import a from "a" with { type: "json" };', ["a"]],
    ['import { from } from "a";', ["a"]],
    ["#!/usr/bin/env node\nimport 'a';", ["a"]],
  ])("reads %j", (source, from) => {
    expect(importsOf(source).map((each) => each.from)).toEqual(from);
  });

  test("tells types from code, and names from what they are called here", () => {
    expect(importsOf('import type { A, B as C } from "a";')).toEqual([
      { from: "a", typeOnly: true, names: ["A", "B"], renamed: ["B"] },
    ]);
    expect(importsOf('import { type A } from "a";')).toMatchObject([{ typeOnly: false, names: ["A"] }]);
    expect(importsOf('import type, { A } from "a";')).toMatchObject([{ typeOnly: false }]);
    expect(importsOf('import type * as A from "a";')).toMatchObject([{ typeOnly: true, names: ["*"] }]);
  });

  test("counts casts, not words in comments and strings", () => {
    expect(countCasts('// as Pass\nconst a = "as Pass"; const b = a as Pass;', "Pass")).toBe(1);
    expect(countCasts("const a = b as Passport; type Pass = 1;", "Pass")).toBe(0);
  });
});

test("what a guest causes does not compile without a pass, nor with one that was made up", async () => {
  const wrong = [
    "const a: GuestCallEffect = { type: 'ring', peer: id, id };",
    "const a: GuestCallEffect = { type: 'ring', peer: id, id, pass: { act: 'ring', envelope: id, owner: id, bookRevision: 1 } };",
    "const a: GuestCallEffect = { type: 'ring', peer: id, id, pass: null };",
  ];
  const right = "const a: GuestCallEffect = { type: 'ring', peer: id, id, pass };";
  await using folder = await makeTempFolder();
  const [rightErrors, ...wrongErrors] = await Promise.all(
    [right, ...wrong].map((line, index) => compile(folder.path, line, index)),
  );
  expect(rightErrors).toBe("");
  for (const errors of wrongErrors) expect(errors).toMatch(/^\S+: error TS2\d+: .*(pass|issued)/s);
});

test("no step on what comes from outside compiles that sounds, shows or lists anything without a pass", async () => {
  const steps = ["arriveMessage", "turnAway", "onKept"].map((name) => `typeof messages.${name}`);
  const all = [...steps, "typeof envelopes.arrive", "typeof calls.outsideStep"].join(" | ");
  const wrong = [
    "{ type: 'say', sentence: 'x' }",
    "{ type: 'tone', tone: 'chirp' }",
    "{ type: 'tone-ended' }",
    "{ type: 'tone-ended-guest', id }",
    "{ type: 'tell', what: 'failed', peer: id }",
    "{ type: 'tell-guest', what: 'lost', id }",
    "{ type: 'tell-not-saved', id }",
    "{ type: 'show', scene: 'off' }",
    "{ type: 'start-ring-back' }",
    "{ type: 'list-own', peer: id }",
    "{ type: 'send-end', id, to: id }",
  ];
  const right = [
    "{ type: 'tone-ended-guest', id, pass }",
    "{ type: 'tell-not-saved', id, pass }",
    "{ type: 'settle', receipt: null }",
  ];
  await using folder = await makeTempFolder();
  const lines = [...right, ...wrong].map((effect, at) => `const a${at}: Caused = ${effect};`);
  const errors = await compile(folder.path, [`type Caused = ReturnType<${all}>[1][number];`, ...lines].join("\n"), 0, [
    `import type * as calls from "${ROOT}/device/step-call.ts";`,
    `import type * as envelopes from "${ROOT}/device/step-envelope.ts";`,
    `import type * as messages from "${ROOT}/device/step-message.ts";`,
  ]);
  const refused = [...errors.matchAll(/use-0\.mts\((\d+),\d+\): error TS2/g)].map(([, line]) => Number(line));
  // Before the first of them stand three lines of types, three imports, and the name of what is caused.
  const first = 3 + 3 + 1 + right.length + 1;
  expect([...new Set(refused)]).toEqual(wrong.map((_, at) => first + at));
}, 30_000);

/** What `tsc` says of a line that uses the real types. */
async function compile(folder: string, line: string, index: number, more: readonly string[] = []): Promise<string> {
  const file = join(folder, `use-${index}.mts`);
  const types = [
    `import type { GuestCallEffect } from "${ROOT}/device/call/states.ts";`,
    `import type { Pass } from "${ROOT}/device/gate/pass.ts";`,
    "declare const pass: Pass; declare const id: string;",
  ];
  await writeFile(file, [...types, ...more, line, "export { pass };"].join("\n"));
  const config = join(folder, `tsconfig-${index}.json`);
  await writeFile(
    config,
    JSON.stringify({ extends: `${ROOT}/tsconfig.json`, compilerOptions: { types: [] }, include: [], files: [file] }),
  );
  const tsc = join(ROOT, "node_modules/.bin/tsc");
  return promisify(execFile)(process.execPath, [tsc, "-p", config]).then(
    () => "",
    (error: unknown) => (error instanceof Error && "stdout" in error ? String(error.stdout) : String(error)),
  );
}
