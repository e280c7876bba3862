import { isIP } from "node:net";

/**
 * A leg's SDP (RFC 8866), reduced to what a Porter call needs. Text from outside is read into `LegDescription` and
 * written anew: no line of a stranger's ever reaches the WebRTC library (some, like `a=maxptime:10`, end its
 * process), and nothing that the library puts in (host addresses, header extensions that show in clear how loud
 * somebody speaks, RFC 6464) ever leaves.
 */
export type LegDescription = Readonly<{
  iceUfrag: string;
  icePwd: string;
  /** SHA-256 of the DTLS certificate: upper-case hex pairs joined by colons. */
  fingerprint: string;
  setup: Setup;
  relays: readonly RelayCandidate[];
  /** Whether this end can be sent each packet's sound once more in the next one (RFC 2198). */
  takesTwice: boolean;
  /** Whether this end takes and sends sound by a data channel as well (sound-packet.ts), on the same transport. */
  takesChannel: boolean;
}>;
/** How our own library is to send, told by the description of the other end that it is given. */
export type Sending = Readonly<{ packetMs: 10 | 20; twice: boolean; bitPerS: number }>;
type Setup = "actpass" | "active" | "passive";
/** Where a TURN relay takes packets for one end. The end's own addresses are not in it. */
type RelayCandidate = Readonly<{ foundation: string; priority: number; address: string; port: number }>;

export type ReadSdp = Readonly<{ ok: true; description: LegDescription } | { ok: false; reason: string }>;

/** What is said of the data channel to our library, which wants a section for each of the offer's. */
export type ChannelSection = "none" | "refused" | "taken";

/** Whose text it is: our library's other candidates are left out, a stranger's make the whole SDP bad. */
export type SdpOrigin = "ours" | "theirs";

/** 10 ms packets: 20 ms less from ear to ear. Twice: what one packet loses the next one brings (bench loss). */
export const SENDING: Sending = { packetMs: 10, twice: true, bitPerS: 32_000 };

const MOST_CHARS = 32_768;
const MOST_CANDIDATES = 8;
/**
 * Not a section of its own: units that know nothing of it take the rest, and nothing that a stranger writes of SCTP is
 * ever read. The number is the version of what goes over it.
 */
const CHANNEL_LINE = "a=x-porter-sound-channel:1";
const SETUPS: readonly Setup[] = ["actpass", "active", "passive"];
/** RFC 8839, section 5.4. */
const ICE_UFRAG = /^[A-Za-z0-9+/]{4,256}$/;
const ICE_PWD = /^[A-Za-z0-9+/]{22,256}$/;
const FINGERPRINT = /^sha-256 ((?:[0-9A-F]{2}:){31}[0-9A-F]{2})$/i;
/** RFC 8839, section 5.1: foundation, component, transport, priority, address, port, type. */
const CANDIDATE = /^([A-Za-z0-9+/]{1,32}) (\d) (\S{1,8}) (\d{1,10}) (\S{1,64}) (\d{1,5}) typ (\S{1,16})(?: |$)/;

/** Never throws: an SDP is expected to be bad. */
export function readSdp(text: string, origin: SdpOrigin): ReadSdp {
  if (text.length > MOST_CHARS) return bad("too long");
  const all = text.split(/\r?\n/);
  // The library repeats there what it said of the transport before.
  const channelAt = origin === "ours" ? all.findIndex((line) => line.startsWith("m=application ")) : -1;
  const lines = channelAt < 0 ? all : all.slice(0, channelAt);
  if (lines[0] !== "v=0") return bad("not an SDP");
  const media = lines.filter((line) => line.startsWith("m="));
  if (media.length !== 1 || !media[0]?.startsWith("m=audio ")) return bad("not exactly one audio stream");
  if (!lines.some((line) => /^a=rtpmap:111 opus\/48000\/2$/i.test(line))) return bad("no Opus");

  const iceUfrag = only(lines, "a=ice-ufrag:");
  const icePwd = only(lines, "a=ice-pwd:");
  if (iceUfrag === null || icePwd === null || !ICE_UFRAG.test(iceUfrag) || !ICE_PWD.test(icePwd))
    return bad("no usable ICE credentials");
  const fingerprint = FINGERPRINT.exec(only(lines, "a=fingerprint:") ?? "")?.[1];
  if (fingerprint === undefined) return bad("not exactly one SHA-256 fingerprint");
  const setupText = only(lines, "a=setup:");
  const setup = SETUPS.find((known) => known === setupText);
  if (setup === undefined) return bad("no DTLS role");

  const relays = readCandidates(lines, origin);
  if (typeof relays === "string") return bad(relays);
  if (relays.length === 0) return bad("no relay candidate");
  const takesTwice = lines.some((line) => /^a=rtpmap:63 red\/48000\/2$/i.test(line));
  const takesChannel =
    channelAt >= 0 ? all[channelAt]?.startsWith("m=application 0 ") !== true : lines.includes(CHANNEL_LINE);
  return {
    ok: true,
    description: { iceUfrag, icePwd, fingerprint: fingerprint.toUpperCase(), setup, relays, takesTwice, takesChannel },
  };
}

