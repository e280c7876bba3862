import fc from "fast-check";
import { expect, test } from "vitest";
import { hashOfKey } from "#device/keys/day-keys.ts";
import { encodeCbor } from "#device/wire/cbor.ts";
import { MAX_ENVELOPE_BYTES } from "#device/wire/frame.ts";
import { type LeftMessage, PART_BYTES } from "#device/wire/messages.ts";
import { isWhole, openParcel, type Parcel, sealMessage, voiceMessage } from "#device/wire/parcel.ts";
import { fixedBatch, NOW_MS, TODAY } from "../../house/day-keys.ts";
import { fixedUnit } from "../../house/fixed-keys.ts";
import { sealRaw } from "../../house/seal-raw.ts";

const [ana, ben, mallory] = [fixedUnit("ana"), fixedUnit("ben"), fixedUnit("mallory")];
const [ANA, BEN, MALLORY] = [ana, ben, mallory].map(({ certificate }) => certificate.account) as [
  string,
  string,
  string,
];
const batch = await fixedBatch(ben);
const text: LeftMessage = { kind: "message.text", body: { text: "Dinner is at seven." } };
const sound = new Uint8Array(2 * PART_BYTES + 5_000).map((_, index) => index % 251);
const voice = voiceMessage(sound, 100_000);
const DAY_MS = 86_400_000;

const sealed = await sealMessage({ sender: ana.sealer, key: batch.key(0), message: text, sound: null, nowMs: NOW_MS });
const [parcel = new Uint8Array()] = sealed.parcels;

async function opened(bytes: Uint8Array, changes: Parameters<typeof batch.context>[1] = {}): Promise<Parcel> {
  const result = await openParcel(bytes, batch.context(ANA, changes));
  if (!result.ok) throw new Error(result.reason);
  return result.parcel;
}

/** The reason for which it is refused; "" where it is not. */
async function refusal(bytes: Uint8Array, sender = ANA): Promise<string> {
  const result = await openParcel(bytes, batch.context(sender));
  return result.ok ? "" : result.reason;
}

test("a text comes open with who sent it, when, and by which key", async () => {
  const { envelope, keyId, part, data, origin } = await opened(parcel);
  expect(envelope).toMatchObject({ id: sealed.id, hash: sealed.hash, from: ANA, to: BEN, message: text });
  expect(envelope).toMatchObject({ signature: "valid", atMs: NOW_MS, expiresMs: NOW_MS + 30 * DAY_MS });
  expect({ keyId, part, data, origin }).toEqual({
    keyId: batch.key(0).id,
    part: 0,
    data: new Uint8Array(),
    origin: null,
  });
});

test("a voice message comes in parcels that open in any order, under one header, and each fits an envelope", async () => {
  const { parcels, hash } = await sealMessage({
    sender: ana.sealer,
    key: batch.key(12),
    message: voice,
    sound,
    nowMs: NOW_MS,
  });
  expect(parcels.map(({ length }) => length <= MAX_ENVELOPE_BYTES)).toEqual([true, true, true]);
  const parts = await Promise.all(parcels.toReversed().map((bytes) => opened(bytes)));
  expect(parts.map(({ envelope }) => envelope.hash)).toEqual([hash, hash, hash]);
  const whole = new Uint8Array(Buffer.concat(parts.toReversed().map(({ data }) => data)));
  expect(parts.map(({ part }) => part)).toEqual([2, 1, 0]);
  expect(isWhole(voice, whole)).toBe(true);
  whole[7] = 0xff;
  expect(isWhole(voice, whole)).toBe(false);
});

test("the hub cannot pass a parcel off as another's, nor lay it before another's key", async () => {
  expect(await refusal(parcel, MALLORY)).toBe("cannot be opened");
  const other = batch.secretOf(batch.key(1).id);
  for (const secret of [other, other && { ...other, seed: new Uint8Array(32) }]) {
    const result = await openParcel(parcel, batch.context(ANA, { secretOf: () => secret }));
    expect(result).toEqual({ ok: false, reason: "cannot be opened" });
  }
  const secret = batch.secretOf(batch.key(0).id);
  const moved = secret && { ...secret, account: MALLORY };
  expect(await openParcel(parcel, batch.context(ANA, { secretOf: () => moved }))).toMatchObject({ ok: false });
});

test("a key that was spent opens nothing", async () => {
  expect(await openParcel(parcel, batch.context(ANA, { secretOf: () => null }))).toEqual({
    ok: false,
    reason: "no such key",
  });
});

