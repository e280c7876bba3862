import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { verifyCertificate } from "#device/keys/certificate.ts";
import { type Keystore, openKeystore } from "#device/keys/keystore.ts";
import { verifyToken } from "#device/keys/token.ts";
import { open, seal } from "#device/wire/envelope.ts";
import { makeTempFolder } from "../../house/temp-folder.ts";

const NOW_MS = Date.UTC(2026, 10, 23, 12);

async function made(folder: string): Promise<Keystore> {
  const result = await openKeystore({ folder, nowMs: NOW_MS });
  if (!result.ok) throw new Error(result.message);
  return result.keystore;
}

test("the first start makes everything, for the owner's eyes only; the next finds the same", async () => {
  await using temp = await makeTempFolder();
  const folder = join(temp.path, "keys");
  const first = await openKeystore({ folder, nowMs: NOW_MS });
  expect(first).toMatchObject({ ok: true, made: true });
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect(await readdir(folder)).toEqual(["keys"]);
  expect((await stat(join(folder, "keys"))).mode & 0o777).toBe(0o600);
  const second = await openKeystore({ folder, nowMs: NOW_MS });
  if (!first.ok || !second.ok) throw new Error("not opened");
  expect(second.made).toBe(false);
  expect(second.keystore.account).toBe(first.keystore.account);
  expect(second.keystore.unit).toBe(first.keystore.unit);
  expect(second.keystore.certificate).toEqual(first.keystore.certificate);
  expect(second.keystore.databaseKey()).toEqual(first.keystore.databaseKey());
  expect(first.keystore.databaseKey()).toHaveLength(32);
});

test("a unit seals alike at every start, one kind apart from another, and no other unit seals so", async () => {
  await using temp = await makeTempFolder();
  const folder = join(temp.path, "keys");
  const [first, again] = [await made(folder), await made(folder)];
  const other = await made(join(temp.path, "other"));
  expect(first.seal("number", "+442079460018")).toMatch(/^[\w-]{43}$/);
  expect(again.seal("number", "+442079460018")).toBe(first.seal("number", "+442079460018"));
  expect(first.seal("name", "+442079460018")).not.toBe(first.seal("number", "+442079460018"));
  expect(other.seal("number", "+442079460018")).not.toBe(first.seal("number", "+442079460018"));
  expect(`${inspect(first)} ${JSON.stringify(first)} ${String(first.seal)}`).not.toContain(
    first.databaseKey().toString("hex"),
  );
});

test("the keys fit together: the certificate holds, what is sealed opens, what is signed is valid, a token shows the unit", async () => {
  await using temp = await makeTempFolder();
  const [ana, ben] = [await made(join(temp.path, "ana")), await made(join(temp.path, "ben"))];
  const certified = verifyCertificate(ben.certificate, NOW_MS);
  if (!certified.ok) throw new Error(certified.reason);
  expect(certified.certificate).toMatchObject({ account: ben.account, unit: ben.unit, seq: 1 });
  const message = { kind: "call.end" as const, body: { offer: "00".repeat(16) } };
  const sealed = await seal({ sender: ana, to: certified.certificate, message, nowMs: NOW_MS });
  const opened = await open(sealed.bytes, {
    agreementKey: ben.agreementKey,
    nowMs: NOW_MS,
    highestSeq: () => undefined,
  });
  expect(opened).toMatchObject({ ok: true, envelope: { from: ana.account, signature: "valid" } });
  expect(await verifyToken(await ana.mintToken("hub", NOW_MS), "hub", NOW_MS)).toMatchObject({ ok: true });
});

test("a unit first started with its clock in 1970 still has years to go", async () => {
  await using temp = await makeTempFolder();
  const result = await openKeystore({ folder: join(temp.path, "keys"), nowMs: 0 });
  if (!result.ok) throw new Error(result.message);
  expect(verifyCertificate(result.keystore.certificate, Date.UTC(2035, 0, 1)).ok).toBe(true);
});

test("a folder or file that others may read is refused", async () => {
  await using temp = await makeTempFolder();
  const folder = join(temp.path, "keys");
  await made(folder);
  await chmod(folder, 0o755);
  expect(await openKeystore({ folder, nowMs: NOW_MS })).toMatchObject({ ok: false, code: "keystore-exposed" });
  await chmod(folder, 0o700);
  for (const mode of [0o640, 0o604, 0o644]) {
    await chmod(join(folder, "keys"), mode);
    expect(await openKeystore({ folder, nowMs: NOW_MS })).toMatchObject({ ok: false, code: "keystore-exposed" });
  }
  await chmod(join(folder, "keys"), 0o600);
  expect(await openKeystore({ folder, nowMs: NOW_MS })).toMatchObject({ ok: true });
});

test("a symbolic link in place of the keys is refused", async () => {
  await using temp = await makeTempFolder();
  await made(join(temp.path, "real"));
  const folder = join(temp.path, "keys");
  await mkdir(folder, { mode: 0o700 });
  await symlink(join(temp.path, "real", "keys"), join(folder, "keys"));
  expect(await openKeystore({ folder, nowMs: NOW_MS })).toMatchObject({
    ok: false,
    code: "keystore-exposed",
    message: expect.stringContaining("symbolic link"),
  });
});

test("a damaged file is refused and left as it is", async () => {
  await using temp = await makeTempFolder();
  const folder = join(temp.path, "keys");
  await made(folder);
  const path = join(folder, "keys");
  const bytes = await readFile(path);
  const flipped = Array.from({ length: Math.floor(bytes.length / 20) }, (_, index) => {
    const copy = Buffer.from(bytes);
    copy[index * 20] = (copy[index * 20] ?? 0) ^ 1;
    return copy;
  });
  for (const damaged of [
    ...flipped,
    bytes.subarray(0, -1),
    Buffer.alloc(0),
    Buffer.alloc(100_000),
    Buffer.from("keys"),
  ]) {
    await writeFile(path, damaged);
    expect(await openKeystore({ folder, nowMs: NOW_MS })).toMatchObject({ ok: false, code: "keystore-damaged" });
    expect(await readFile(path)).toEqual(damaged);
  }
});

test("what a power cut left behind of a first start does not matter", async () => {
  await using temp = await makeTempFolder();
  const folder = join(temp.path, "keys");
  await mkdir(folder, { mode: 0o700 });
  await writeFile(join(folder, "keys.new"), "half of it", { mode: 0o644 });
  await made(folder);
  expect((await stat(join(folder, "keys"))).mode & 0o777).toBe(0o600);
});

test("no way of printing a keystore shows a secret", async () => {
  await using temp = await makeTempFolder();
  const keystore = await made(join(temp.path, "keys"));
  const secret = keystore.databaseKey();
  const printed = [
    inspect(keystore, { depth: 9, showHidden: true }),
    JSON.stringify({ keystore }),
    inspect({ keystore }),
    Object.values(keystore).map(String).join(),
  ];
  for (const text of printed) {
    expect(text).not.toContain(secret.toString("hex"));
    expect(text).not.toContain([...secret].join(","));
    expect(text).not.toMatch(/PRIVATE|privateKey|"d":/);
  }
  expect(inspect(keystore)).toBe("[keystore]");
  expect(inspect(keystore.agreementKey)).not.toContain("d:");
});
