import { createHash } from "node:crypto";
import * as v from "valibot";
import type { AccountId } from "../gate/book.ts";
import { isAccountId } from "../keys/account.ts";
import { encodeCbor, parseCbor } from "../wire/cbor.ts";
import { HASH_BYTES, type Sealed, STRANDS } from "./journal-chain.ts";
import { certifiedBy, type JournalSigner, type SignedBytes } from "./journal-checkpoint.ts";
import { type CountedLine, readDetails } from "./journal-line.ts";
import { type JournalRecords, type JournalReport, verifyRecords } from "./journal-verify.ts";
import { LIMITS } from "./journal-words.ts";
import { inPieces } from "./pieces.ts";

/**
 * An exported journal: one JSON object a line; bytes are base64url.
 * `{"porter":"journal","v":1,"account",…}`, then the lines of the chain `{"strand","number","hash","commitment"}`, with
 * `"salt","details"` where they were not forgotten; the checkpoints `{"checkpoint","signature","certificate"}`; the
 * lines from before there was a chain `{"before"}`; last `{"end","signature","certificate"}`, which signs every byte
 * above it.
 */
export type ExportRecords = Omit<JournalRecords, "account"> & Readonly<{ before: Iterable<string> }>;

export type FileReport =
  /** `before`: lines older than the chain, for which only the signature of the whole file stands. */
  | Readonly<{
      read: true;
      report: JournalReport;
      /** What its lines say, of those that say anything. */
      told: readonly CountedLine[];
      before: number;
      exportedAtMs: number;
    }>
  /** It is no journal, or not of this account, or not as it was signed: nothing in it counts. */
  | Readonly<{ read: false; why: string }>;

/** `records` must stand still: other things happen meanwhile. */
export async function writeExport(records: ExportRecords, signer: JournalSigner, nowMs: number): Promise<string> {
  const { account } = signer;
  const atMs = Math.trunc(nowMs);
  const written: string[] = [];
  const put = (value: unknown) => written.push(`${JSON.stringify(value)}\n`);
  put({ porter: "journal", v: 1, account, exportedAtMs: atMs, says: LIMITS });
  for await (const { strand, number, salt, details, commitment, hash } of inPieces(records.lines)) {
    const kept = salt && details !== null ? { salt: toText(salt), details } : {};
    put({ strand, number, hash: toText(hash), commitment: toText(commitment), ...kept });
  }
  for (const { bytes, signature, certificate } of records.checkpoints) {
    put({ checkpoint: toText(bytes), signature: toText(signature), certificate: toText(certificate) });
  }
  for (const details of records.before) put({ before: details });
  const above = written.join("");
  const end = encodeCbor({ v: 1, account, at: atMs, sha256: sha256(above) });
  const signed = { bytes: end, signature: signer.signJournal("export", end), certificate: signer.certificate };
  return above + lastLine(signed);
}

function lastLine({ bytes, signature, certificate }: SignedBytes): string {
  const record = { end: toText(bytes), signature: toText(signature), certificate: toText(certificate) };
  return `${JSON.stringify(record)}\n`;
}

/** What a file from anyone proves, to somebody who knows the account id and nothing else. Never throws. */
export function verifyExport(text: string, account: AccountId): FileReport {
  const cut = text.lastIndexOf("\n", text.length - 2) + 1;
  const [above, last] = [text.slice(0, cut), text.slice(cut)];
  const ended = readJson(EndRecord, last);
  if (!ended) return { read: false, why: "its last line is not the signature of an exported journal" };
  const signed = { bytes: ended.end, signature: ended.signature, certificate: ended.certificate };
  const end = parseCbor(End, signed.bytes);
  if (!end || lastLine(signed) !== last) return { read: false, why: "its last line is damaged" };
  if (end.account !== account) return { read: false, why: "it is the journal of another account" };
  const certified = certifiedBy(signed, "export", account, end.at);
  if (!certified.ok) return { read: false, why: `its signature does not count: ${certified.why}` };
  if (Buffer.compare(sha256(above), end.sha256) !== 0) {
    return { read: false, why: "it was altered since the unit signed it" };
  }
  return readSigned(above, account, end.at);
}

/** The unit signed this file; whether the journal in it holds is another question. */
function readSigned(above: string, account: AccountId, exportedAtMs: number): FileReport {
  const lines: Sealed[] = [];
  const told: CountedLine[] = [];
  const checkpoints: SignedBytes[] = [];
  let before = 0;
  for (const [index, text] of above.split("\n").entries()) {
    if (text === "") continue;
    const record = readJson(Record, text);
    if (!record) return { read: false, why: `its line ${index + 1} is none of a journal` };
    if ("strand" in record) {
      const line: Sealed = { salt: null, details: null, ...record };
      lines.push(line);
      const says = line.details === null ? null : readDetails(line.details);
      if (says) told.push(says);
    } else if ("checkpoint" in record) {
      checkpoints.push({ bytes: record.checkpoint, signature: record.signature, certificate: record.certificate });
    } else if ("before" in record) before += 1;
  }
  return { read: true, report: verifyRecords({ account, lines, checkpoints }), told, before, exportedAtMs };
}

/** The one writing of bytes as text: no padding, no bits left over. */
const Bytes = v.pipe(
  v.string(),
  v.check((text) => Buffer.from(text, "base64url").toString("base64url") === text),
  v.transform((text) => new Uint8Array(Buffer.from(text, "base64url"))),
);
const Hash = v.pipe(Bytes, v.length(HASH_BYTES));
const Line = { strand: v.picklist(STRANDS), number: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) };
const Hashes = { hash: Hash, commitment: Hash };
const Record = v.union([
  v.strictObject({ ...Line, ...Hashes, salt: Bytes, details: v.string() }),
  v.strictObject({ ...Line, ...Hashes }),
  v.strictObject({ checkpoint: Bytes, signature: Bytes, certificate: Bytes }),
  v.strictObject({ before: v.string() }),
  v.strictObject({
    porter: v.literal("journal"),
    v: v.literal(1),
    account: v.string(),
    exportedAtMs: v.number(),
    says: v.string(),
  }),
]);
const EndRecord = v.strictObject({ end: Bytes, signature: Bytes, certificate: Bytes });
const End = v.strictObject({
  v: v.literal(1),
  account: v.custom<AccountId>(isAccountId),
  at: v.pipe(v.number(), v.safeInteger()),
  sha256: v.pipe(v.instance(Uint8Array), v.length(HASH_BYTES)),
});

function readJson<Output>(schema: v.GenericSchema<unknown, Output>, text: string): Output | null {
  try {
    const parsed = v.safeParse(schema, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

function sha256(text: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(text, "utf8").digest());
}
