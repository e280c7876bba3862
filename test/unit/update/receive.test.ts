import { expect, test, vi } from "vitest";
import { install } from "#device/update/install.ts";
import { sha256Of } from "#device/update/manifest.ts";
import { BundleReceiver } from "#device/update/receive.ts";
import { Slots } from "#device/update/slots.ts";
import { forgeBundle, keyList, makeBundle, ROOT, tinyTree } from "#test/house/bundle.ts";
import { CutDisk } from "#test/house/cut-disk.ts";

// Many bundles, processes or databases each, which takes a busy machine its time.
vi.setConfig({ testTimeout: 60_000 });

const FOLDER = "/firmware";
const old = await makeBundle();
/** Three synced pieces and a little more: noise does not compress. */
const noise = Buffer.concat(
  Array.from({ length: 100_000 }, (_, at) => Buffer.from(sha256Of(Buffer.of(at, at >> 8, at >> 16)), "hex")),
);
const next = await makeBundle({
  files: { ...tinyTree("new"), "app/noise": noise },
  about: { counter: 6, version: "1.1.0" },
});

async function unit() {
  const disk = new CutDisk();
  disk.makeFolder(`${FOLDER}/incoming`);
  const trust = { format: 1, root: ROOT, board: "sim", development: false };
  disk.writeAt(`${FOLDER}/trust.json`, 0, Buffer.from(JSON.stringify(trust)));
  disk.writeAt(`${FOLDER}/incoming/bundle`, 0, old);
  await install(disk, FOLDER, true);
  const settled = disk.copy();
  return { disk: settled, slots: new Slots(settled, FOLDER), ...receiverOn(settled) };
}

function receiverOn(disk: CutDisk) {
  const receiver = new BundleReceiver({ disk, root: FOLDER, install: () => install(disk, FOLDER) });
  const announce = (bytes: Uint8Array) => receiver.open(bytes.length, sha256Of(bytes));
  const send = (bytes: Uint8Array, from = 0, to = bytes.length) => receiver.write(from, bytes.subarray(from, to));
  return { receiver, announce, send };
}

test("a bundle that came in pieces lies in the other slot, is tried when asked for, and not before", async () => {
  const { receiver, announce, send, slots } = await unit();
  expect(announce(next)).toEqual({ ok: true, offset: 0 });
  for (let at = 0; at < next.length; at += 65_536) expect(send(next, at, at + 65_536).ok).toBe(true);
  expect(await receiver.finish()).toEqual({ ok: true, slot: "b", version: "1.1.0", counter: 6 });
  expect(slots.chooseStart()).toMatchObject({ slot: "a", trial: false });
  expect(receiver.activate()).toEqual({ ok: true });
  expect(slots.chooseStart()).toMatchObject({ slot: "b", trial: true });
});

test("a bundle goes on from where it was, on the same line, after a power cut, and from a wrong offset", async () => {
  const { disk, receiver, announce, send } = await unit();
  announce(next);
  send(next, 0, 2_500_000);
  expect(receiver.write(1_000_000, next.subarray(1_000_000, 1_000_100))).toEqual({ ok: true, offset: 2_500_000 });
  expect(receiver.write(2_600_000, next.subarray(0, 100))).toEqual({ ok: true, offset: 2_500_000 });
  disk.restart("synced-only", () => false);
  const after = receiverOn(disk);
  expect(after.announce(next)).toEqual({ ok: true, offset: 1_048_576 });
  expect(after.send(next, 1_048_576)).toEqual({ ok: true, offset: next.length });
  expect(await after.receiver.finish()).toMatchObject({ ok: true, slot: "b" });
});

test("another bundle begins anew, and nothing of the one before is left", async () => {
  const { disk, announce, send } = await unit();
  announce(next);
  send(next, 0, 2_500_000);
  expect(announce(old)).toEqual({ ok: true, offset: 0 });
  expect(disk.sizeOf(`${FOLDER}/incoming/bundle`)).toBe(0);
});

test("a bundle that is refused is refused as soon as its head is there, and nothing of it stays", async () => {
  const { disk, announce, send, receiver } = await unit();
  const older = await makeBundle({ about: { counter: 4 } });
  announce(older);
  expect(send(older, 0, older.length - 1_100)).toMatchObject({ ok: false, reason: "older-counter" });
  expect(disk.list(`${FOLDER}/incoming`)).toEqual([]);
  expect(receiver.write(0, older)).toMatchObject({ ok: false, reason: "not-open" });
  announce(next);
  expect(receiver.write(0, Buffer.alloc(2_048, 7))).toMatchObject({ ok: false, reason: "not-a-bundle" });
});

