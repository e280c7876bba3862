import type { Passed } from "../../stage/tap.ts";
import { idIn, mqttPackets, type Packet, PINGREQ, PINGRESP, PUBACK, PUBLISH } from "../../stage/trace.ts";
import { turnShape, turnTimes } from "./turn-shape.ts";

/**
 * All that a caller got to see of one call that went nowhere, as it passed her wire.
 *
 * `shape`: everything that came down, byte for byte, each connection in its own order; of what went up, the kinds of
 * packets. Answers stand by the publication that they answer, each one's in their order: whether the end goes out before
 * the offer is accepted depends on when she hangs up, and when an answer comes is compared as a time.
 * Replaced by a fixed word is only what the caller's side chose or what is fresh chance in every answer to anybody:
 *   her account and unit in topics (she is who she is, whomever she calls);
 *   ids of envelopes and MQTT packets: hers, echoed; replaced by which publication of hers they belong to, so that an
 *   answer to another one, or a second one, shows;
 *   in HTTP the date, and the content of the certificate asked for (it names the callee, whoever asks), not its length;
 *   in TURN what turn-shape.ts says.
 * Left out are pairs of PINGREQ and PINGRESP, which tick by her own clock; a PINGRESP alone stays.
 *
 * `times`: milliseconds by one monotonic clock, one for each feature.
 */
export type Trial = Readonly<{ shape: string; times: Readonly<Record<string, number>> }>;

export type TrialContext = Readonly<{
  account: string;
  unit: string;
  /** Wall clock minus monotonic clock: where the hub's grid of 20 ms lies. */
  wallOffsetMs: number;
  /** When the caller's own clock was to end the call, and when it was over. */
  plannedEndMs: number;
  overMs: number;
}>;

/** What the caller publishes, in this order. */
const PUBLICATIONS = ["offer", "end", "offer again"] as const;
/** Her unit asks for the callee's certificate, in this order. */
const CERTIFICATES = ["for the offer", "for the end"] as const;
const TICK_MS = 20;
/** Stands behind all answers to something. */
const NOTHING = PUBLICATIONS.length;

export function readTrial(passed: readonly Passed[], context: TrialContext): Trial {
  const packets = withoutPings(mqttPackets(passed.filter(({ wire }) => wire === "mqtt")));
  const published = packets.filter(({ way, type }) => way === "up" && type === PUBLISH).map(readPublication);
  const answers = packets.filter(({ way }) => way === "down").map((packet) => readAnswer(packet, published, context));
  const sent = packets.filter(({ way }) => way === "up").map(({ type, flags }) => `mqtt up ${type}/${flags}`);
  const inTurn = answers.toSorted((a, b) => a.answers - b.answers);
  const shape = [...inTurn.map(({ line }) => line), ...sent, ...httpShape(passed), ...turnShape(passed)];
  const times: Record<string, number> = { ...httpTimes(passed), ...turnTimes(passed) };
  for (const [index, what] of PUBLICATIONS.entries()) {
    const sentMs = published[index]?.monotonicMs ?? Number.NaN;
    const acknowledged = answers.find(({ line }) => line === acknowledgement(index))?.monotonicMs ?? Number.NaN;
    const accepted =
      answers.find(({ answers: to, isAccepted }) => isAccepted && to === index)?.monotonicMs ?? Number.NaN;
    times[`${what} → acknowledged`] = acknowledged - sentMs;
    times[`${what} → accepted`] = accepted - sentMs;
    times[`${what}: acknowledged → accepted`] = accepted - acknowledged;
    times[`${what}: accepted, after the tick`] = (accepted + context.wallOffsetMs) % TICK_MS;
  }
  times["the caller's own end of the call → over"] = context.overMs - context.plannedEndMs;
  return { shape: shape.join("\n"), times };
}

type Publication = Readonly<{ monotonicMs: number; packetId: number; id: string }>;
type Answer = Readonly<{ monotonicMs: number; line: string; answers: number; isAccepted: boolean }>;

function readPublication({ body, monotonicMs }: Packet): Publication {
  const packetId = body.readUInt16BE(2 + body.readUInt16BE(0));
  return { monotonicMs, packetId, id: idIn(body)?.toString("latin1") ?? "" };
}

function readAnswer(packet: Packet, published: readonly Publication[], { account, unit }: TrialContext): Answer {
  const { monotonicMs, type, flags, body } = packet;
  if (type === PUBACK && body.length === 2) {
    const index = published.findLastIndex(
      (each) => each.packetId === body.readUInt16BE(0) && each.monotonicMs <= monotonicMs,
    );
    return { monotonicMs, line: acknowledgement(index), answers: index, isAccepted: false };
  }
  if (type !== PUBLISH)
    return {
      monotonicMs,
      line: `mqtt down ${type}/${flags} ${body.toString("hex")}`,
      answers: NOTHING,
      isAccepted: false,
    };
  const topicEnd = 2 + body.readUInt16BE(0);
  const topic = body.toString("utf8", 2, topicEnd).replace(account, "<account>").replace(unit, "<unit>");
  const id = idIn(body)?.toString("latin1") ?? "";
  // Of publications with one id, the last one sent before: she waits for each answer before she sends it again.
  const index = published.findLastIndex((each) => each.id === id && each.monotonicMs <= monotonicMs);
  const payload = body
    .toString("latin1", topicEnd)
    .replaceAll(id === "" ? "\0none" : id, `<${PUBLICATIONS[index] ?? "?"}>`);
  const line = `mqtt down publish/${flags} ${topic} ${Buffer.from(payload, "latin1").toString("hex")}`;
  return { monotonicMs, line, answers: index === -1 ? NOTHING : index, isAccepted: topic.endsWith("/hub/accepted") };
}

function acknowledgement(index: number): string {
  return `mqtt down PUBACK <${PUBLICATIONS[index] ?? "?"}>`;
}

function withoutPings(packets: readonly Packet[]): Packet[] {
  let asked = 0;
  return packets.filter(({ way, type }) => {
    if (way === "up" && type === PINGREQ) asked += 1;
    else if (way === "down" && type === PINGRESP && asked > 0) asked -= 1;
    else return true;
    return false;
  });
}

function httpShape(passed: readonly Passed[]): string[] {
  const text = (way: Passed["way"]) =>
    passed.filter((piece) => piece.wire === "http" && piece.way === way).map(({ bytes }) => bytes.toString("latin1"));
  const down = text("down")
    .join("")
    .replaceAll(/\r\nDate: [^\r]*/g, "\r\nDate: <date>")
    .replaceAll(/"certificate":"([^"]*)"/g, (_, certificate: string) => `"certificate":<${certificate.length}>`)
    .replaceAll(/-{9,}/g, (pad) => `<${pad.length} dashes>`);
  return down === "" ? [] : [`http down ${JSON.stringify(down)}`];
}

function httpTimes(passed: readonly Passed[]): Record<string, number> {
  const http = passed.filter(({ wire }) => wire === "http");
  const asked = http.flatMap(({ way }, index) => (way === "up" ? [index] : []));
  const times = CERTIFICATES.map((what, at): [string, number] => {
    const [from, to] = [asked[at] ?? http.length, asked[at + 1] ?? http.length];
    const [request, answer] = [http[from], http[to - 1]];
    return [
      `certificate ${what} → answered`,
      (answer?.monotonicMs ?? Number.NaN) - (request?.monotonicMs ?? Number.NaN),
    ];
  });
  return Object.fromEntries(times);
}
