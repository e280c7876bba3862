import { isDeepStrictEqual } from "node:util";
import { isAccountId } from "#device/keys/account.ts";
import { decodeCbor, encodeCbor } from "#device/wire/cbor.ts";
import { decodeFrame, decodeReceipt, encodeFrame, encodeReceipt } from "#device/wire/frame.ts";
import { decodeLeftMessage, decodeMessage, LIFETIME_MS, type Message } from "#device/wire/messages.ts";
import { PacketLengths } from "#device/wire/packet-lengths.ts";
import { decodeSettlement, encodeSettlement, isSettlement, MAX_SETTLED } from "#device/wire/settlement.ts";
import { parseInTopic } from "#device/wire/topics.ts";
import { ANA, OWNER } from "#test/house/books.ts";
import { LEFT_MESSAGES, MESSAGES } from "../grammar.ts";
import { mutateBytes, mutateText, mutateValue } from "../mutate.ts";
import type { Random } from "../random.ts";
import { broken, stateless, type Target } from "../target.ts";
import { writeWildCbor } from "../wild-cbor.ts";

const ID = "00112233445566778899aabbccddeeff";
const SELF = { account: OWNER, unit: "aaaaaaaaaaaaa" };
const FRAME = { to: ANA, class: "calls", id: ID, envelope: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) } as const;
const FRAMES = [encodeFrame(FRAME), encodeFrame({ ...FRAME, class: "inbox", unit: SELF.unit })];

/** Mostly a sample with something changed in it: in its values, in how they are written, in its bytes. */
function wildBytes(random: Random, value: unknown, others: readonly Uint8Array[]): Uint8Array {
  const mutated = random.chance(0.6) ? mutateValue(random, value) : value;
  const bytes = writeWildCbor(random, mutated, random.chance(0.5) ? 0 : 0.2);
  return random.chance(0.3) ? mutateBytes(random, bytes, others) : bytes;
}

export const cbor: Target = {
  name: "cbor",
  meets: ["read", "refused"],
  open: stateless((random) => {
    const bytes = wildBytes(
      random,
      { v: 1, ...random.pick(MESSAGES), key: FRAME.envelope, list: [1, [2, { a: 3 }]] },
      FRAMES,
    );
    const decoded = decodeCbor(bytes);
    if (!decoded.ok) return "refused";
    if (Buffer.compare(encodeCbor(decoded.value), bytes) !== 0) broken("what was read has another writing");
    if (({} as { polluted?: unknown }).polluted !== undefined) broken("every object has grown a key");
    return "read";
  }),
};

export const frame: Target = {
  name: "frame",
  meets: ["frame", "too long", "not CBOR", "not a frame", "receipt"],
  open: stateless((random) => {
    if (random.chance(0.2)) {
      const bytes = random.chance(0.1) ? encodeReceipt(ID) : wildBytes(random, { id: ID }, FRAMES);
      const id = decodeReceipt(bytes);
      if (id !== null && !/^[0-9a-f]{32}$/.test(id)) broken("a receipt with an id that is none");
      return id === null ? "no receipt" : "receipt";
    }
    const value = { v: 1, ...FRAME, ...(random.chance(0.3) && { unit: SELF.unit }) };
    const bytes = random.chance(0.001) ? new Uint8Array(300 * 1_024) : wildBytes(random, value, FRAMES);
    const decoded = decodeFrame(bytes);
    if (!decoded.ok) return decoded.reason;
    if (Buffer.compare(encodeFrame(decoded.frame), bytes) !== 0) broken("a frame that is written otherwise");
    if (!isAccountId(decoded.frame.to)) broken("a frame to nobody");
    return "frame";
  }),
};

const DIGEST_BYTES = 16;
const SETTLEMENTS = [1, 3, MAX_SETTLED, MAX_SETTLED + 1].map((count) =>
  encodeSettlement(Array.from({ length: count }, (_, index) => Buffer.alloc(DIGEST_BYTES, index).toString("hex"))),
);

