import { seal } from "#device/wire/envelope.ts";
import { encodeFrame } from "#device/wire/frame.ts";
import type { CallMessage } from "#device/wire/messages.ts";
import { fixedUnit, seedOf } from "../house/fixed-keys.ts";

const VECTOR_TIME_MS = Date.UTC(2026, 10, 23, 12);

const FINGERPRINT = Array.from({ length: 32 }, (_, index) => index.toString(16).padStart(2, "0").toUpperCase()).join(
  ":",
);
const SDP = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n";
const OFFER = "000102030405060708090a0b0c0d0e0f";

const MESSAGES: readonly CallMessage[] = [
  { kind: "call.offer", body: { sdp: SDP, fingerprint: FINGERPRINT } },
  { kind: "call.accept", body: { sdp: SDP, fingerprint: FINGERPRINT, offer: OFFER, offerHash: "ab".repeat(32) } },
  { kind: "call.end", body: { offer: OFFER } },
];

/** Every byte of these follows from names: keys, ids, times, HPKE's ephemeral key. */
export async function makeVectors() {
  const from = fixedUnit("ana");
  const to = fixedUnit("ben");
  const envelopes = await Promise.all(
    MESSAGES.map(async (message, index) => {
      const id = seedOf(`id ${index}`).subarray(0, 16).toString("hex");
      const ephemeralSeed = new Uint8Array(seedOf(`ephemeral ${index}`));
      const sealed = await seal({
        sender: from.sealer,
        to: to.certificate,
        message,
        nowMs: VECTOR_TIME_MS,
        id,
        ephemeralSeed,
      });
      const frame = encodeFrame({ to: to.certificate.account, class: "calls", id, envelope: sealed.bytes });
      return {
        message,
        id,
        ephemeralSeed: hex(ephemeralSeed),
        hash: sealed.hash,
        envelope: hex(sealed.bytes),
        frame: hex(frame),
      };
    }),
  );
  return {
    timeMs: VECTOR_TIME_MS,
    from: { account: from.certificate.account, unit: from.certificate.unit, certificate: hex(from.sealer.certificate) },
    to: { account: to.certificate.account, unit: to.certificate.unit, certificate: hex(to.sealer.certificate) },
    envelopes,
  };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
