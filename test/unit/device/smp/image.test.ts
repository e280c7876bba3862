import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { GROUP } from "#device/smp/packet.ts";
import { SmpUnit } from "#test/house/smp-unit.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const BUNDLE = new Uint8Array(Buffer.from("a bundle of thirty-three bytes...".repeat(40)));
const sha = sha256(BUNDLE);
const FIRST = { off: 0, len: BUNDLE.length, sha, image: 0, upgrade: false, data: BUNDLE.subarray(0, 500) };
const STATE = { group: GROUP.image, id: 0, op: "read" } as const;

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}
const piece = (off: number, end = off + 500) => ({ off, data: BUNDLE.subarray(off, end) });

test("an upload goes piece by piece into the slot that is not running, and the state tells of it", async () => {
  await using folder = await makeTempFolder();
  const unit = new SmpUnit(folder.path);
  expect(await unit.upload(FIRST)).toEqual({ off: 500 });
  expect(await unit.upload(piece(500))).toEqual({ off: 1_000 });
  expect(await unit.upload(piece(1_000))).toEqual({ off: BUNDLE.length });
  const { images } = await unit.ask(STATE);
  expect(images).toMatchObject([
    { slot: 0, version: "1.0.0", active: true, confirmed: true },
    { slot: 1, version: "2.0.0", hash: sha, active: false, pending: false },
  ]);
});

test("the unit says where it wants to go on: after a lost answer, a piece twice, a piece too far, a restart", async () => {
  await using folder = await makeTempFolder();
  const unit = new SmpUnit(folder.path);
  expect(await unit.upload(piece(500))).toEqual({ off: 0 });
  await unit.upload(FIRST);
  expect(await unit.upload(FIRST)).toEqual({ off: 500 });
  expect(await unit.upload(piece(1_000))).toEqual({ off: 500 });
  await unit.upload(piece(500));
  expect(await unit.upload(piece(500))).toEqual({ off: 1_000 });
  expect(unit.firmware.written).toBe(1_000);
  const restarted = new SmpUnit(folder.path);
  Object.assign(restarted.firmware, { open: unit.firmware.open.bind(unit.firmware) });
  expect(await restarted.upload(FIRST)).toEqual({ off: 1_000 });
});

test("the last piece once more, because its answer was lost, is answered as the first time", async () => {
  await using folder = await makeTempFolder();
  const unit = new SmpUnit(folder.path);
  for (const body of [FIRST, piece(500), piece(1_000)]) await unit.upload(body);
  expect(await unit.upload(piece(1_000))).toEqual({ off: BUNDLE.length });
  expect(await unit.upload(FIRST)).toEqual({ off: BUNDLE.length });
  expect(unit.firmware.written).toBe(BUNDLE.length);
});

test("what the unit refuses is told by a number of the group and a reason for people", async () => {
  await using folder = await makeTempFolder();
  const unit = new SmpUnit(folder.path);
  const bad = Buffer.concat([Buffer.from("bad "), BUNDLE]);
  const refused = await unit.upload({ off: 0, len: bad.length, sha: sha256(bad), data: new Uint8Array(bad) });
  expect(refused).toMatchObject({ err: { group: 1, rc: 1 }, rsn: "wrong-key: take another one" });
  expect(await unit.upload({ ...FIRST, len: 20_000_000 })).toMatchObject({ err: { rc: 30 } });
  await unit.upload({ ...FIRST, sha: new Uint8Array(32) });
  await unit.upload(piece(500));
  expect(await unit.upload(piece(1_000))).toMatchObject({ err: { rc: 24 }, rsn: expect.stringMatching(/^damaged/) });
  expect((await unit.ask(STATE)).images).toHaveLength(1);
});

test.each([
  ["no hash", { off: 0, len: 5, data: new Uint8Array(5) }],
  ["a short hash", { off: 0, len: 5, sha: new Uint8Array(31), data: new Uint8Array(5) }],
  ["another image", { ...FIRST, image: 1 }],
  ["a negative place", { ...FIRST, off: -1 }],
  ["text for data", { ...FIRST, data: "x" }],
])("an upload with %s is refused before anything is written", async (_, body) => {
  await using folder = await makeTempFolder();
  const unit = new SmpUnit(folder.path);
  expect(await unit.upload(body)).toMatchObject({ rc: 3 });
  expect(unit.firmware.written).toBe(0);
});

test("a slot is set for trial by its hash; the unit alone confirms what it runs", async () => {
  await using folder = await makeTempFolder();
  const unit = new SmpUnit(folder.path);
  for (const body of [FIRST, piece(500), piece(1_000)]) await unit.upload(body);
  const write = (body: Record<string, unknown>) => unit.ask({ ...STATE, op: "write", body });
  expect(await write({ hash: new Uint8Array(32) })).toMatchObject({ err: { group: 1, rc: 8 } });
  expect(await write({ confirm: false })).toMatchObject({ err: { rc: 8 } });
  expect(await write({ hash: sha, confirm: true })).toMatchObject({
    images: [{}, { pending: true, confirmed: false }],
  });
  expect(await write({ confirm: true })).toHaveProperty("images");
  Object.assign(unit.firmware.running, { confirmed: false });
  expect(await write({ confirm: true })).toMatchObject({ err: { rc: 32 } });
});

test("erasing forgets what was sent, and only the slot that is not running can be erased", async () => {
  await using folder = await makeTempFolder();
  const unit = new SmpUnit(folder.path);
  await unit.upload(FIRST);
  const erase = { group: GROUP.image, id: 5, op: "write" } as const;
  expect(await unit.ask({ ...erase, body: { slot: 0 } })).toMatchObject({ rc: 3 });
  expect(await unit.ask({ ...erase, body: { slot: 1 } })).toEqual({});
  expect(await unit.upload(piece(500))).toEqual({ off: 0 });
  expect(await unit.upload(FIRST)).toEqual({ off: 500 });
});
