import { execFileSync } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import * as v from "valibot";
import { PublicKey } from "#device/update/key-list.ts";
import { Arch, Board, Counter, type Manifest, unpackedBytes, Version } from "#device/update/manifest.ts";
import { collect } from "./bundle/collect.ts";
import { stagePackages } from "./bundle/stage.ts";
import { tryBundle } from "./bundle/try.ts";
import { writeBundle } from "./bundle/write.ts";

const USAGE = `usage: npm run bundle -- --arch x64|arm64 --version V --counter N --board NAME
                         --key FILE --keys FILE --root KEY --out FILE [--time SECONDS] [--level 1..19]

Builds a firmware bundle from what git tracks in this checkout, and signs it.

  --version V     as in 1.2.3
  --counter N     higher than that of every bundle before: units go back to none that is lower
  --key FILE      the private key to sign with (porter-bundle keys new)
  --keys FILE     the signed list of keys that has it (porter-bundle keys sign); its signature lies in FILE.sig
  --root KEY      the root's public key, which signed the list
  --time SECONDS  of what it is built from, in Unix seconds; the last commit's unless told
  --level N       zstd's; 19 unless told. The same level, checkout and keys give the same bytes
`;

const OPTIONS = ["arch", "version", "counter", "board", "key", "keys", "root", "out", "time", "level"] as const;
const Whole = (min: number, max: number) =>
  v.pipe(v.string(), v.regex(/^\d+$/, "must be a whole number"), v.transform(Number), v.minValue(min), v.maxValue(max));
const Arguments = v.strictObject({
  arch: Arch,
  version: Version,
  counter: v.pipe(v.string(), v.regex(/^\d+$/, "must be a whole number"), v.transform(Number), Counter),
  board: Board,
  key: v.string(),
  keys: v.string(),
  root: PublicKey,
  out: v.string(),
  time: v.optional(Whole(0, 0o77777777777)),
  level: v.optional(Whole(1, 19)),
});

const CHECKOUT = resolve(import.meta.dirname, "..");
const say = (line: string) => void process.stderr.write(`bundle: ${line}\n`);

async function main(): Promise<number> {
  const options = Object.fromEntries(OPTIONS.map((name) => [name, { type: "string" as const }]));
  const { values } = parseArgs({ options: { ...options, help: { type: "boolean", short: "h" } } });
  if (values.help === true) {
    process.stdout.write(USAGE);
    return 0;
  }
  const parsed = v.safeParse(Arguments, { ...values });
  if (!parsed.success) {
    for (const issue of parsed.issues)
      process.stderr.write(`bundle: --${v.getDotPath(issue) ?? "?"}: ${issue.message}\n`);
    process.stderr.write(USAGE);
    return 2;
  }
  const { arch, version, counter, board, key, keys, root, out, time, level } = parsed.output;
  const dirty = git("status", "--porcelain", "--untracked-files=no");
  if (dirty !== "") say("this checkout has changes that are not committed: nobody else can build the same bundle");
  const staging = stagePackages(CHECKOUT, join(CHECKOUT, "out/bundle"), { arch }, say);
  const { files, packages } = collect(CHECKOUT, staging, { arch }, say);
  const manifest = await writeBundle({
    files,
    about: { version, counter, board, arch, builtAtS: time ?? Number(git("log", "-1", "--format=%ct")) },
    keys: { bytes: readFileSync(keys), signature: readFileSync(`${keys}.sig`) },
    root,
    signingKey: createPrivateKey(readFileSync(key)),
    out,
    ...(level !== undefined && { level }),
    onFile: showProgress,
  });
  const fault = arch === process.arch ? await tryBundle(out, packages, { root, board }) : null;
  if (fault !== null) throw new Error(`the bundle does not start from a slot: ${fault}`);
  say(
    arch === process.arch ? "installed into a slot, and all of it loads" : `not tried: this machine is ${process.arch}`,
  );
  report(manifest, out);
  return 0;
}

function showProgress(done: number, of: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\rbundle: ${done} of ${of} files${done === of ? "\n" : ""}`);
  else if (done % 500 === 0 || done === of) say(`${done} of ${of} files`);
}

/** The biggest parts, by folder or package. */
function report(manifest: Manifest, out: string): void {
  const parts = new Map<string, number>();
  for (const { path, bytes } of manifest.files) {
    const part = /^(?:.*node_modules\/)(?:@[^/]+\/)?[^/]+|^app\/[^/]+|^[^/]+/.exec(path)?.[0] ?? path;
    parts.set(part, (parts.get(part) ?? 0) + bytes);
  }
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`.padStart(9);
  const biggest = [...parts].toSorted(([, a], [, b]) => b - a).slice(0, 12);
  for (const [part, bytes] of biggest) process.stdout.write(`${mb(bytes)}  ${part}\n`);
  process.stdout.write(`${mb(unpackedBytes(manifest))}  all ${manifest.files.length} files, unpacked\n`);
  process.stdout.write(`${mb(statSync(out).size)}  ${out}\n`);
}

function git(...words: string[]): string {
  return execFileSync("git", words, { cwd: CHECKOUT, encoding: "utf8" }).trim();
}

process.exitCode = await main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  return 1;
});