test("who opened a message cannot seal its header to a third as if it came from its author", async () => {
  const toMallory = await sealMessage({
    sender: ana.sealer,
    key: { ...(await fixedBatch(mallory)).key(0) },
    message: text,
    sound: null,
    nowMs: NOW_MS,
  });
  const got = await openParcel(toMallory.parcels[0] ?? new Uint8Array(), (await fixedBatch(mallory)).context(ANA));
  if (!got.ok) throw new Error(got.reason);
  const inner = { ...got.parcel.header, part: 0, data: new Uint8Array() };
  expect(await refusal(await sealRaw(inner, batch.key(0), ANA))).toBe("wrong key");
  // Even with the hub's help, and to the one to whom it was: another key of theirs, another sender.
  const kept = { ...(await opened(parcel)).header, part: 0, data: new Uint8Array() };
  expect(await refusal(await sealRaw(kept, batch.key(1), ANA))).toBe("wrong key");
  expect(await refusal(await sealRaw(kept, batch.key(0), MALLORY), MALLORY)).toBe("wrong sender");
  expect(await refusal(await sealRaw(kept, batch.key(0), ANA))).toBe(""); // the control: all as it was
});

test("a date that does not fit the key's day is refused, two days apart are not", async () => {
  for (const [days, reason] of [
    [0, ""],
    [2, ""],
    [-2, ""],
    [3, "bad times"],
    [-3, "bad times"],
  ] as const) {
    const nowMs = NOW_MS + days * DAY_MS;
    const { parcels } = await sealMessage({ sender: ana.sealer, key: batch.key(0), message: text, sound: null, nowMs });
    expect(await refusal(parcels[0] ?? new Uint8Array()), `${days} days`).toBe(reason);
  }
});

test("what is signed but false is refused by name", async () => {
  const base = {
    v: 2,
    from: ANA,
    to: BEN,
    id: "00".repeat(16),
    at: NOW_MS,
    expires: NOW_MS + DAY_MS,
    kind: "message.text",
    body: text.body,
    key: { id: new Uint8Array(Buffer.from(batch.key(0).id, "hex")), hash: hashOfKey(batch.key(0).key) },
  };
  const voiced = { kind: "message.voice", body: voice.body };
  const tries: [reason: string, header: object, beside?: object][] = [
    ["", {}],
    ["bad content", { v: 1 }],
    ["bad content", { extra: 1 }],
    ["bad message", { kind: "call.offer" }],
    ["bad message", { kind: "message.fax" }],
    ["bad message", { body: { text: "" } }],
    ["bad message", { body: { text: " \n " } }],
    ["bad message", { body: { text: "bell \u0007" } }],
    ["bad message", { body: { text: "x".repeat(2_001) } }],
    ["bad message", { kind: "message.voice", body: { ...voice.body, parts: 2 } }],
    ["bad message", { kind: "message.voice", body: { ...voice.body, durationMs: 120_001 } }],
    ["bad message", { kind: "message.voice", body: { ...voice.body, bytes: 4 * PART_BYTES + 1, parts: 5 } }],
    ["bad times", { expires: NOW_MS }],
    ["bad times", { expires: NOW_MS + 30 * DAY_MS + 1 }],
    ["wrong key", { key: { ...base.key, hash: new Uint8Array(32) } }],
    ["wrong key", { key: { ...base.key, id: new Uint8Array(16) } }],
    ["wrong sender", { from: MALLORY }],
    ["bad part", {}, { part: 1 }],
    ["bad part", {}, { data: new Uint8Array(1) }],
    ["bad part", voiced, { part: 3 }],
    ["bad part", voiced, { part: 2, data: sound.subarray(2 * PART_BYTES + 1) }],
    ["bad part", voiced, { part: 0, data: sound.subarray(0, PART_BYTES - 1) }],
    ["bad content", voiced, { part: -1 }],
    ["bad content", {}, { data: new Uint8Array(PART_BYTES + 1) }],
  ];
  for (const [reason, changes, beside] of tries) {
    const signed = encodeCbor({ ...base, ...changes });
    const inner = { signed, cert: ana.sealer.certificate, sig: ana.sealer.signEnvelope(signed) };
    const bytes = await sealRaw({ ...inner, part: 0, data: new Uint8Array(), ...beside }, batch.key(0), ANA);
    expect(await refusal(bytes), JSON.stringify([changes, beside]).slice(0, 200)).toBe(reason);
  }
});

