import { isIP } from "node:net";
import { isDeepStrictEqual } from "node:util";
import { checkRemote } from "#audio/peer/remote.ts";
import { readSdp, writeSdp } from "#audio/peer/sdp.ts";
import { FINGERPRINT, SDP } from "../grammar.ts";
import { mutateText } from "../mutate.ts";
import type { Random } from "../random.ts";
import { broken, stateless, type Target } from "../target.ts";

const OTHERS = [
  "a=candidate:1 1 udp 2113937151 10.1.2.3 50000 typ host",
  "a=candidate:2 1 udp 1677729535 198.51.100.4 50000 typ srflx raddr 10.1.2.3 rport 50000",
  "a=candidate:3 1 udp 1 198.51.100.4 50000 typ prflx raddr 10.1.2.3 rport 50000",
  "a=candidate:4 1 udp 2113937151 0f7e3c1a.local 50000 typ host",
  "a=candidate:5 1 udp 41688831 192.0.2.7 40109 typ relay raddr 198.51.100.4 rport 50000",
  "a=candidate:6 1 tcp 1518280447 10.1.2.3 9 typ host tcptype active",
  "a=candidate:7 1 udp 1 fe80::1%eth0 9 typ relay",
  "a=candidate:8 1 udp 1 evil.example 9 typ relay",
];
const WORDS = [
  ...OTHERS.map((line) => `${line}\r\n`),
  "a=maxptime:10\r\n",
  "a=remote-candidates:1 10.0.0.1 9\r\n",
  "a=setup:active\r\n",
  "a=setup:passive\r\n",
  "m=video 9 RTP/AVP 96\r\n",
  "a=ice-lite\r\n",
  "a=x-porter-sound-channel:1\r\n",
  "a=x-porter-sound-channel:2\r\n",
  "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n",
  "a=sctp-port:5000\r\n",
  "a=extmap:1 urn:x\r\n",
  "\r",
  "\n",
  "typ host",
  "typ relay",
  "typ srflx",
  "a=fingerprint:sha-1 00\r\n",
  "a=rtpmap:111 opus/48000/2\r\n",
  "::1",
  "127.0.0.1",
  " ",
  ":",
  "a=",
  "sha-256",
];
/** Every line that may ever leave; the addresses of candidates are looked at one by one. */
const LINE =
  /^(v=0|o=- 1 1 IN IP4 0\.0\.0\.0|s=-|t=0 0|a=group:BUNDLE 0|m=audio 9 UDP\/TLS\/RTP\/SAVPF 111|c=IN IP4 0\.0\.0\.0|a=rtcp:9 IN IP4 0\.0\.0\.0|a=ice-(ufrag|pwd):[A-Za-z0-9+/]+|a=fingerprint:sha-256 [0-9A-F:]{95}|a=setup:(actpass|active|passive)|a=mid:0|a=sendrecv|a=rtcp-mux|a=rtpmap:111 opus\/48000\/2|a=fmtp:111 [a-z0-9=;]+|a=ptime:10|a=x-porter-sound-channel:1|a=end-of-candidates|)$/;
const RELAY_SOMEHOW = /^a=candidate:\S+ \S+ \S+ \S+ (\S+) \S+ typ relay(?: |$)/;
const RELAY = /^a=candidate:[A-Za-z0-9+/]+ 1 udp \d+ (\S+) \d+ typ relay raddr 0\.0\.0\.0 rport 0$/;

/** What anybody may have put into an SDP, with the library's own kinds of candidates among it. */
export function wildSdp(random: Random): string {
  let text = SDP;
  for (let left = random.below(3); left > 0; left -= 1) text += `${random.pick(OTHERS)}\r\n`;
  return random.chance(0.2) ? text : mutateText(random, text, WORDS);
}

/** The addresses that stand in `text` as relays'. */
function relaysIn(text: string): readonly string[] {
  return text.split(/\r?\n/).flatMap((line) => RELAY_SOMEHOW.exec(line)?.[1] ?? []);
}

/** Throws where `sdp` holds anything but relays' addresses and what every call of ours says alike. */
export function assertTellsNoAddress(sent: string, relays: readonly string[]): void {
  for (const line of sent.split("\r\n")) {
    const address = RELAY.exec(line)?.[1];
    const isFit = address === undefined ? LINE.test(line) : isIP(address) !== 0 && relays.includes(address);
    if (!isFit) broken(`an SDP holds ${JSON.stringify(line)}`);
  }
}

export const sdp: Target = {
  name: "sdp",
  meets: ["ours", "theirs", "bad ours", "bad theirs"],
  open: stateless((random) => {
    const text = wildSdp(random);
    const origin = random.chance(0.5) ? "ours" : "theirs";
    const read = readSdp(text, origin);
    if (!read.ok) return `bad ${origin}`;
    const written = writeSdp(read.description);
    assertTellsNoAddress(written, relaysIn(text));
    const again = readSdp(written, "theirs");
    if (!again.ok || !isDeepStrictEqual(again.description, read.description)) broken("an SDP that is not itself");
    const checked = checkRemote({ sdp: text, fingerprint: FINGERPRINT }, "offer");
    if (checked.ok && checked.description.fingerprint !== FINGERPRINT) broken("another certificate than was signed");
    return origin;
  }),
};