/** What a unit says on its topic beside frames: the two must never be taken for each other. */
export const settlement: Target = {
  name: "settlement",
  meets: ["settlement", "refused", "frame"],
  open: stateless((random) => {
    const settled = Array.from({ length: random.size(MAX_SETTLED + 3) }, () => random.bytes(DIGEST_BYTES));
    const sample = random.pick(SETTLEMENTS);
    const bytes = random.chance(0.3)
      ? random.chance(0.1)
        ? sample
        : mutateBytes(random, sample, FRAMES)
      : wildBytes(random, random.chance(0.9) ? { v: 1, settled } : { v: 1, ...FRAME }, SETTLEMENTS);
    const digests = decodeSettlement(bytes);
    const isFrame = decodeFrame(bytes).ok;
    if (isSettlement(bytes) && isFrame) broken("a frame that passes for a settlement");
    if (digests === null) return isFrame ? "frame" : "refused";
    if (!isSettlement(bytes)) broken("a settlement that nobody would take for one");
    if (digests.length < 1 || digests.length > MAX_SETTLED) broken("a settlement of too many");
    if (isFrame || Buffer.compare(encodeSettlement(digests), bytes) !== 0) broken("it is written otherwise");
    return "settlement";
  }),
};

export const topic: Target = {
  name: "topic",
  meets: ["delivery", "accepted", "refused", "none", "cut", "passed"],
  open: stateless((random) => (random.chance(0.5) ? topicOf(random) : packets(random))),
};

const TOPICS = ["calls", "inbox"].map((each) => `porter/1/${OWNER}/in/${SELF.unit}/${ANA}/${each}`);
const HUB_TOPICS = ["accepted", "refused"].map((each) => `porter/1/${OWNER}/in/${SELF.unit}/hub/${each}`);
const TOPIC_WORDS = ["/", "+", "#", "$SYS", "hub", "calls", "inbox", ANA, OWNER, "\0", "../", "in", "out"];

function topicOf(random: Random): string {
  const sample = random.pick([...TOPICS, ...HUB_TOPICS]);
  const text = random.chance(0.1) ? sample : mutateText(random, sample, TOPIC_WORDS);
  const incoming = parseInTopic(SELF, text);
  if (incoming === null) return "none";
  if (incoming.type === "delivery" && !isAccountId(incoming.sender)) broken("a delivery from nobody");
  return incoming.type;
}

/** MQTT's lengths: whatever is announced, no more passes than may. */
function packets(random: Random): string {
  const limits = { first: 1, firstBytes: 100, bytes: 200 };
  const lengths = new PacketLengths(limits);
  const bytes = mutateBytes(random, Uint8Array.of(0x10, 0x04, 1, 2, 3, 4, 0x30, 0x81, 0x01, ...new Uint8Array(129)));
  for (let at = 0; at < bytes.length; ) {
    const piece = 1 + random.below(40);
    if (!lengths.pass(bytes.subarray(at, at + piece))) return "cut";
    at += piece;
  }
  return "passed";
}

export const message: Target = {
  name: "message",
  meets: [
    "call.offer",
    "call.accept",
    "call.end",
    "call.renewal",
    "call.renewed",
    "message.text",
    "message.voice",
    "unknown kind",
    "bad body",
  ],
  open: stateless((random) => {
    const isLeft = random.chance(0.4);
    const decode = isLeft ? decodeLeftMessage : decodeMessage;
    const { kind, body } = random.pick<Message>(random.chance(0.95) === isLeft ? LEFT_MESSAGES : MESSAGES);
    const odd = random.chance(0.15) ? mutateText(random, kind, ["__proto__", "toString", "call.end"]) : kind;
    const decoded = decode(odd, random.chance(0.15) ? body : mutateValue(random, body));
    if (!decoded.ok) return decoded.reason;
    if (!Object.hasOwn(LIFETIME_MS, decoded.message.kind)) broken("a message of a kind that nobody knows");
    const again = decode(decoded.message.kind, decoded.message.body);
    if (!again.ok || !isDeepStrictEqual(again.message, decoded.message)) broken("a message that is not itself");
    return decoded.message.kind;
  }),
};
