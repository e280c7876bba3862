import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { signBytes } from "#device/keys/signing.ts";
import { encodeCbor } from "#device/wire/cbor.ts";
import {
  isFresh,
  newEnvelopeId,
  type OpenContext,
  open,
  type Sealed,
  type Sealer,
  seal,
} from "#device/wire/envelope.ts";
import { MAX_ENVELOPE_BYTES } from "#device/wire/frame.ts";
import { fixedUnit } from "../../house/fixed-keys.ts";

const NOW_MS = Date.UTC(2026, 10, 23, 12);
const ana = fixedUnit("ana");
const ben = fixedUnit("ben");
const mallory = fixedUnit("mallory");
const offer = {
  kind: "call.offer" as const,
  body: { sdp: "v=0\r\n", fingerprint: Array.from({ length: 32 }, () => "0F").join(":") },
};

let sealed: Sealed;
beforeAll(async () => {
  sealed = await seal({ sender: ana.sealer, to: ben.certificate, message: offer, nowMs: NOW_MS });
});

function context(fields: Partial<OpenContext> = {}): OpenContext {
  return { agreementKey: ben.agreementKey, nowMs: NOW_MS, highestSeq: () => undefined, ...fields };
}

/** Seals what `seal` would never make: signed bytes of one's own choosing, by whatever certificate and key. */
async function sealRaw(signed: unknown, sender: Sealer = ana.sealer): Promise<Uint8Array> {
  const forged: Sealer = { ...sender, signEnvelope: () => sender.signEnvelope(encodeCbor(signed)) };
  const { bytes } = await seal({ sender: forged, to: ben.certificate, message: offer, nowMs: NOW_MS });
  return bytes;
}

test("what is sealed to a unit opens there, and says who signed it, when, and what", async () => {
  const opened = await open(sealed.bytes, context());
  expect(opened).toEqual({
    ok: true,
    envelope: {
      id: sealed.id,
      from: ana.certificate.account,
      to: ben.certificate.account,
      atMs: NOW_MS,
      expiresMs: NOW_MS + 60_000,
      hash: sealed.hash,
      signature: "valid",
      certSeq: 1,
      unitKey: Buffer.from(ana.certificate.ed25519).toString("hex"),
      message: offer,
    },
  });
});

test("no other unit can open it", async () => {
  const opened = await open(sealed.bytes, context({ agreementKey: mallory.agreementKey }));
  expect(opened).toEqual({ ok: false, reason: "cannot be opened" });
});

test("one changed bit anywhere and it does not open", async () => {
  for (let at = 0; at < sealed.bytes.length; at += 7) {
    const tampered = sealed.bytes.slice();
    tampered[at] = (tampered[at] ?? 0) ^ 1;
    expect((await open(tampered, context())).ok).toBe(false);
  }
});

test("bytes that are no envelope are refused by name, whatever they are", async () => {
  expect(await open(new Uint8Array(300 * 1_024), context())).toEqual({ ok: false, reason: "too long" });
  expect(await open(new Uint8Array(MAX_ENVELOPE_BYTES).fill(0x81), context())).toEqual({
    ok: false,
    reason: "not an envelope",
  });
  expect(await open(new Uint8Array(), context())).toEqual({ ok: false, reason: "not an envelope" });
  expect(await open(encodeCbor({ v: 2, enc: new Uint8Array(32), ct: new Uint8Array(99) }), context())).toMatchObject({
    ok: false,
  });
  expect(await open(encodeCbor({ v: 1, enc: new Uint8Array(32), ct: new Uint8Array(0) }), context())).toMatchObject({
    ok: false,
  });
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => !(await open(bytes, context())).ok),
    { numRuns: 300 },
  );
});

test("an envelope addressed to another still opens and names the other, so that the gate can turn it away", async () => {
  const misaddressed = { ...ben.certificate, account: mallory.certificate.account };
  const { bytes } = await seal({ sender: ana.sealer, to: misaddressed, message: offer, nowMs: NOW_MS });
  const opened = await open(bytes, context());
  expect(opened).toMatchObject({ ok: true, envelope: { to: mallory.certificate.account, signature: "valid" } });
});

test("a signature by another key, or by nobody, is invalid", async () => {
  const wrongKey: Sealer = { ...ana.sealer, signEnvelope: (signed) => mallory.sealer.signEnvelope(signed) };
  const none: Sealer = { ...ana.sealer, signEnvelope: () => new Uint8Array(64) };
  for (const sender of [wrongKey, none]) {
    const { bytes } = await seal({ sender, to: ben.certificate, message: offer, nowMs: NOW_MS });
    expect(await open(bytes, context())).toMatchObject({ ok: true, envelope: { signature: "invalid" } });
  }
});

