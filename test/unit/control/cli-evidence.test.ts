import { randomBytes } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { evidenceSigner, forge, type Left, parcelsTo, unpack } from "#test/house/evidence.ts";
import { fixedUnit } from "#test/house/fixed-keys.ts";
import { OWNER } from "../store/fixtures.ts";
import { makeSocketUnit, runPorter, sendRaw } from "./fixtures.ts";

const owner = fixedUnit("owner");
const ana = fixedUnit("ana");
const mallory = fixedUnit("mallory");
const ID = { kept: "aaaa", other: "bbbb", inbox: "cccc", ana: "dddd" };
const SOUND = new Uint8Array(randomBytes(300_000));

/** Mallory, who is blocked now, left three messages, two of them kept as evidence; Ana left one. */
async function unitWithEvidence() {
  const unit = await makeSocketUnit();
  unit.store.change({ type: "add-person", name: "Mallory", accounts: [mallory.sealer.account] });
  unit.store.change({ type: "add-person", name: "Ana", accounts: [ana.sealer.account], grants: ["message"] });
  unit.store.change({ type: "block", block: { person: "mallory" } });
  const take = async (shelf: "evidence" | "inbox", left: Left) => {
    for (const parcel of await parcelsTo(owner, { ...left, id: left.id?.padEnd(32, "0") ?? "" })) {
      unit.inbox.keep({ parcel, shelf, known: true });
    }
  };
  await take("evidence", { from: mallory, id: ID.kept });
  await take("evidence", { from: mallory, id: ID.other, sound: SOUND });
  await take("inbox", { from: mallory, id: ID.inbox, text: "before the block\u202e" });
  await take("inbox", { from: ana, id: ID.ana, text: "I am late" });
  const file = `${unit.folder}/evidence.tar`;
  const porter = (...args: readonly string[]) => runPorter(["--socket", unit.path, ...args]);
  return Object.assign(unit, { file, porter });
}

async function foldersIn(file: string): Promise<string[]> {
  const paths = [...unpack(await readFile(file)).keys()].filter((path) => path.endsWith("header.cbor"));
  return paths.map((path) => path.slice("messages/0001-".length, "messages/0001-".length + 4));
}

test("what is kept as evidence goes into one file of the owner's, and is verified without a unit", async () => {
  await using unit = await unitWithEvidence();
  const exported = await unit.porter("evidence", "export", unit.file);
  expect(exported).toMatchObject({ exit: 0, err: "" });
  expect(exported.out).toContain("2 messages are in");
  expect(exported.out).toContain("the names Mallory from your book");
  expect((await stat(unit.file)).mode & 0o777).toBe(0o600);
  expect(await foldersIn(unit.file)).toEqual([ID.kept, ID.other]);
  const verified = await runPorter(["evidence", "verify", unit.file, "--account", OWNER.toUpperCase()]);
  expect(verified).toMatchObject({ exit: 0, err: "" });
  expect(verified.out).toContain("The evidence holds.");
  expect(verified.out).toContain(`from ${mallory.sealer.account} (the owner calls them "Mallory")`);
  expect(verified.out).toContain("It does not prove that nothing was left out");
  const asJson = await runPorter(["evidence", "verify", unit.file, "--json"]);
  expect(JSON.parse(asJson.out)).toMatchObject({ read: true, holds: true, account: OWNER });
  expect(await unit.porter("evidence", "export", unit.file)).toMatchObject({ exit: 2 });
}, 60_000);

test("what the owner names is listed and exported, though it is shown nowhere else; nothing else is", async () => {
  await using unit = await unitWithEvidence();
  const { file } = unit;
  expect((await unit.porter("evidence", "list")).out).not.toContain(ID.inbox);
  const listed = (await unit.porter("evidence", "list", "--person", "Mallory")).out;
  expect(listed).toMatch(/cccc0000 .*before the block.*\(shown nowhere\)/);
  expect(listed).not.toContain("\u202e");
  expect((await unit.porter("messages")).out).not.toContain(ID.inbox);
  await unit.porter("evidence", "export", file, "--person", "Mallory");
  expect(await foldersIn(file)).toEqual([ID.kept, ID.other, ID.inbox]);
  await unit.porter("evidence", "export", `${file}.2`, "--message", ID.ana, "--message", ID.inbox);
  expect(await foldersIn(`${file}.2`)).toEqual([ID.inbox, ID.ana]);
  const shown = (await runPorter(["evidence", "verify", `${file}.2`])).out;
  expect(shown).toContain(`of account ${OWNER}`);
  expect(shown).not.toContain("\u202e");
}, 60_000);

