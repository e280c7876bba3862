import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { appendFile, copyFile, readdir, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { evidenceStores } from "#test/house/evidence.ts";
import { fixedUnit } from "#test/house/fixed-keys.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";
import { makeDbFolder } from "../store/fixtures.ts";

const run = promisify(execFile);
const owner = fixedUnit("owner");
const mallory = fixedUnit("mallory");
/** Of the manifest and of each of two messages: the certificate and what it certifies. */
const CHECKS = 6;

/** An archive as somebody without Porter unpacks it. */
async function unpacked() {
  await using stack = new AsyncDisposableStack();
  const place = stack.use(await makeDbFolder());
  const { take, archive } = evidenceStores(place.open(), owner);
  await take({ from: mallory, text: `fromx4${"a".repeat(52)} tox4${"b".repeat(52)}` });
  await take({ from: mallory, sound: new Uint8Array(randomBytes(190_000)) });
  const folder = stack.use(await makeTempFolder());
  await writeFile(`${folder.path}/evidence.tar`, await archive());
  await run("tar", ["-xf", `${folder.path}/evidence.tar`, "-C", folder.path, "--warning=no-timestamp"]);
  const kept = stack.move();
  const path = `${folder.path}/porter-evidence`;
  const messages = (await readdir(`${path}/messages`)).toSorted().map((name) => `${path}/messages/${name}`);
  return { path, messages, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** What README.txt has its reader enter, with the owner's id put in; all that it says. */
async function byHand(path: string, account = owner.sealer.account): Promise<string> {
  const commands = `sed -n '/^--- begin ---$/,/^--- end ---$/p' README.txt | grep -v '^---' |
    sed 's/PUT-THE-ACCOUNT-ID-OF-THE-OWNER-HERE/${account}/' > ../commands && sh ../commands 2>&1`;
  const { stdout } = await run("sh", ["-c", commands], { cwd: path });
  return stdout;
}

function verified(said: string): number {
  return said.split("Signature Verified Successfully").length - 1;
}

test("by hand, with a shell and openssl, every signature, sender, time and sound of an archive is verified", async () => {
  await using archive = await unpacked();
  const said = await byHand(archive.path);
  expect(verified(said)).toBe(CHECKS);
  expect(said).toContain("every file is as the manifest lists it");
  expect(said).toContain("the sound is the one that was signed");
  // What a message says is not taken for who sent it.
  expect(said.match(/^from .*/gm)).toEqual(
    Array.from({ length: 2 }, () => expect.stringContaining(`from ${mallory.sealer.account} `)),
  );
  expect(said.match(/^to the owner$/gm)).toHaveLength(2);
  expect(said.match(/^sent, by the sender's clock: Mon Nov 23 12:00:00 UTC 2026$/gm)).toHaveLength(2);
  expect(said.match(/^the certificate is good until Tue Jan {2}1 00:00:00 UTC 2036$/gm)).toHaveLength(3);
  expect(said.match(/^ {2}.*/gm)?.toSorted()).toEqual([
    "  manifest-certificate.cbor",
    "  manifest.json",
    "  manifest.signature",
  ]);
}, 30_000);

test("by hand, what was altered, put in, swapped, or is of another account does not verify", async () => {
  await using archive = await unpacked();
  const { path, messages } = archive;
  const [text = "", voice = ""] = messages;
  expect(verified(await byHand(path, fixedUnit("eve").sealer.account))).toBe(CHECKS - 2);
  await writeFile(`${path}/extra`, "x");
  expect(await byHand(path)).toContain("\n  extra\n");
  await appendFile(`${voice}/sound.ogg`, "x");
  const said = await byHand(path);
  expect(said).toContain("sound.ogg: FAILED");
  expect(said).toContain("THE SOUND IS NOT THE ONE THAT WAS SIGNED");
  await copyFile(`${voice}/signature`, `${text}/signature`);
  expect(verified(await byHand(path))).toBe(CHECKS - 1);
  await appendFile(`${path}/manifest.json`, " ");
  expect(verified(await byHand(path))).toBe(CHECKS - 2);
}, 30_000);