test("a signature by another, or by a unit that was revoked, is invalid: the gate turns it away", async () => {
  const { signed, cert } = (await opened(parcel)).header;
  const forged = { signed, cert, sig: mallory.sealer.signEnvelope(signed), part: 0, data: new Uint8Array() };
  expect((await opened(await sealRaw(forged, batch.key(0), ANA))).envelope.signature).toBe("invalid");
  expect((await opened(parcel, { highestSeq: () => 2 })).envelope.signature).toBe("invalid");
});

test("what is forwarded names who spoke it first, where their signature on the very same words comes with it", async () => {
  const { header } = await opened(parcel);
  const forward = async (body: object) => {
    const message = { kind: "message.text", body: { ...text.body, ...body } } as LeftMessage;
    const by = { sender: mallory.sealer, key: batch.key(2), message, sound: null, nowMs: NOW_MS };
    const { parcels } = await sealMessage(by);
    const result = await openParcel(parcels[0] ?? new Uint8Array(), batch.context(MALLORY, { highestSeq: seqs }));
    return result.ok ? result.parcel.origin : result.reason;
  };
  let revoked = false;
  const seqs = (account: string) => (revoked && account === ANA ? 2 : undefined);
  expect(await forward({ origin: header })).toEqual({ account: ANA });
  expect(await forward({ forwarded: true })).toEqual({ account: null });
  expect(await forward({})).toBeNull();
  expect(await forward({ text: "Dinner is off.", origin: header })).toBe("bad origin");
  expect(await forward({ origin: { ...header, sig: mallory.sealer.signEnvelope(header.signed) } })).toBe("bad origin");
  expect(await forward({ origin: { ...header, cert: mallory.sealer.certificate } })).toBe("bad origin");
  expect(await forward({ origin: { ...header, signed: new Uint8Array(9) } })).toBe("bad origin");
  await expect(forward({ origin: header, forwarded: true })).rejects.toThrow("not a message");
  revoked = true;
  expect(await forward({ origin: header })).toEqual({ account: null });
});

test("one changed bit anywhere and it does not open", async () => {
  for (let at = 0; at < parcel.length; at += 23) {
    const tampered = parcel.slice();
    tampered[at] = (tampered[at] ?? 0) ^ 1;
    expect(await refusal(tampered), String(at)).not.toBe("");
  }
});

test("bytes that are no parcel are refused by name, whatever they are", async () => {
  expect(await refusal(new Uint8Array(MAX_ENVELOPE_BYTES + 1))).toBe("too long");
  expect(await refusal(new Uint8Array())).toBe("not a parcel");
  const [key, ct] = [new Uint8Array(16), new Uint8Array(99)];
  for (const shape of [
    { v: 1, enc: new Uint8Array(32), ct },
    { v: 2, key, enc: new Uint8Array(32), ct },
    { v: 2, key },
  ]) {
    expect(await refusal(encodeCbor(shape))).toBe("not a parcel");
  }
  const ours = new Uint8Array(Buffer.from(batch.key(0).id, "hex"));
  for (const fill of [0, 0xff]) {
    const enc = new Uint8Array(1_120).fill(fill);
    expect(await refusal(encodeCbor({ v: 2, key: ours, enc, ct }))).toBe("cannot be opened");
    expect(await refusal(encodeCbor({ v: 2, key: ours, enc, ct: new Uint8Array() }))).toBe("cannot be opened");
  }
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => (await refusal(bytes)) !== ""),
    { numRuns: 300 },
  );
});

test("two parcels of the same words share no byte of what is sealed", async () => {
  const seal = () => sealMessage({ sender: ana.sealer, key: batch.key(0), message: text, sound: null, nowMs: NOW_MS });
  const [one, other] = [(await seal()).parcels[0], (await seal()).parcels[0]];
  expect(
    Buffer.from(one ?? [])
      .subarray(40, 200)
      .equals(Buffer.from(other ?? []).subarray(40, 200)),
  ).toBe(false);
});

test("a message that nobody would take is not sealed", async () => {
  const by = { sender: ana.sealer, key: batch.key(0), nowMs: NOW_MS };
  await expect(sealMessage({ ...by, message: voice, sound: sound.subarray(1) })).rejects.toThrow("sound");
  await expect(sealMessage({ ...by, message: voice, sound: null })).rejects.toThrow("sound");
  await expect(sealMessage({ ...by, message: text, sound })).rejects.toThrow("sound");
  await expect(sealMessage({ ...by, message: voiceMessage(sound, 0), sound })).rejects.toThrow("not a message");
  expect(batch.made.day).toBe(TODAY);
});
