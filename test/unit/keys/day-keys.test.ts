import { expect, test } from "vitest";
import { Batch, type SignedKey, signedPartOf, verifyDayKey } from "#device/keys/day-keys.ts";
import { signBytes } from "#device/keys/signing.ts";
import { encodeCbor, parseCbor } from "#device/wire/cbor.ts";
import { fixedBatch, TODAY } from "../../house/day-keys.ts";
import { fixedUnit } from "../../house/fixed-keys.ts";

const [ben, mallory] = [fixedUnit("ben"), fixedUnit("mallory")];
const batch = await fixedBatch(ben);
const [first] = batch.signed;
if (!first) throw new Error("no keys");

/** Ben's own signature on a key of these bytes. */
function signedKey(key: Uint8Array<ArrayBuffer>): SignedKey {
  const part = signedPartOf({ ...batch.key(0), key });
  return {
    id: first?.id ?? new Uint8Array(16),
    kind: "one-time",
    key,
    sig: new Uint8Array(signBytes("porter/1 day key", part, ben.signingKey)),
  };
}

test("a key holds for the account, unit, day, id and kind that it was signed for, and for no other", () => {
  const { certificate } = ben;
  expect(verifyDayKey(first, certificate, TODAY)).toMatchObject({ account: certificate.account, kind: "one-time" });
  const wrong: [string, ReturnType<typeof verifyDayKey>][] = [
    ["account", verifyDayKey(first, { ...certificate, account: mallory.certificate.account }, TODAY)],
    ["unit", verifyDayKey(first, { ...certificate, unit: mallory.certificate.unit }, TODAY)],
    ["signer", verifyDayKey(first, { ...certificate, ed25519: mallory.certificate.ed25519 }, TODAY)],
    ["past", verifyDayKey(first, certificate, TODAY - 1)],
    ["future", verifyDayKey(first, certificate, TODAY + 1)],
    ["id", verifyDayKey({ ...first, id: new Uint8Array(16) }, certificate, TODAY)],
    ["kind", verifyDayKey({ ...first, kind: "fallback" }, certificate, TODAY)],
    ["key", verifyDayKey({ ...first, key: batch.signed[1]?.key ?? first.key }, certificate, TODAY)],
    ["signature", verifyDayKey({ ...first, sig: new Uint8Array(64) }, certificate, TODAY)],
  ];
  expect(wrong.filter(([, key]) => key !== null)).toEqual([]);
});

test("a key that is broken in either half is refused, whoever signed it", () => {
  const broken: [string, (key: Uint8Array) => void][] = [
    ["all zero", (key) => key.fill(0)],
    ["a lattice half of zeros", (key) => key.fill(0, 0, 1_184)],
    ["a coefficient of q", (key) => key.set([0x01, 0x0d], 0)],
    ["a last coefficient of 4095", (key) => key.set([0xf0, 0xff], 1_150)],
    ["the point 0", (key) => key.fill(0, 1_184)],
    ["the point 1", (key) => key.fill(0, 1_184).fill(1, 1_184, 1_185)],
    ["the point p - 1", (key) => key.fill(0xff, 1_184).fill(0xec, 1_184, 1_185).fill(0x7f, 1_215)],
    ["the point 0 with its top bit set", (key) => key.fill(0, 1_184).fill(0x80, 1_215)],
  ];
  expect(verifyDayKey(signedKey(first.key.slice()), ben.certificate, TODAY)).not.toBeNull();
  for (const [what, spoil] of broken) {
    const key = first.key.slice();
    spoil(key);
    expect(verifyDayKey(signedKey(key), ben.certificate, TODAY), what).toBeNull();
  }
});

test("a batch is twelve one-time keys and a fallback, no id twice", () => {
  const parse = (keys: readonly object[]) => parseCbor(Batch, encodeCbor({ v: 1, keys }));
  const { signed } = batch;
  expect(parse(signed)?.keys.map(({ kind }) => kind)).toEqual([...Array(12).fill("one-time"), "fallback"]);
  expect(parse(signed.slice(1))).toBeNull();
  expect(parse(signed.toReversed())).toBeNull();
  expect(parse([...signed.slice(0, 12), ...signed.slice(0, 1)])).toBeNull();
  expect(parse([first, first, ...signed.slice(2)])).toBeNull();
  expect(parse([{ ...first, key: first.key.subarray(1) }, ...signed.slice(1)])).toBeNull();
});
