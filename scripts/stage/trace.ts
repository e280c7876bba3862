import type { Passed } from "./tap.ts";

/**
 * What a caller's side could tell one callee from another by: everything that passed the wire of her unit from the
 * moment of the call, as captured outside it.
 *
 * Compared byte for byte, each way in its order, but for what is random in every message whoever it is for: envelope ids
 * are replaced by their length, sealed envelopes and TURN messages by their sizes. Compared in time: how late each of
 * the hub's answers came after what it answers to. Keep-alives tick by the unit's own clock and are left out, and so are
 * requests for certificates, which depend on what the caller's unit has in its cache.
 */
export type Trace = Readonly<{
  /** One line a piece: wire, way, kind, and the bytes that are not random. */
  pieces: readonly string[];
  /** Sizes of the envelopes sent, in bytes: SDP numbers have more digits or fewer. */
  envelopeBytes: readonly number[];
  /** Per publication of the unit, in order: how late the hub's answer was, against the tick on which it was due. */
  lateMs: readonly number[];
}>;

/** The hub answers on ticks of the wall clock, what arrived at least one whole tick before. */
const TICK_MS = 20;
/** Less than a tick; more than a busy machine adds in the median of a few calls. */
const TOLERANCE_MS = 12;
/** Fewer calls than these tell nothing about time: one that comes just before a tick is a tick late. */
const ENOUGH_TO_TIME = 5;
/** Two offers of one unit differ by a few digits. */
const TOLERANCE_BYTES = 24;

export type Comparison = Readonly<{ same: boolean; because: string }>;

export function compareTraces(one: readonly Trace[], other: readonly Trace[]): Comparison {
  const shapes = new Set([...one, ...other].map((trace) => trace.pieces.join("\n")));
  if (shapes.size > 1) return { same: false, because: `the packets differ: ${describe([...shapes])}` };
  const sizes = [...one, ...other].map(({ envelopeBytes }) => envelopeBytes);
  for (const [at, bytes] of (sizes[0] ?? []).entries()) {
    const all = sizes.map((each) => each[at] ?? 0);
    if (Math.max(...all) - Math.min(...all) > TOLERANCE_BYTES) {
      return { same: false, because: `envelope ${at} is ${bytes} bytes in one, ${Math.max(...all)} in another` };
    }
  }
  if (Math.min(one.length, other.length) < ENOUGH_TO_TIME) return { same: true, because: "alike, packet by packet" };
  const apart = Math.max(...(one[0]?.lateMs ?? []).map((_, at) => Math.abs(medianAt(one, at) - medianAt(other, at))));
  if (apart > TOLERANCE_MS) return { same: false, because: `the answers come ${apart.toFixed(1)} ms apart` };
  return {
    same: true,
    because: `${one.length} and ${other.length} traces alike, answers ${apart.toFixed(1)} ms apart`,
  };
}

function medianAt(traces: readonly Trace[], at: number): number {
  return median(traces.map(({ lateMs }) => lateMs[at] ?? Number.NaN));
}

