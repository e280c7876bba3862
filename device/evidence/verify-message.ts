import type { AccountId } from "../gate/book.ts";
import { type Certificate, verifyCertificate } from "../keys/certificate.ts";
import { verifyBytes } from "../keys/signing.ts";
import type { CountedLine } from "../store/journal-line.ts";
import { isWhole, type MessageHeader, originOf, readHeader } from "../wire/parcel.ts";
import { MESSAGE, ORIGIN, SOUND, TEXT } from "./layout.ts";
import { hashOf, type ManifestMessage } from "./manifest.ts";

export type VerifiedMessage = Readonly<{
  /** What the owner's unit says of it. Where there are no faults, its header says so too, but for name, shelf, and when it came. */
  message: ManifestMessage;
  /** What does not hold of it, in words. */
  faults: readonly string[];
  /** Whose unit signed it, by a certificate that was good at the time that it says. Null where none did. */
  signedBy: Readonly<{ account: AccountId; unit: string; certificateSeq: number; notAfterMs: number }> | null;
  /** Of what was passed on: who signed it first, and when they say they did. Null where nothing shows who. */
  origin: Readonly<{ account: AccountId; signedAtMs: number }> | null;
  text: string | null;
  /** In hexadecimal: of the sound that is there. */
  soundHash: string | null;
  /** What the owner's journal has of the moment in which it came. */
  arrival: CountedLine | null;
}>;

export type MessageContext = Readonly<{
  /** Its place among the messages, from 0. */
  index: number;
  /** To whom it must be. */
  account: AccountId;
  /** By their paths; each is as its manifest lists it. */
  files: ReadonlyMap<string, Uint8Array>;
  told: readonly CountedLine[];
}>;

/** The journal's line is written once the message is kept. */
const ARRIVAL_SLACK_MS = 10_000;

/** All the files that a message may have. */
export function pathsOf(folder: string): string[] {
  return [...Object.values(MESSAGE), ...Object.values(ORIGIN), SOUND, TEXT].map((name) => `${folder}/${name}`);
}

/** Pure; never throws. What the manifest says of a message is believed nowhere: its owner may have made it up. */
export function verifyMessage(message: ManifestMessage, context: MessageContext): VerifiedMessage {
  const { folder } = message;
  const file = (name: string) => context.files.get(`${folder}/${name}`);
  const sound = file(SOUND) ?? null;
  const soundHash = sound && hashOf(sound);
  const signed = signedBy(file, MESSAGE);
  const none = { message, signedBy: null, origin: null, text: null, soundHash, arrival: null };
  if (!signed) return { ...none, faults: ["its header, certificate or signature is missing"] };
  const judged = judge(signed);
  if (!judged.ok) return { ...none, faults: [judged.why] };
  const { header, certificate } = judged;
  const faults = [
    ...placeFaults(message, header, context),
    ...contentFaults(header, file),
    ...originFaults(message, header, file),
  ];
  const { account, unit, seq, notAfterMs } = certificate;
  return {
    message,
    faults,
    signedBy: { account, unit, certificateSeq: seq, notAfterMs },
    origin: firstOf(header),
    text: header.message.kind === "message.text" ? header.message.body.text : null,
    soundHash,
    arrival: arrivalOf(message, header, context.told),
  };
}

type Signed = Readonly<{ signed: Uint8Array; sig: Uint8Array; cert: Uint8Array }>;
type Find = (name: string) => Uint8Array | undefined;

function signedBy(file: Find, names: typeof MESSAGE | typeof ORIGIN): Signed | null {
  const [signed, sig, cert] = [file(names.header), file(names.signature), file(names.certificate)];
  return signed && sig && cert ? { signed, sig, cert } : null;
}

type Judged =
  | Readonly<{ ok: true; header: MessageHeader; certificate: Certificate }>
  | Readonly<{ ok: false; why: string }>;