test("a message is kept as evidence by its id, and whole ids that several chose mean all of them", async () => {
  await using unit = await unitWithEvidence();
  const id = ID.kept.padEnd(32, "0");
  for (const parcel of await parcelsTo(owner, { from: ana, id })) {
    unit.inbox.keep({ parcel, shelf: "inbox", known: true });
  }
  expect(await unit.porter("evidence", "keep", ID.kept)).toMatchObject({ exit: 1 });
  expect(await unit.porter("evidence", "keep", id)).toMatchObject({ exit: 0 });
  expect(await unit.porter("evidence", "keep", ID.ana)).toMatchObject({ exit: 0 });
  expect(unit.inbox.entries().filter(({ shelf }) => shelf === "evidence")).toHaveLength(4);
  expect((await unit.porter("messages")).out).toBe("No messages.\n");
}, 60_000);

test("where there is nothing to export, nothing that is known by that name, or no room for a file, there is no file", async () => {
  await using unit = await unitWithEvidence();
  const { file, porter } = unit;
  for (const args of [
    ["--person", "Nobody"],
    ["--person", fixedUnit("eve").sealer.account],
    ["--message", "ffff"],
  ]) {
    expect(await porter("evidence", "export", file, ...args)).toMatchObject({ exit: 1 });
  }
  expect(await porter("evidence", "export", file, "--message", "xyz")).toMatchObject({ exit: 2 });
  for (const { id, from } of unit.inbox.entries()) unit.inbox.remove(id, from);
  expect((await porter("evidence", "export", file)).err).toContain("nothing is kept as evidence");
  expect(await stat(file).catch(() => null)).toBeNull();
}, 60_000);

test("an export during which a message is deleted, or another export begins, ends without a file", async () => {
  await using unit = await unitWithEvidence();
  const begin = { id: 1, do: "evidence-export", messages: [] };
  const piece = (name: unknown, number: number) => ({ id: 2, do: "evidence-piece", export: name, piece: number });
  const ask = async (request: unknown) => (await sendRaw(unit.path, `${JSON.stringify(request)}\n`))[0];
  const first = await ask(begin);
  const second = await ask(begin);
  expect(await ask(piece(nameIn(first), 0))).toMatchObject({ ok: false, error: { code: "export-superseded" } });
  expect(await ask(piece(nameIn(second), 1))).toMatchObject({ ok: false, error: { code: "no-such-piece" } });
  unit.inbox.remove(ID.other.padEnd(32, "0"), mallory.sealer.account);
  expect(await ask(piece(nameIn(second), 0))).toMatchObject({ ok: false, error: { code: "changed-meanwhile" } });
  expect(await ask(piece(nameIn(second), 0))).toMatchObject({ ok: false, error: { code: "export-superseded" } });
}, 60_000);

test("what does not hold is said, and the exit is not zero", async () => {
  await using unit = await unitWithEvidence();
  const { file, porter } = unit;
  await porter("evidence", "export", file);
  const archive = await readFile(file);
  const said = forge(archive, (contents) => {
    for (const path of contents.keys()) if (path.endsWith("sound.ogg")) contents.set(path, SOUND.toReversed());
  });
  await writeFile(`${file}.forged`, said);
  const forged = await runPorter(["evidence", "verify", `${file}.forged`]);
  expect(forged).toMatchObject({ exit: 1, out: expect.stringContaining("THE EVIDENCE DOES NOT HOLD") });
  expect(forged.out).toContain("DOES NOT HOLD: the sound is not the one that was signed");
  await writeFile(
    `${file}.resigned`,
    forge(archive, () => undefined, evidenceSigner(mallory)),
  );
  expect(await runPorter(["evidence", "verify", `${file}.resigned`])).toMatchObject({ exit: 1 });
  await writeFile(`${file}.cut`, archive.subarray(0, 5_000));
  const cut = await runPorter(["evidence", "verify", `${file}.cut`]);
  expect(cut).toMatchObject({ exit: 1, err: expect.stringContaining("proves nothing: it is cut off") });
  for (const path of [`${file}.none`, "/dev/zero", unit.folder]) {
    expect(await runPorter(["evidence", "verify", path])).toMatchObject({ exit: 2 });
  }
}, 60_000);

function nameIn(answer: unknown): unknown {
  return typeof answer === "object" && answer !== null && "export" in answer ? answer.export : undefined;
}
