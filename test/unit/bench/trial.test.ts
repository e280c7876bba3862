import { describe, expect, test } from "vitest";
import { newEnvelopeId } from "#device/wire/envelope.ts";
import { encodeFrame, encodeReceipt } from "#device/wire/frame.ts";
import { hubTopic, outTopic } from "#device/wire/topics.ts";
import { readTrial, type Trial } from "#scripts/bench/indistinguishable/trial.ts";
import type { Passed } from "#scripts/stage/tap.ts";
import { fixedUnit } from "../../house/fixed-keys.ts";

type Sent = Readonly<{ way: Passed["way"]; atMs: number; bytes: Buffer; wire?: Passed["wire"] }>;

/** MQTT 3.1.1, section 2.2, of less than 16,384 bytes. */
function packet(first: number, ...parts: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const length = body.length < 128 ? [body.length] : [(body.length % 128) + 128, Math.floor(body.length / 128)];
  return Buffer.concat([Buffer.from([first, ...length]), body]);
}

function two(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255]);
}

/** What a caller of this name sends and gets in a call to nobody: an offer, an end, and the offer again. */
function call(name: string, firstPacketId: number): Sent[] {
  const { certificate } = fixedUnit(name);
  const [offer, end] = [newEnvelopeId(), newEnvelopeId()];
  const frame = { to: certificate.account, class: "calls" as const, envelope: new Uint8Array(80) };
  return [offer, end, offer].flatMap((id, index): Sent[] => {
    const [out, accepted] = [outTopic(certificate), hubTopic(certificate, "accepted")];
    const packetId = two(firstPacketId + index);
    const atMs = 1_000 * index;
    return [
      {
        way: "up",
        atMs,
        bytes: packet(0x32, two(out.length), out, packetId, Buffer.from(encodeFrame({ ...frame, id }))),
      },
      { way: "down", atMs: atMs + 2, bytes: packet(0x40, packetId) },
      {
        way: "down",
        atMs: atMs + 30,
        bytes: packet(0x30, two(accepted.length), accepted, Buffer.from(encodeReceipt(id))),
      },
    ];
  });
}

function read(name: string, sent: readonly Sent[]): Trial {
  const passed = sent.map(
    ({ atMs, ...rest }): Passed => ({ wire: "mqtt", ...rest, at: atMs, monotonicMs: atMs, stream: 1 }),
  );
  const { account, unit } = fixedUnit(name).certificate;
  return readTrial(passed, { account, unit, wallOffsetMs: 0, plannedEndMs: 0, overMs: 1 });
}

describe("what a caller got to see", () => {
  test("is the same for two callers whose calls went nowhere, though every id differs", () => {
    expect(read("ana", call("ana", 5)).shape).toBe(read("ben", call("ben", 900)).shape);
  });

  test("says when each answer came", () => {
    const { times } = read("ana", call("ana", 5));
    expect(times["offer → acknowledged"]).toBe(2);
    expect(times["end → accepted"]).toBe(30);
    expect(times["offer again: acknowledged → accepted"]).toBe(28);
    expect(times["end: accepted, after the tick"]).toBe(10);
  });

  const plain = read("ana", call("ana", 5)).shape;
  const last = call("ana", 5).at(-1);
  test.each<[string, (sent: Sent[]) => Sent[]]>([
    ["an answer twice", (sent) => [...sent, ...sent.slice(-1)]],
    [
      "an answer to another publication",
      (sent) => [...sent.slice(0, -1), { ...at(sent, 8), bytes: at(sent, 5).bytes }],
    ],
    ["an answer less", (sent) => sent.slice(0, -1)],
    [
      "an acknowledgement of something else",
      (sent) => [...sent, { way: "down", atMs: 9_000, bytes: packet(0x40, two(77)) }],
    ],
    ["another order", (sent) => [...sent.slice(0, -2), ...sent.slice(-2).toReversed()]],
    [
      "another quality of service",
      (sent) => sent.map((each) => (each === sent.at(-1) ? { ...each, bytes: flagged(each.bytes) } : each)),
    ],
    ["an answer to nothing that was asked", (sent) => [...sent, { way: "down", atMs: 9_000, bytes: packet(0xd0) }]],
    [
      "an envelope",
      (sent) => [...sent, { way: "down", atMs: 9_000, bytes: packet(0x32, two(1), "x", two(1), "sealed") }],
    ],
    [
      "a packet of a peer's by the relay",
      (sent) => [...sent, { wire: "turn", way: "down", atMs: 9_000, bytes: indication() }],
    ],
    [
      "an answer to a request by HTTP",
      (sent) => [...sent, { wire: "http", way: "down", atMs: 9_000, bytes: Buffer.from("HTTP/1.1 200 OK") }],
    ],
  ])("differs by %s", (_, changed) => {
    expect(last?.way).toBe("down");
    expect(read("ana", changed(call("ana", 5))).shape).not.toBe(plain);
  });

  test("does not count how often her own clock made her ping", () => {
    const pings: Sent[] = [
      { way: "up", atMs: 500, bytes: packet(0xc0) },
      { way: "down", atMs: 501, bytes: packet(0xd0) },
    ];
    const sent = call("ana", 5);
    expect(read("ana", [...sent.slice(0, 3), ...pings, ...sent.slice(3)]).shape).toBe(plain);
  });
});

function at(sent: readonly Sent[], index: number): Sent {
  const found = sent[index];
  if (!found) throw new Error("nothing was sent there");
  return found;
}

function flagged(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(bytes[0] ?? 0) | 1]), bytes.subarray(1)]);
}

/** RFC 8656, section 11.6: a Data indication, empty. */
function indication(): Buffer {
  return Buffer.from("001700002112a442000102030405060708090a0b", "hex");
}
