import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";
import * as v from "valibot";
import { type KeyList, PublicKey, publicKeyOf, readKeyList, signKeyList } from "./key-list.ts";
import { Board } from "./manifest.ts";

const OWNER_ONLY = 0o600;

/** `porter-bundle keys`: see README.md beside this file for who keeps which key where. */
export function addKeyCommands(keys: Command): void {
  keys
    .command("new <file>")
    .description("make a key pair: the private half into FILE (never replaced), the public half to standard output")
    .action((file: string) => {
      const { privateKey } = generateKeyPairSync("ed25519");
      writeFileSync(file, privateKey.export({ format: "pem", type: "pkcs8" }), { flag: "wx", mode: OWNER_ONLY });
      process.stdout.write(`${publicKeyOf(privateKey)}\n`);
    });
  keys
    .command("public <file>")
    .description("show the public half of a private key")
    .action((file: string) => void process.stdout.write(`${publicKeyOf(createPrivateKey(readFileSync(file)))}\n`));
  keys
    .command("sign <file>")
    .description("write the list of good keys, signed by the root key, to FILE and FILE.sig")
    .requiredOption("--root-key <file>", "the root's private key")
    .option("--from <file>", "the list before: its keys stay, its number grows by one")
    .option("--release <key...>", "keys that may sign for every unit", collectKeys, [])
    .option("--development <key...>", "keys that may sign for units for development only", collectKeys, [])
    .option("--revoke <key...>", "keys that were lost or stolen; they stay revoked", collectKeys, [])
    .action(sign);
  keys
    .command("show <file>")
    .description("show a list of keys, and whether the root signed it")
    .requiredOption("--root <key>", "the root's public key")
    .action((file: string, { root }: { root: string }) => {
      const read = readKeyList(filesOf(file), root);
      if (!read.ok) throw new Error(read.sentence);
      const lines = read.list.keys.map(({ key, use }) => `${use.padEnd(11)} ${key}`);
      process.stdout.write([`number ${read.list.number}`, ...lines, ""].join("\n"));
    });
  keys
    .command("trust <file>")
    .description("write trust.json, by which a unit judges bundles from its first start on")
    .requiredOption("--root <key>", "the root's public key", parseKey)
    .requiredOption("--board <name>", "what the unit is")
    .option("--development", "a unit for development: it takes what a development key signed")
    .action((file: string, options: { root: string; board: string; development?: boolean }) => {
      const { root, board, development = false } = options;
      const trust = { format: 1, root, board: v.parse(Board, board), development };
      writeFileSync(file, `${JSON.stringify(trust, null, 1)}\n`, { flag: "wx" });
    });
}

type SignOptions = Readonly<{
  rootKey: string;
  from?: string;
  release: string[];
  development: string[];
  revoke: string[];
}>;

function sign(file: string, { rootKey, from, release, development, revoke }: SignOptions): void {
  const root = createPrivateKey(readFileSync(rootKey));
  const before = from === undefined ? null : readKeyList(filesOf(from), publicKeyOf(root));
  if (before?.ok === false) throw new Error(`${from}: ${before.sentence}`);
  const uses = new Map<string, KeyList["keys"][number]["use"]>();
  for (const { key, use } of before?.list.keys ?? []) uses.set(key, use);
  for (const [use, listed] of [
    ["release", release],
    ["development", development],
  ] as const) {
    for (const key of listed) {
      if (uses.get(key) === "revoked") throw new Error(`${key} was revoked: make a new key`);
      uses.set(key, use);
    }
  }
  for (const key of revoke) uses.set(key, "revoked");
  const list: KeyList = {
    format: 1,
    number: (before?.list.number ?? 0) + 1,
    keys: [...uses].map(([key, use]) => ({ key, use })),
  };
  const signed = signKeyList(list, root);
  const read = readKeyList(signed, publicKeyOf(root));
  if (!read.ok) throw new Error(read.sentence);
  writeFileSync(file, signed.bytes);
  writeFileSync(`${file}.sig`, signed.signature);
  process.stdout.write(`list ${list.number} with ${list.keys.length} keys\n`);
}

function filesOf(file: string): { bytes: Uint8Array; signature: Uint8Array } {
  return { bytes: readFileSync(file), signature: readFileSync(`${file}.sig`) };
}

function parseKey(text: string): string {
  const parsed = v.safeParse(PublicKey, text);
  if (!parsed.success) throw new InvalidArgumentError(parsed.issues[0].message);
  return parsed.output;
}

function collectKeys(text: string, before: readonly string[]): string[] {
  return [...before, parseKey(text)];
}