function describe(shapes: readonly string[]): string {
  const [first = "", second = ""] = shapes;
  const a = first.split("\n");
  const b = second.split("\n");
  const at = a.findIndex((line, index) => line !== b[index]);
  const where = at === -1 ? a.length : at;
  return `piece ${where}: "${a[where] ?? "nothing"}" against "${b[where] ?? "nothing"}"`;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export type Packet = Readonly<
  Pick<Passed, "at" | "monotonicMs" | "way"> & { type: number; flags: number; body: Buffer }
>;

/** Makes a trace of what passed: MQTT packet by packet, HTTP and TURN as what was asked and answered. */
export function traceOf(passed: readonly Passed[]): Trace {
  const packets = mqttPackets(passed.filter(({ wire }) => wire === "mqtt"));
  const publications = packets.filter(({ type, way }) => type === PUBLISH && way === "up");
  const answers = packets.filter(({ type, way }) => type === PUBLISH && way === "down");
  const told = packets.filter(({ type }) => type !== PINGREQ && type !== PINGRESP);
  return {
    // Each way in its own order: how the two ways interleave is a matter of time, which is compared as such.
    pieces: [
      ...told.filter(({ way }) => way === "down").map(shapeOf),
      ...told.filter(({ way }) => way === "up").map(shapeOf),
      ...turnShape(passed),
    ],
    envelopeBytes: publications.map(({ body }) => body.length),
    lateMs: publications.map(({ at, body }) => {
      const id = idIn(body);
      const answer = id && answers.find((each) => each.body.includes(id));
      return answer ? answer.at - dueMs(at) : Number.POSITIVE_INFINITY;
    }),
  };
}

/** How many messages a unit published. */
export function publicationsIn(passed: readonly Passed[]): number {
  const packets = mqttPackets(passed.filter(({ wire }) => wire === "mqtt"));
  return packets.filter(({ type, way }) => type === PUBLISH && way === "up").length;
}

function dueMs(publishedMs: number): number {
  return (Math.floor(publishedMs / TICK_MS) + 2) * TICK_MS;
}

export const PUBLISH = 3;
export const PUBACK = 4;
export const PINGREQ = 12;
export const PINGRESP = 13;

/** MQTT 3.1.1, section 2.2: type and flags, remaining length in 7-bit groups, body; reassembled per connection. */
export function mqttPackets(passed: readonly Passed[]): Packet[] {
  const rest = new Map<string, Buffer>();
  const packets: Packet[] = [];
  for (const { at, monotonicMs, way, stream, bytes } of passed) {
    const key = `${stream} ${way}`;
    let buffer = Buffer.concat([rest.get(key) ?? Buffer.alloc(0), bytes]);
    for (let head = headOf(buffer); head && buffer.length >= head.end; head = headOf(buffer)) {
      const first = buffer[0] ?? 0;
      packets.push({
        at,
        monotonicMs,
        way,
        type: first >> 4,
        flags: first & 15,
        body: buffer.subarray(head.start, head.end),
      });
      buffer = buffer.subarray(head.end);
    }
    rest.set(key, buffer);
  }
  return packets;
}

function headOf(buffer: Buffer): { start: number; end: number } | null {
  let length = 0;
  for (let at = 1; at <= 4 && at < buffer.length; at++) {
    const byte = buffer[at] ?? 0;
    length += (byte & 127) * 128 ** (at - 1);
    if (byte < 128) return { start: at + 1, end: at + 1 + length };
  }
  return null;
}

/** A publication by its flags, topic and size; what it carries by its bytes, each id replaced by its length. */
function shapeOf({ way, type, flags, body }: Packet): string {
  if (type !== PUBLISH) return `mqtt ${way} ${type}/${flags} ${body.length} bytes`;
  const topicEnd = 2 + body.readUInt16BE(0);
  const topic = body.toString("utf8", 2, topicEnd);
  const payload = body.subarray(topicEnd + 2);
  const id = idIn(body);
  if (way === "up") return `mqtt up publish/${flags} ${topic}`;
  const bytes = payload.toString("latin1").replaceAll(id?.toString("latin1") ?? "\0none", `<${id?.length ?? 0}>`);
  return `mqtt down publish/${flags} ${topic} ${Buffer.from(bytes, "latin1").toString("hex")}`;
}

/** The envelope's id as the frame and the hub's receipt write it: CBOR text of 32 characters under the key "id". */
export function idIn(body: Buffer): Buffer | null {
  const key = body.indexOf(Buffer.from([0x62, 0x69, 0x64, 0x78, 0x20]));
  return key === -1 ? null : body.subarray(key + 5, key + 37);
}

/** STUN and TURN by message type and size (RFC 8489, section 5), each kind once and in the order of its first. */
function turnShape(passed: readonly Passed[]): string[] {
  const kinds = passed
    .filter(({ wire, bytes }) => wire === "turn" && bytes.length >= 2)
    .map(({ way, bytes }) => `turn ${way} ${bytes.readUInt16BE(0).toString(16)} ${bytes.length} bytes`);
  return [...new Set(kinds)];
}