/** The one text that stands for `description`, for the other end. */
export function writeSdp(description: LegDescription): string {
  const lines = [...audioLines(description, SENDING, "0"), ...(description.takesChannel ? [CHANNEL_LINE] : []), ""];
  return lines.join("\r\n");
}

/** What our library is given for the other end's: it sends as `sending` says. */
export function writeForLibrary(description: LegDescription, sending: Sending, channel: ChannelSection): string {
  const lines = audioLines(description, sending, channel === "taken" ? "0 1" : "0");
  if (channel !== "none")
    lines.push(
      `m=application ${channel === "taken" ? 9 : 0} UDP/DTLS/SCTP webrtc-datachannel`,
      "c=IN IP4 0.0.0.0",
      ...transportLines(description),
      "a=mid:1",
      "a=sctp-port:5000",
      "a=max-message-size:1024",
    );
  return `${lines.join("\r\n")}\r\n`;
}

function audioLines(description: LegDescription, sending: Sending, bundle: string): string[] {
  const twice = description.takesTwice && sending.twice;
  return [
    "v=0",
    "o=- 1 1 IN IP4 0.0.0.0",
    "s=-",
    "t=0 0",
    `a=group:BUNDLE ${bundle}`,
    `m=audio 9 UDP/TLS/RTP/SAVPF ${twice ? "63 111" : "111"}`,
    "c=IN IP4 0.0.0.0",
    "a=rtcp:9 IN IP4 0.0.0.0",
    ...transportLines(description),
    "a=mid:0",
    "a=sendrecv",
    "a=rtcp-mux",
    "a=rtpmap:111 opus/48000/2",
    // Packets of one size and rate tell the relay nothing of what is said, or whether (RFC 6562): hence CBR, no DTX.
    `a=fmtp:111 minptime=10;useinbandfec=1;stereo=0;cbr=1;usedtx=0;maxaveragebitrate=${sending.bitPerS}`,
    ...(twice ? ["a=rtpmap:63 red/48000/2", "a=fmtp:63 111/111"] : []),
    // No maxptime: this library aborts on a value below 20.
    `a=ptime:${sending.packetMs}`,
    ...description.relays.map(
      ({ foundation, priority, address, port }) =>
        `a=candidate:${foundation} 1 udp ${priority} ${address} ${port} typ relay raddr 0.0.0.0 rport 0`,
    ),
    "a=end-of-candidates",
  ];
}

function transportLines({ iceUfrag, icePwd, fingerprint, setup }: LegDescription): string[] {
  return [`a=ice-ufrag:${iceUfrag}`, `a=ice-pwd:${icePwd}`, `a=fingerprint:sha-256 ${fingerprint}`, `a=setup:${setup}`];
}

function bad(reason: string): ReadSdp {
  return { ok: false, reason };
}

/** The rest of the only line that starts so; null where there is none or several. */
function only(lines: readonly string[], start: string): string | null {
  const found = lines.filter((line) => line.startsWith(start));
  return found.length === 1 ? (found[0]?.slice(start.length) ?? null) : null;
}

/** The relay candidates, or what is wrong with one of them. */
function readCandidates(lines: readonly string[], origin: SdpOrigin): RelayCandidate[] | string {
  const relays: RelayCandidate[] = [];
  for (const line of lines) {
    if (!line.startsWith("a=candidate:")) continue;
    const candidate = readCandidate(line.slice("a=candidate:".length));
    if (candidate !== null) relays.push(candidate);
    else if (origin === "theirs") return "a candidate that is not a relay's address";
    if (relays.length > MOST_CANDIDATES) return "too many candidates";
  }
  return relays;
}

function readCandidate(text: string): RelayCandidate | null {
  const parts = CANDIDATE.exec(text);
  if (parts === null) return null;
  const [, foundation, component, transport, priorityText, address, portText, type] = parts;
  if (foundation === undefined || address === undefined) return null;
  const priority = Number(priorityText);
  const port = Number(portText);
  const fits =
    component === "1" &&
    transport?.toLowerCase() === "udp" &&
    type === "relay" &&
    // A name instead of an address would make the library look it up.
    isIP(address) !== 0 &&
    !address.includes("%") &&
    priority <= 0xffff_ffff &&
    port > 0 &&
    port <= 65_535;
  return fits ? { foundation, priority, address, port } : null;
}