test("a signature for another purpose is invalid", async () => {
  const sender: Sealer = {
    ...ana.sealer,
    signEnvelope: (signed) => signBytes("porter/1 certificate", signed, ana.signingKey),
  };
  const { bytes } = await seal({ sender, to: ben.certificate, message: offer, nowMs: NOW_MS });
  expect(await open(bytes, context())).toMatchObject({ ok: true, envelope: { signature: "invalid" } });
});

test("nobody can sign as another account with a certificate of their own", async () => {
  const impostor: Sealer = { ...mallory.sealer, account: ana.sealer.account };
  const { bytes } = await seal({ sender: impostor, to: ben.certificate, message: offer, nowMs: NOW_MS });
  expect(await open(bytes, context())).toMatchObject({
    ok: true,
    envelope: { from: ana.certificate.account, signature: "invalid" },
  });
});

test("a certificate that has run out, or is older than one seen before, makes the signature invalid", async () => {
  const expired = fixedUnit("ana", { notAfterMs: NOW_MS });
  const late = await seal({ sender: expired.sealer, to: ben.certificate, message: offer, nowMs: NOW_MS });
  expect(await open(late.bytes, context())).toMatchObject({ ok: true, envelope: { signature: "invalid" } });
  const highestSeq = (account: string) => (account === ana.certificate.account ? 2 : undefined);
  expect(await open(sealed.bytes, context({ highestSeq }))).toMatchObject({
    ok: true,
    envelope: { signature: "invalid" },
  });
  const newer = fixedUnit("ana", { seq: 2 });
  const fine = await seal({ sender: newer.sealer, to: ben.certificate, message: offer, nowMs: NOW_MS });
  expect(await open(fine.bytes, context({ highestSeq }))).toMatchObject({
    ok: true,
    envelope: { signature: "valid", certSeq: 2 },
  });
});

test("nothing may live longer than its kind, or end before it began", async () => {
  const { expiresMs } = await seal({
    sender: ana.sealer,
    to: ben.certificate,
    message: offer,
    nowMs: NOW_MS,
    lifetimeMs: 1e9,
  });
  expect(expiresMs).toBe(NOW_MS + 60_000);
  for (const lifetimeMs of [0, -1]) {
    const { bytes } = await seal({
      sender: ana.sealer,
      to: ben.certificate,
      message: offer,
      nowMs: NOW_MS,
      lifetimeMs,
    });
    expect(await open(bytes, context())).toEqual({ ok: false, reason: "bad times" });
  }
});

test("an envelope is fresh until it expires, and not if it comes from the future", () => {
  const times = { atMs: NOW_MS, expiresMs: NOW_MS + 60_000 };
  expect(isFresh(times, NOW_MS)).toBe(true);
  expect(isFresh(times, NOW_MS + 59_999)).toBe(true);
  expect(isFresh(times, NOW_MS + 60_000)).toBe(false);
  expect(isFresh(times, NOW_MS - 5 * 60_000)).toBe(true);
  expect(isFresh(times, NOW_MS - 5 * 60_000 - 1)).toBe(false);
});

test("the same envelope twice has the same id, key and hash, so that the second can be told", async () => {
  const [first, second] = await Promise.all([open(sealed.bytes, context()), open(sealed.bytes, context())]);
  expect(first).toEqual(second);
  const resealed = await seal({
    sender: ana.sealer,
    to: ben.certificate,
    message: offer,
    nowMs: NOW_MS,
    id: sealed.id,
  });
  expect(resealed.bytes).not.toEqual(sealed.bytes);
  const third = await open(resealed.bytes, context());
  if (!first.ok || !third.ok) throw new Error("not opened");
  expect([third.envelope.id, third.envelope.unitKey]).toEqual([first.envelope.id, first.envelope.unitKey]);
});

test("ids are 128 random bits", () => {
  const ids = new Set(Array.from({ length: 1_000 }, newEnvelopeId));
  expect(ids.size).toBe(1_000);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
});

test("signing over other bytes than those sent is invalid", async () => {
  const bytes = await sealRaw({ v: 1, kind: "call.end" });
  expect(await open(bytes, context())).toMatchObject({ ok: true, envelope: { signature: "invalid" } });
});
