import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeCbor, encodeCbor } from "#device/wire/cbor.ts";
import {
  decodeFrame,
  decodeReceipt,
  encodeFrame,
  encodeReceipt,
  MAX_ENVELOPE_BYTES,
  MAX_FRAME_BYTES,
} from "#device/wire/frame.ts";
import { decodeLeftMessage, decodeMessage } from "#device/wire/messages.ts";
import { deliveryTopic, hubTopic, inFilter, parseInTopic } from "#device/wire/topics.ts";
import { fixedUnit } from "../../house/fixed-keys.ts";

const ana = fixedUnit("ana").certificate;
const ben = fixedUnit("ben").certificate;
const frame = { to: ben.account, class: "calls" as const, id: "00".repeat(16), envelope: new Uint8Array([1, 2]) };

test("a frame comes back as it was, with and without a unit", () => {
  expect(decodeFrame(encodeFrame(frame))).toEqual({ ok: true, frame });
  const withUnit = { ...frame, unit: ben.unit };
  expect(decodeFrame(encodeFrame(withUnit))).toEqual({ ok: true, frame: withUnit });
});

test("the largest envelope fits into a frame, and one byte more does not", () => {
  const largest = encodeFrame({ ...frame, unit: ben.unit, envelope: new Uint8Array(MAX_ENVELOPE_BYTES) });
  expect(largest.length).toBeLessThanOrEqual(MAX_FRAME_BYTES);
  expect(decodeFrame(largest).ok).toBe(true);
  expect(decodeFrame(encodeFrame({ ...frame, envelope: new Uint8Array(MAX_ENVELOPE_BYTES + 1) })).ok).toBe(false);
});

test("a frame with anything missing, added or misshapen is none", () => {
  const good = { v: 1, ...frame };
  const { envelope: _dropped, ...missing } = good;
  const bad = [
    missing,
    { ...good, extra: 1 },
    { ...good, v: 2 },
    { ...good, to: "ben" },
    { ...good, class: "rings" },
    { ...good, id: "00" },
    { ...good, unit: "kitchen" },
    { ...good, envelope: "text" },
    [],
    null,
    7,
    "x",
  ];
  for (const value of bad) expect(decodeFrame(encodeCbor(value))).toEqual({ ok: false, reason: "not a frame" });
  expect(decodeFrame(new Uint8Array(300 * 1_024))).toEqual({ ok: false, reason: "too long" });
  expect(decodeFrame(Buffer.from("hello"))).toEqual({ ok: false, reason: "not CBOR" });
});

test("CBOR has one writing: another order, a longer length, a repeated key, a tag, a float, a rest, endless nesting are refused", () => {
  const refused = [
    "a2616201616102",
    "1800",
    "5800",
    "a2616101616102",
    "c101",
    "fb3ff0000000000000",
    "f97e00",
    "0101",
    "61ff",
    "9fff",
    "5affffffff00",
    "9affffffff00",
    "f7",
    "1bffffffffffffffff",
    "a10101",
    "",
    "81".repeat(200_000),
  ];
  for (const hex of refused)
    expect(decodeCbor(new Uint8Array(Buffer.from(hex, "hex"))), hex.slice(0, 20)).toEqual({ ok: false });
  expect(decodeCbor(encodeCbor({ b: 1, aa: [true, null, new Uint8Array(3)] })).ok).toBe(true);
});

test("no bytes make the decoders throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const decoded = decodeCbor(bytes);
      if (decoded.ok) expect(encodeCbor(decoded.value)).toEqual(bytes);
      expect(decodeFrame(bytes).ok).toBe(false);
      expect(decodeReceipt(bytes)).toBeNull();
    }),
    { numRuns: 2_000 },
  );
});

test("a receipt carries an id and nothing else", () => {
  expect(decodeReceipt(encodeReceipt(frame.id))).toBe(frame.id);
  expect(decodeReceipt(encodeCbor({ id: frame.id, of: ben.account }))).toBeNull();
  expect(decodeReceipt(new Uint8Array(100_000))).toBeNull();
});

test("a message is of a known kind and has exactly that kind's body", () => {
  const fingerprint = Array.from({ length: 32 }, () => "0F").join(":");
  expect(decodeMessage("call.offer", { sdp: "v=0", fingerprint })).toMatchObject({ ok: true });
  expect(decodeMessage("call.offer", { sdp: "v=0", fingerprint, from: "x" })).toEqual({
    ok: false,
    reason: "bad body",
  });
  expect(decodeMessage("call.offer", { sdp: "x".repeat(32_769), fingerprint })).toEqual({
    ok: false,
    reason: "bad body",
  });
  expect(decodeMessage("call.offer", { sdp: "v=0", fingerprint: fingerprint.toLowerCase() })).toMatchObject({
    ok: false,
  });
  expect(decodeMessage("call.end", { offer: "00" })).toMatchObject({ ok: false });
  for (const kind of ["call.ring", "", "toString", "__proto__", "message.text"]) {
    expect(decodeMessage(kind, { text: "hello" })).toEqual({ ok: false, reason: "unknown kind" });
  }
  expect(decodeLeftMessage("message.text", { text: "hello" })).toMatchObject({ ok: true });
  expect(decodeLeftMessage("call.end", { offer: "0".repeat(32) })).toEqual({ ok: false, reason: "unknown kind" });
});

test("only topics under one's own in are read, and each as what it is", () => {
  expect(inFilter(ana)).toBe(`porter/1/${ana.account}/in/${ana.unit}/#`);
  expect(parseInTopic(ana, deliveryTopic(ana, ben.account, "calls"))).toEqual({
    type: "delivery",
    sender: ben.account,
    class: "calls",
  });
  expect(parseInTopic(ana, hubTopic(ana, "accepted"))).toEqual({ type: "accepted" });
  const foreign = [
    deliveryTopic(ben, ana.account, "calls"),
    `${deliveryTopic(ana, ben.account, "calls")}/x`,
    "",
    "$SYS/x",
    `porter/1/${ana.account}/in/${ana.unit}/hub/told`,
    `porter/1/${ana.account}/in/${ana.unit}/ben/calls`,
  ];
  for (const topic of foreign) expect(parseInTopic(ana, topic)).toBeNull();
});
