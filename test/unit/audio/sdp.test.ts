import fc from "fast-check";
import { expect, test } from "vitest";
import { checkRemote } from "#audio/peer/remote.ts";
import { type LegDescription, readSdp, SENDING, writeForLibrary, writeSdp } from "#audio/peer/sdp.ts";

const FINGERPRINT = Array.from({ length: 32 }, (_, index) => (index + 16).toString(16).toUpperCase()).join(":");
const DESCRIPTION: LegDescription = {
  iceUfrag: "O/54",
  icePwd: "Wby8V3/PQo/9Pbsj4bttS8R6",
  fingerprint: FINGERPRINT,
  setup: "actpass",
  relays: [{ foundation: "213309110", priority: 41_688_831, address: "192.0.2.7", port: 40_108 }],
  takesTwice: true,
  takesChannel: true,
};
const GOOD = writeSdp(DESCRIPTION);
const RELAY_LINE = "a=candidate:213309110 1 udp 41688831 192.0.2.7 40108 typ relay raddr 0.0.0.0 rport 0";

/** What the library itself writes, with every kind of candidate in it. */
const LIBRARY = [
  "v=0",
  "o=- 5555565809916379906 2 IN IP4 10.1.2.3",
  "s=-",
  "t=0 0",
  "a=group:BUNDLE 0",
  "a=extmap-allow-mixed",
  "m=audio 40108 UDP/TLS/RTP/SAVPF 111 63",
  "c=IN IP4 198.51.100.4",
  "a=rtcp:9 IN IP4 0.0.0.0",
  "a=candidate:1 1 udp 2113937151 10.1.2.3 50000 typ host generation 0 network-id 1",
  "a=candidate:2 1 udp 1677729535 198.51.100.4 50000 typ srflx raddr 10.1.2.3 rport 50000 generation 0",
  "a=candidate:3 1 tcp 1518280447 10.1.2.3 9 typ host tcptype active generation 0",
  "a=candidate:4 1 udp 2113937151 0f7e3c1a.local 50000 typ host generation 0",
  "a=candidate:213309110 1 udp 41688831 192.0.2.7 40108 typ relay raddr 198.51.100.4 rport 50000 generation 0 network-id 3",
  "a=ice-ufrag:O/54",
  "a=ice-pwd:Wby8V3/PQo/9Pbsj4bttS8R6",
  "a=ice-options:trickle",
  `a=fingerprint:sha-256 ${FINGERPRINT}`,
  "a=setup:actpass",
  "a=mid:0",
  "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
  "a=sendrecv",
  "a=msid:- 43854692-5088-49de-b706-bd0ab49ce8fe",
  "a=rtcp-mux",
  "a=rtpmap:111 opus/48000/2",
  "a=fmtp:111 minptime=10;useinbandfec=1",
  "a=rtpmap:63 red/48000/2",
  "a=ssrc:3721064964 cname:J5TeC0BQpuTubstC",
  "m=application 40108 UDP/DTLS/SCTP webrtc-datachannel",
  "c=IN IP4 198.51.100.4",
  "a=ice-ufrag:O/54",
  "a=ice-pwd:Wby8V3/PQo/9Pbsj4bttS8R6",
  "a=ice-options:trickle",
  `a=fingerprint:sha-256 ${FINGERPRINT}`,
  "a=setup:actpass",
  "a=mid:1",
  "a=sctp-port:5000",
  "a=max-message-size:262144",
  "",
].join("\r\n");

test("what is written can be read, and says the same", () => {
  expect(readSdp(GOOD, "theirs")).toEqual({ ok: true, description: DESCRIPTION });
});

test("of our own SDP only the relay leaves: no host, no reflexive address, no name, no header extension", () => {
  const read = readSdp(LIBRARY, "ours");
  expect(read.ok).toBe(true);
  if (!read.ok) return;
  const sent = writeSdp(read.description);
  expect(sent).toBe(GOOD);
  expect(sent).not.toMatch(/10\.1\.2\.3|198\.51\.100\.4|\.local|host|srflx|extmap|msid|cname/);
});

test("a stranger's SDP with any candidate that is not a relay's is refused whole", () => {
  for (const candidate of [
    "a=candidate:1 1 udp 2113937151 10.1.2.3 50000 typ host",
    "a=candidate:1 1 udp 1677729535 198.51.100.4 50000 typ srflx raddr 10.1.2.3 rport 50000",
    "a=candidate:1 1 udp 41688831 turn.example.org 40108 typ relay raddr 0.0.0.0 rport 0",
    "a=candidate:1 1 tcp 41688831 192.0.2.7 40108 typ relay raddr 0.0.0.0 rport 0",
    "a=candidate:1 1 udp 41688831 192.0.2.7 0 typ relay raddr 0.0.0.0 rport 0",
    "a=candidate:1 1 udp 41688831 192.0.2.7 99999 typ relay raddr 0.0.0.0 rport 0",
    "a=candidate:1 1 udp 41688831 fe80::1%eth0 40108 typ relay raddr :: rport 0",
    "a=candidate:",
  ])
    expect(readSdp(GOOD.replace(RELAY_LINE, `${RELAY_LINE}\r\n${candidate}`), "theirs"), candidate).toMatchObject({
      ok: false,
    });
});

