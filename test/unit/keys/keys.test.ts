import fc from "fast-check";
import { expect, test } from "vitest";
import { accountIdOf, isAccountId, isUnitId, newUnitId, parseAccountId } from "#device/keys/account.ts";
import { fromBase32, toBase32 } from "#device/keys/base32.ts";
import { issueCertificate, verifyCertificate } from "#device/keys/certificate.ts";
import { mintToken, verifyToken } from "#device/keys/token.ts";
import { encodeCbor } from "#device/wire/cbor.ts";
import { fixedUnit } from "../../house/fixed-keys.ts";

const NOW_MS = Date.UTC(2026, 10, 23, 12);
const ana = fixedUnit("ana");
const mallory = fixedUnit("mallory");

test("base32 is that of RFC 4648 in lower case, and comes back as it was", () => {
  const known = [
    ["", ""],
    ["f", "my"],
    ["fo", "mzxq"],
    ["foo", "mzxw6"],
    ["foob", "mzxw6yq"],
    ["fooba", "mzxw6ytb"],
    ["foobar", "mzxw6ytboi"],
  ];
  for (const [text = "", base32 = ""] of known) {
    expect(toBase32(Buffer.from(text))).toBe(base32);
    expect(fromBase32(base32)).toEqual(new Uint8Array(Buffer.from(text)));
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect(fromBase32(toBase32(bytes))).toEqual(bytes);
    }),
  );
});

test("an account id has one writing", () => {
  const id = accountIdOf(new Uint8Array(32).fill(255));
  expect(id).toHaveLength(52);
  expect(parseAccountId(id)).toEqual(new Uint8Array(32).fill(255));
  for (const other of [
    id.toUpperCase(),
    `${id}a`,
    id.slice(1),
    `${id.slice(0, -1)}7`,
    `${id.slice(0, -1)}1`,
    "",
    7,
    null,
    {},
  ]) {
    expect(isAccountId(other)).toBe(false);
  }
  expect(isUnitId(newUnitId())).toBe(true);
  expect(isUnitId("kitchen")).toBe(false);
});

test("a certificate says what its account signed, until it runs out", () => {
  expect(verifyCertificate(ana.sealer.certificate, NOW_MS)).toEqual({ ok: true, certificate: ana.certificate });
  const { notAfterMs } = ana.certificate;
  expect(verifyCertificate(ana.sealer.certificate, notAfterMs - 1).ok).toBe(true);
  expect(verifyCertificate(ana.sealer.certificate, notAfterMs)).toEqual({ ok: false, reason: "expired" });
});

test("a certificate with one bit changed is malformed or forged", () => {
  for (let at = 0; at < ana.sealer.certificate.length; at += 1) {
    const tampered = ana.sealer.certificate.slice();
    tampered[at] = (tampered[at] ?? 0) ^ 1;
    expect(verifyCertificate(tampered, NOW_MS).ok).toBe(false);
  }
});

test("nobody certifies a unit for another's account, and no bytes make the check throw", () => {
  const { unit, seq, ed25519, x25519, notAfterMs } = mallory.certificate;
  const own = issueCertificate(mallory.accountKey, { unit, seq, ed25519, x25519, notAfterMs });
  expect(verifyCertificate(own, NOW_MS).ok).toBe(true);
  const cert = encodeCbor({ v: 1, account: ana.certificate.account, unit, seq, ed25519, x25519, notAfter: notAfterMs });
  const forged = encodeCbor({ cert, sig: new Uint8Array(64) });
  expect(verifyCertificate(forged, NOW_MS)).toEqual({ ok: false, reason: "forged" });
  for (const bytes of [new Uint8Array(), new Uint8Array(2_000), encodeCbor({ cert: 1, sig: 2 }), encodeCbor([])]) {
    expect(verifyCertificate(bytes, NOW_MS)).toEqual({ ok: false, reason: "malformed" });
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => !verifyCertificate(bytes, NOW_MS).ok));
});

test("a token shows one hub who a unit is, for two minutes", async () => {
  const token = await mintToken(ana.signingKey, ana.sealer.certificate, "hub", NOW_MS);
  expect(await verifyToken(token, "hub", NOW_MS)).toMatchObject({ ok: true, certificate: ana.certificate });
  expect(await verifyToken(token, "hub", NOW_MS + 119_000)).toMatchObject({ ok: true });
  expect(await verifyToken(token, "hub", NOW_MS - 59_000)).toMatchObject({ ok: true });
  expect(await verifyToken(token, "other", NOW_MS)).toEqual({ ok: false, reason: "bad token" });
  expect(await verifyToken(token, "hub", NOW_MS + 200_000)).toEqual({ ok: false, reason: "bad token" });
  expect(await verifyToken(token, "hub", NOW_MS - 120_000)).toEqual({ ok: false, reason: "bad token" });
});

test("a token by another key, without a signature, or with another's certificate shows nothing", async () => {
  const wrongKey = await mintToken(mallory.signingKey, ana.sealer.certificate, "hub", NOW_MS);
  expect(await verifyToken(wrongKey, "hub", NOW_MS)).toEqual({ ok: false, reason: "bad token" });
  const good = await mintToken(ana.signingKey, ana.sealer.certificate, "hub", NOW_MS);
  const [, claims = ""] = good.split(".");
  const none = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
  for (const token of [`${none}.${claims}.`, "", "a.b.c", "x".repeat(10_000), good.slice(0, -4)]) {
    expect((await verifyToken(token, "hub", NOW_MS)).ok).toBe(false);
  }
  const noCertificate = await mintToken(ana.signingKey, new Uint8Array([1]), "hub", NOW_MS);
  expect(await verifyToken(noCertificate, "hub", NOW_MS)).toEqual({ ok: false, reason: "bad certificate" });
});
