import type { Passed } from "../../stage/tap.ts";
import { attributesOf } from "../../stage/turn-client.ts";

/** RFC 8489, section 14 and RFC 8656, section 18: attributes whose value is fresh chance, or the caller's own. */
const CHANCE: ReadonlyMap<number, string> = new Map([
  [0x0008, "MESSAGE-INTEGRITY"],
  [0x0015, "NONCE"],
  // Her own port, as the relay sees it, and the relay's port for her: given before she says whom she calls.
  [0x0016, "XOR-RELAYED-ADDRESS"],
  [0x0020, "XOR-MAPPED-ADDRESS"],
  [0x8028, "FINGERPRINT"],
]);
const HEADER_BYTES = 20;
/** What the caller asks the relay, in this order. */
const ASKED = ["challenge", "allocation", "permission", "release"] as const;

/**
 * What the relay said, message by message: types, sizes, and the values of attributes but for those above and the
 * transaction, which the caller chose. Data of a peer, an ICE check perhaps, would be a message more.
 */
export function turnShape(passed: readonly Passed[]): string[] {
  return passed
    .filter(({ wire, way }) => wire === "turn" && way === "down")
    .map(
      ({ bytes }) => `turn down ${bytes.length} bytes ${bytes.toString("hex", 0, 4)} ${attributes(bytes).join(" ")}`,
    );
}

/** How long the relay took for each of its answers. */
export function turnTimes(passed: readonly Passed[]): Record<string, number> {
  const turn = passed.filter(({ wire, bytes }) => wire === "turn" && bytes.length >= HEADER_BYTES);
  const asked = turn.filter(({ way }) => way === "up");
  const times = ASKED.map((what, index): [string, number] => {
    const request = asked[index];
    const answer = request && turn.find(({ way, bytes }) => way === "down" && isAnswerTo(bytes, request.bytes));
    return [`relay: ${what}`, (answer?.monotonicMs ?? Number.NaN) - (request?.monotonicMs ?? Number.NaN)];
  });
  return Object.fromEntries(times);
}

function isAnswerTo(answer: Buffer, request: Buffer): boolean {
  return answer.subarray(8, HEADER_BYTES).equals(request.subarray(8, HEADER_BYTES));
}

function attributes(bytes: Buffer): string[] {
  if (bytes.length < HEADER_BYTES) return [bytes.toString("hex")];
  return [...attributesOf(bytes)].map(([type, value]) => {
    const name = CHANCE.get(type);
    return name === undefined ? `${type.toString(16)}=${value.toString("hex")}` : `${name}(${value.length})`;
  });
}