test("what is longer or shorter than announced, or too long at all, is refused", async () => {
  const { receiver, send, announce } = await unit();
  expect(receiver.open(2 ** 40, sha256Of(next))).toMatchObject({ reason: "too-large" });
  expect(receiver.open(-1, sha256Of(next))).toMatchObject({ reason: "malformed" });
  expect(receiver.open(next.length, "no hash")).toMatchObject({ reason: "malformed" });
  receiver.open(next.length - 1, sha256Of(next));
  expect(send(next, 0, 10_000)).toMatchObject({ reason: "damaged" });
  receiver.open(1_000, sha256Of(next));
  expect(receiver.write(0, next.subarray(0, 1_001))).toMatchObject({ reason: "damaged" });
  announce(next);
  send(next, 0, 1_000_000);
  expect(await receiver.finish()).toMatchObject({ reason: "not-open" });
});

test("a payload that was altered on the way leaves the other slot as it was", async () => {
  const { announce, send, receiver, slots } = await unit();
  const altered = Buffer.from(next);
  altered[next.length - 5_000] = (altered[next.length - 5_000] ?? 0) ^ 4;
  announce(altered);
  send(altered);
  expect(await receiver.finish()).toMatchObject({ ok: false, reason: "damaged" });
  expect(slots.state()?.slots.b).toBeNull();
  expect(receiver.activate()).toMatchObject({ ok: false });
});

test("files that lie, though signed, are never activated", async () => {
  const { announce, send, receiver, slots } = await unit();
  const lying = forgeBundle(next, (manifest) => {
    const [file] = (manifest.files as { sha256: string }[]).slice(-2);
    if (file) file.sha256 = "0".repeat(64);
  });
  announce(lying);
  send(lying);
  expect(await receiver.finish()).toMatchObject({ ok: false, reason: "damaged" });
  expect(slots.state()).toMatchObject({ confirmed: "a", slots: { b: null } });
});

test("a full disk is told of before the bundle is sent, and one that fails later leaves what runs alone", async () => {
  const { disk, announce, send } = await unit();
  disk.free = 10_000_000;
  announce(next);
  expect(send(next, 0, 100_000)).toMatchObject({ reason: "no-room" });
  disk.free = 1e9;
  announce(next);
  disk.cutAt = disk.changes + 1;
  expect(send(next, 0, 100_000)).toMatchObject({ reason: "disk" });
});

test("nothing is taken while firmware is on trial: the slot to go back to is never written", async () => {
  const { receiver, announce, send, slots, disk } = await unit();
  announce(next);
  send(next);
  await receiver.finish();
  receiver.activate();
  expect(announce(old)).toMatchObject({ reason: "busy" });
  disk.makeFolder(`${FOLDER}/incoming`);
  disk.writeAt(`${FOLDER}/incoming/bundle`, 0, next);
  expect(await install(disk, FOLDER)).toMatchObject({ reason: "busy" });
  expect(slots.state()).toMatchObject({ confirmed: "a", trial: { slot: "b", triesLeft: 3 } });
});

test("once a counter is confirmed, older bundles stay out; once a list is met, so do the keys that it revokes", async () => {
  const { receiver, announce, send, slots } = await unit();
  const rotated = await makeBundle({
    about: { counter: 6 },
    by: "second",
    keys: keyList(2, { second: "release", release: "revoked" }),
  });
  announce(rotated);
  send(rotated);
  await receiver.finish();
  receiver.activate();
  slots.chooseStart();
  expect(slots.confirm("b")).toBe(true);
  // The firmware before it still lies in the other slot, whole.
  expect(slots.state()?.slots.a).toMatchObject({ counter: 5 });
  expect(receiver.activate()).toMatchObject({ ok: false });
  announce(next);
  expect(send(next, 0, 100_000)).toMatchObject({ reason: "revoked-key" });
  announce(old);
  expect(send(old)).toMatchObject({ reason: "revoked-key" });
  const back = await makeBundle({ by: "second", keys: keyList(1, { second: "release" }) });
  announce(back);
  expect(send(back)).toMatchObject({ reason: "older-counter" });
});

test("a state that is lost or damaged is read off the link and the slot, so that the unit starts", async () => {
  const { disk, slots } = await unit();
  for (const damaged of ["", "{", '{"format":2}']) {
    disk.remove(`${FOLDER}/boot.json`);
    disk.writeAt(`${FOLDER}/boot.json`, 0, Buffer.from(damaged));
    expect(slots.chooseStart()).toMatchObject({ slot: "a", trial: false });
    expect(slots.state()).toMatchObject({ confirmed: "a", counter: 5 });
  }
});

test("a disk that takes no writing starts the confirmed firmware, since no try can be counted", async () => {
  const { disk, receiver, announce, send, slots } = await unit();
  announce(next);
  send(next);
  await receiver.finish();
  receiver.activate();
  const readOnly = new Slots(Object.assign(disk.copy(), { rename: () => expect.unreachable("EROFS") }), FOLDER);
  expect(readOnly.chooseStart()).toEqual({ slot: "a", trial: false, next: null });
  expect(slots.chooseStart()).toMatchObject({ slot: "b", trial: true });
});