test("an SDP that is not exactly one Opus stream with its keys is refused with a reason", () => {
  const broken: Record<string, string> = {
    empty: "",
    "no SDP": "hello",
    "too long": GOOD + "a=x\r\n".repeat(8_000),
    "a second stream": `${GOOD}m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n`,
    video: GOOD.replace("m=audio", "m=video"),
    "a section of its own for data": `${GOOD}m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=sctp-port:5000\r\n`,
    "audio and video": `${GOOD}m=video 9 UDP/TLS/RTP/SAVPF 96\r\n`,
    "no Opus": GOOD.replace("opus/48000/2", "PCMU/8000"),
    "no user": GOOD.replace(/a=ice-ufrag.*\r\n/, ""),
    "two passwords": GOOD.replace(/(a=ice-pwd.*\r\n)/, "$1$1"),
    "no fingerprint": GOOD.replace(/a=fingerprint.*\r\n/, ""),
    "two fingerprints": GOOD.replace(/(a=fingerprint.*\r\n)/, "$1$1"),
    "a weak fingerprint": GOOD.replace("sha-256", "sha-1"),
    "no role": GOOD.replace(/a=setup.*\r\n/, ""),
    "an unknown role": GOOD.replace("setup:actpass", "setup:holdconn"),
    "no candidate": GOOD.replace(`${RELAY_LINE}\r\n`, ""),
    "forty candidates": GOOD.replace(RELAY_LINE, Array.from({ length: 40 }, () => RELAY_LINE).join("\r\n")),
  };
  for (const [what, sdp] of Object.entries(broken)) expect(readSdp(sdp, "theirs"), what).toMatchObject({ ok: false });
});

test("lines that we do not know never come out again, whatever they say", () => {
  const hostile = GOOD.replace("a=mid:0", "a=maxptime:10\r\na=mid:0\r\na=fmtp:111 maxplaybackrate=1\r\na=crypto:1 x");
  const read = readSdp(hostile, "theirs");
  expect(read.ok && writeSdp(read.description)).toBe(GOOD);
});

test("one line says that an end takes the channel, and of any other version it does not; the library is told in its own way", () => {
  const takes = (sdp: string) => {
    const read = readSdp(sdp, "theirs");
    return read.ok && read.description.takesChannel;
  };
  expect(takes(GOOD)).toBe(true);
  expect(takes(GOOD.replace("sound-channel:1", "sound-channel:2"))).toBe(false);
  expect(takes(GOOD.replace("a=x-porter-sound-channel:1\r\n", ""))).toBe(false);
  const told = (["none", "refused", "taken"] as const).map((channel) => writeForLibrary(DESCRIPTION, SENDING, channel));
  expect(told.map((text) => /^m=application (\d+) /m.exec(text)?.[1])).toEqual([undefined, "0", "9"]);
  expect(told.map((text) => /^a=group:BUNDLE (.*)$/m.exec(text)?.[1])).toEqual(["0", "0", "0 1"]);
  for (const text of told) expect(text).not.toContain("x-porter");
});

test("no text whatsoever makes the reader throw", () => {
  const line = fc.oneof(fc.string(), fc.constantFrom(...GOOD.split("\r\n"), ...LIBRARY.split("\r\n")));
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 40 }),
      fc.constantFrom<"ours" | "theirs">("ours", "theirs"),
      (lines, origin) => {
        const read = readSdp(lines.join("\r\n"), origin);
        if (read.ok) expect(readSdp(writeSdp(read.description), "theirs")).toEqual(read);
      },
    ),
    { numRuns: 500 },
  );
});

test("an SDP is taken only with the fingerprint that was signed, and in its own role", () => {
  expect(checkRemote({ sdp: GOOD, fingerprint: FINGERPRINT }, "offer")).toMatchObject({ ok: true });
  expect(checkRemote({ sdp: GOOD, fingerprint: FINGERPRINT.replace("10", "11") }, "offer")).toEqual({
    ok: false,
    why: "wrong-certificate",
  });
  expect(checkRemote({ sdp: GOOD, fingerprint: FINGERPRINT }, "answer")).toEqual({ ok: false, why: "bad-sdp" });
  const answer = writeSdp({ ...DESCRIPTION, setup: "active" });
  expect(checkRemote({ sdp: answer, fingerprint: FINGERPRINT }, "answer")).toMatchObject({ ok: true });
  expect(checkRemote({ sdp: answer, fingerprint: FINGERPRINT }, "offer")).toEqual({ ok: false, why: "bad-sdp" });
});
