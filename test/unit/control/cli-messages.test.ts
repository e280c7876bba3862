import { randomBytes } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { oggDurationMs } from "#device/control/ogg-duration.ts";
import { type Parcel, voiceMessage } from "#device/wire/parcel.ts";
import { account, OWNER } from "../store/fixtures.ts";
import { makeSocketUnit, runPorter } from "./fixtures.ts";

const ANA = account("ana");
const EVE = account("eve");

function parcelFrom(from: string, id: string, sound: Uint8Array | null, text = "I am late"): Parcel {
  const message = sound ? voiceMessage(sound, 1_500) : ({ kind: "message.text", body: { text } } as const);
  const envelope: Parcel["envelope"] = {
    id: id.padEnd(32, "0"),
    from,
    to: OWNER,
    atMs: 1_000,
    expiresMs: Date.UTC(2026, 11, 20),
    hash: randomBytes(32).toString("hex"),
    signature: "valid",
    certSeq: 1,
    unitKey: "",
    message,
  };
  const header = { signed: new Uint8Array(1), cert: new Uint8Array(1), sig: new Uint8Array(64) };
  return { envelope, keyId: "", part: 0, data: sound ?? new Uint8Array(), origin: null, header };
}

async function unitWithMessages() {
  const unit = await makeSocketUnit();
  unit.store.change({ type: "add-person", name: "Ana", accounts: [ANA], grants: ["message"] });
  const sound = new Uint8Array(randomBytes(150_000));
  unit.inbox.keep({ parcel: parcelFrom(ANA, "aaaa1111", null), shelf: "inbox", known: true });
  unit.inbox.keep({ parcel: parcelFrom(ANA, "aaaa2222", sound), shelf: "inbox", known: true });
  unit.inbox.keep({ parcel: parcelFrom(EVE, "eeee", null, "\u001b[2J"), shelf: "requests", known: false });
  const run = (...args: readonly string[]) => runPorter(["--socket", unit.path, ...args]);
  return Object.assign(unit, { sound, run });
}

test("messages are listed, exported and deleted by the beginning of their ids; strangers' only where asked for", async () => {
  await using unit = await unitWithMessages();
  const listed = await unit.run("messages");
  expect(listed.out).toMatch(/aaaa2222 .* Ana +new +2 s of sound\naaaa1111 .* Ana +new +I am late/);
  expect(listed.out).not.toContain("eeee");
  const requests = await unit.run("messages", "--requests");
  expect(requests.out).toContain("eeee0000");
  expect(requests.out).not.toContain("\u001b");
  const path = `${unit.folder}/ana.ogg`;
  expect((await unit.run("messages", "export", "aaaa2222", path)).exit).toBe(0);
  expect(new Uint8Array(await readFile(path))).toEqual(unit.sound);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await unit.run("messages", "export", "aaaa2222", path)).toMatchObject({
    exit: 2,
    err: expect.stringContaining("name a new file"),
  });
  expect((await unit.run("messages", "delete", "aaaa")).err).toContain("several messages");
  expect((await unit.run("messages", "delete", "aaaa1111")).out).toBe("Deleted.\n");
  expect((await unit.run("messages", "delete", "aaaa1111")).err).toContain("there is no message");
}, 30_000);

test("of two messages whose senders chose one id, each can be deleted and exported by saying whose", async () => {
  await using unit = await unitWithMessages();
  unit.inbox.keep({ parcel: parcelFrom(EVE, "aaaa1111", null, "theirs"), shelf: "requests", known: false });
  const id = "aaaa1111".padEnd(32, "0");
  const refused = await unit.run("messages", "delete", id);
  expect([refused.exit, refused.err]).toEqual([1, expect.stringContaining(`${id}@${EVE}`)]);
  expect((await unit.run("messages", "delete", `${id}@${ANA}`)).exit).toBe(0);
  expect(unit.inbox.entries().map(({ from, id: left }) => [from, left === id])).toEqual([
    [ANA, false],
    [EVE, false],
    [EVE, true],
  ]);
}, 30_000);

test("whoever is blocked has no messages here, by list nor by id", async () => {
  await using unit = await unitWithMessages();
  unit.store.change({ type: "block", block: { person: "ana" } });
  expect((await unit.run("messages")).out).toBe("No messages.\n");
  expect((await unit.run("messages", "export", "aaaa2222", `${unit.folder}/x.ogg`)).exit).toBe(1);
}, 30_000);

test("a text waits in the outbox; nothing goes to whom is blocked or unknown, and what is no sound is refused", async () => {
  await using unit = await unitWithMessages();
  expect((await unit.run("messages", "send", "Ana", "--text", "I am late")).exit).toBe(0);
  expect(unit.outbox.waiting()).toMatchObject([{ to: ANA }]);
  expect((await unit.run("messages")).out).toContain("1 of yours has not left yet.");
  const path = `${unit.folder}/noise.ogg`;
  await writeFile(path, randomBytes(1_000));
  for (const args of [
    ["Ana"],
    ["Ana", "--file", path],
    ["Ana", "--file", "/nowhere"],
    ["Ana", "--file", path, "--text", "x"],
  ]) {
    expect((await unit.run("messages", "send", ...args)).exit).toBe(2);
  }
  expect((await unit.run("messages", "send", "Nobody", "--text", "x")).exit).toBe(1);
  unit.store.change({ type: "block", block: { person: "ana" } });
  expect((await unit.run("messages", "send", "Ana", "--text", "x")).err).toContain("blocked");
  expect(unit.outbox.waiting()).toHaveLength(1);
}, 30_000);

test("an Ogg Opus file goes as a sound of its length", async () => {
  await using unit = await unitWithMessages();
  const file = oggOf([0n, 48_312n], 60_000);
  expect(oggDurationMs(file)).toBe(1_000);
  const path = `${unit.folder}/note.ogg`;
  await writeFile(path, file);
  expect((await unit.run("messages", "send", "Ana", "--file", path)).exit).toBe(0);
  const [{ id } = { id: "" }] = unit.outbox.waiting();
  expect(unit.outbox.content(id)).toEqual({ to: ANA, kind: "voice", durationMs: 1_000, sound: file });
  for (const bad of [new Uint8Array(), file.subarray(0, 40), randomBytes(4_000)]) expect(oggDurationMs(bad)).toBeNull();
}, 30_000);

test("what becomes of blocked people's and of unsigned messages is the owner's to say", async () => {
  await using unit = await unitWithMessages();
  await unit.run("messages", "blocked", "keep");
  await unit.run("messages", "forwarded", "admit");
  expect(unit.store.book).toMatchObject({ evidence: "keep", unverifiedOrigin: "admit" });
  expect((await unit.run("messages", "blocked", "lose")).exit).toBe(2);
}, 30_000);

/** Pages of an Ogg stream with these positions: a head, with a pre-skip of 312, and so many bytes of filling. */
function oggOf(positions: readonly bigint[], filling: number): Uint8Array {
  const pages = positions.map((position, index) => {
    const head = Buffer.alloc(19);
    head.write("OpusHead");
    head.writeUInt16LE(312, 10);
    const body = index === 0 ? head : Buffer.alloc(filling, 7);
    const lengths = Buffer.alloc(Math.floor(body.length / 255) + 1, 255);
    lengths[lengths.length - 1] = body.length % 255;
    const page = Buffer.alloc(27);
    page.write("OggS");
    page.writeBigUInt64LE(position, 6);
    page[26] = lengths.length;
    return Buffer.concat([page, lengths, body]);
  });
  return new Uint8Array(Buffer.concat(pages));
}
