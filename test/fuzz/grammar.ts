import type { CallMessage, LeftMessage } from "#device/wire/messages.ts";

/** What is well made, for attacks to start from. */
export const FINGERPRINT = Array.from({ length: 32 }, (_, index) => (index + 16).toString(16).toUpperCase()).join(":");

export const SDP = [
  "v=0",
  "o=- 1 1 IN IP4 0.0.0.0",
  "s=-",
  "t=0 0",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111",
  "c=IN IP4 0.0.0.0",
  "a=ice-ufrag:O/54",
  "a=ice-pwd:Wby8V3/PQo/9Pbsj4bttS8R6",
  `a=fingerprint:sha-256 ${FINGERPRINT}`,
  "a=setup:actpass",
  "a=mid:0",
  "a=rtpmap:111 opus/48000/2",
  "a=candidate:213309110 1 udp 41688831 192.0.2.7 40108 typ relay raddr 0.0.0.0 rport 0",
  "",
].join("\r\n");

export const OFFER = "11".repeat(16);
const SIDE = { sdp: SDP, fingerprint: FINGERPRINT };

export const MESSAGES: readonly CallMessage[] = [
  { kind: "call.offer", body: SIDE },
  { kind: "call.accept", body: { ...SIDE, offer: OFFER, offerHash: "ab".repeat(32) } },
  { kind: "call.end", body: { offer: OFFER } },
  { kind: "call.renewal", body: { ...SIDE, offer: OFFER, round: 1 } },
  { kind: "call.renewed", body: { ...SIDE, offer: OFFER, renewalHash: "ab".repeat(32) } },
];

export const LEFT_MESSAGES: readonly LeftMessage[] = [
  { kind: "message.text", body: { text: "I will be late", forwarded: true } },
  {
    kind: "message.voice",
    body: { format: "ogg-opus", durationMs: 4_000, bytes: 12_000, hash: "ab".repeat(32), parts: 1 },
  },
  {
    kind: "message.text",
    body: { text: "Bring milk", origin: { signed: Uint8Array.of(1), cert: Uint8Array.of(2), sig: new Uint8Array(64) } },
  },
];
