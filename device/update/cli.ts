#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import * as v from "valibot";
import { addKeyCommands } from "./cli-keys.ts";
import { addUnitCommands } from "./cli-slots.ts";
import { PublicKey } from "./key-list.ts";
import { Arch, Board, Counter, type Manifest, readManifest, unpackedBytes } from "./manifest.ts";
import { headOf, openReader, verifyBundle } from "./verify.ts";

/** Exit codes that a script can use. */
const EXIT = { refused: 1, usage: 2 } as const;

type Shown = Readonly<{ json?: boolean }>;

/** `porter-bundle`: looks at firmware bundles, makes the keys that sign them, and puts them into a unit's slots. */
function makeProgram(): Command {
  const program: Command = new Command("porter-bundle");
  program
    .description("Verifies and inspects firmware bundles, keeps the keys that sign them, installs them into slots.")
    .showHelpAfterError("(add --help to see how)")
    .addHelpText("after", "\nExit codes: 0 all is well, 1 refused or failed, 2 wrong arguments.")
    .exitOverride();
  program
    .command("verify <file>")
    .description("hold every byte of a bundle against its signature; nothing is stored")
    .requiredOption("--root <key>", "the root's public key", parseKey)
    .addOption(new Option("--board <name>", "for this board").argParser((text: string) => parse(Board, text)))
    .addOption(new Option("--arch <name>", "for this processor").argParser((text: string) => parse(Arch, text)))
    .option("--counter <n>", "not older than this", parseCounter, 0)
    .option("--development", "as a unit for development, which takes development keys")
    .option("--json", "one JSON object")
    .addHelpText("after", "\nExample:\n  porter-bundle verify kitchen.porter --root KEY --board sim")
    .action(verify);
  program
    .command("inspect <file>")
    .description("show what a bundle says of itself; nothing is verified")
    .option("--files", "every file, too")
    .option("--json", "one JSON object")
    .action(inspect);
  addKeyCommands(program.command("keys").description("keys that sign bundles, and the list that says which are good"));
  addUnitCommands(program);
  return program;
}

type VerifyOptions = Shown &
  Readonly<{ root: string; board?: string; arch?: string; counter: number; development?: boolean }>;

async function verify(file: string, options: VerifyOptions): Promise<void> {
  const { root, board = null, arch = null, counter, development = false, json = false } = options;
  await using reader = await openReader(file);
  const verdict = await verifyBundle(reader, { root, board, arch, counter, development, known: null });
  if (!verdict.ok) {
    process.exitCode = EXIT.refused;
    if (json) print(JSON.stringify(verdict));
    else process.stderr.write(`porter-bundle: refused, ${verdict.reason}: ${verdict.sentence}\n`);
    return;
  }
  const { key, use } = verdict.signer;
  if (json) print(JSON.stringify({ ok: true, signer: { key, use }, ...about(verdict.manifest) }));
  else print(`${describe(verdict.manifest)}\nsigned by the ${use} key ${key}; every byte holds`);
}

async function inspect(file: string, { json = false, files = false }: Shown & { files?: boolean }): Promise<void> {
  await using reader = await openReader(file);
  const read = await headOf(reader);
  const manifest = read.ok ? readManifest(read.head.manifest) : read;
  if (!manifest.ok) {
    process.exitCode = EXIT.refused;
    process.stderr.write(`porter-bundle: ${manifest.reason}: ${manifest.sentence}\n`);
    return;
  }
  const listed = manifest.manifest.files;
  if (json) print(JSON.stringify({ verified: false, ...about(manifest.manifest), ...(files && { files: listed }) }));
  else print(`${describe(manifest.manifest)}\nnot verified: porter-bundle verify does that`);
  if (files && !json) for (const { path, mode, bytes, sha256 } of listed) print(`${sha256}  ${mode} ${bytes}  ${path}`);
}

function about(manifest: Manifest): object {
  const { files, ...rest } = manifest;
  return { ...rest, files: files.length, unpackedBytes: unpackedBytes(manifest) };
}

function describe(manifest: Manifest): string {
  const { version, counter, board, arch, builtAtS, files, payload } = manifest;
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  return [
    `Porter ${version}, counter ${counter}, for board ${board} on ${arch}, of ${new Date(builtAtS * 1_000).toISOString()}`,
    `${files.length} files, ${mb(unpackedBytes(manifest))}, compressed ${mb(payload.bytes)}`,
  ].join("\n");
}

function parse<T>(schema: v.GenericSchema<unknown, T>, text: unknown): T {
  const parsed = v.safeParse(schema, text);
  if (!parsed.success) throw new InvalidArgumentError(parsed.issues[0].message);
  return parsed.output;
}

function parseCounter(text: string): number {
  return parse(Counter, /^\d+$/.test(text) ? Number(text) : Number.NaN);
}

function parseKey(text: string): string {
  return parse(PublicKey, text);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

await makeProgram()
  .parseAsync()
  .catch((error: unknown) => {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
    else {
      process.stderr.write(`porter-bundle: ${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = EXIT.refused;
    }
  });