function judge({ signed, sig, cert }: Signed): Judged {
  const header = readHeader(signed);
  if (!header) return { ok: false, why: "its header is none of a message" };
  const certified = verifyCertificate(cert, header.atMs);
  if (!certified.ok) {
    const then = certified.reason === "expired" ? "had expired when it was signed" : `is ${certified.reason}`;
    return { ok: false, why: `the certificate of who signed it ${then}` };
  }
  const { certificate } = certified;
  if (certificate.account !== header.from) {
    return { ok: false, why: "its certificate is of another account than the one that its header names" };
  }
  if (!verifyBytes("porter/1 envelope", signed, sig, certificate.ed25519)) {
    return { ok: false, why: "its signature is wrong: the unit that its certificate names did not sign this header" };
  }
  return { ok: true, header, certificate };
}

function placeFaults(message: ManifestMessage, header: MessageHeader, { index, account }: MessageContext): string[] {
  const { id, from, to, atMs } = header;
  const [kind, durationMs] =
    header.message.kind === "message.voice" ? ["voice", header.message.body.durationMs] : ["text", 0];
  const faults: string[] = [];
  if (to !== account) faults.push(`it was to another account: ${to}`);
  const isSaidSo =
    message.id === id &&
    message.from === from &&
    message.sentAtMs === atMs &&
    message.kind === kind &&
    message.durationMs === durationMs;
  if (!isSaidSo) faults.push("the manifest says of it what its header does not");
  if (message.folder !== `messages/${String(index + 1).padStart(4, "0")}-${id}`) {
    faults.push("it does not lie where a message of this id and place lies");
  }
  return faults;
}

function contentFaults({ message }: MessageHeader, file: Find): string[] {
  const [sound, text] = [file(SOUND), file(TEXT)];
  if (message.kind === "message.text") {
    const isSame = text !== undefined && Buffer.compare(text, Buffer.from(message.body.text, "utf8")) === 0;
    return [
      ...(isSame ? [] : ["the text is not the one that was signed"]),
      ...(sound ? ["no sound belongs to it"] : []),
    ];
  }
  const isSame = sound !== undefined && isWhole(message, sound);
  return [...(isSame ? [] : ["the sound is not the one that was signed"]), ...(text ? ["no text belongs to it"] : [])];
}

/** What the message carries of who said it first must hold by itself, and lie beside it as it carries it. */
function originFaults(said: ManifestMessage, { message }: MessageHeader, file: Find): string[] {
  const { origin: carried, forwarded } = message.body;
  const beside = signedBy(file, ORIGIN);
  const hasAny = Object.values(ORIGIN).some((name) => file(name) !== undefined);
  if (!carried) {
    const isSaidSo = said.origin === (forwarded ? "unverified" : undefined);
    return [
      ...(hasAny ? ["nobody else's signature belongs to it"] : []),
      ...(isSaidSo ? [] : ["the manifest says otherwise of who said it first"]),
    ];
  }
  const first = originOf(message, { highestSeq: () => undefined })?.account;
  if (first === undefined || first === null) return ["what it carries of who said it first does not hold"];
  const isSame =
    beside !== null && (["signed", "sig", "cert"] as const).every((each) => isEqual(beside[each], carried[each]));
  return [
    ...(isSame ? [] : ["the files of who said it first are not what it carries"]),
    // A unit that knew of a later certificate did not believe this one.
    ...(said.origin === first || said.origin === "unverified"
      ? []
      : ["the manifest says otherwise of who said it first"]),
  ];
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

function firstOf({ message }: MessageHeader): VerifiedMessage["origin"] {
  const account = originOf(message, { highestSeq: () => undefined })?.account;
  const first = message.body.origin && readHeader(message.body.origin.signed);
  return first && account ? { account, signedAtMs: first.atMs } : null;
}

function arrivalOf(
  { cameAtMs }: ManifestMessage,
  { from, message }: MessageHeader,
  told: readonly CountedLine[],
): CountedLine | null {
  const isIts = ({ what, account, detail, atMs, lastMs }: CountedLine) =>
    what === "verdict" &&
    account === from &&
    detail === message.kind &&
    atMs - ARRIVAL_SLACK_MS <= cameAtMs &&
    cameAtMs <= lastMs + ARRIVAL_SLACK_MS;
  return told.find(isIts) ?? null;
}
