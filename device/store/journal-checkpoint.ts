import * as v from "valibot";
import type { AccountId } from "../gate/book.ts";
import { isAccountId } from "../keys/account.ts";
import { type Certificate, verifyCertificate } from "../keys/certificate.ts";
import type { Keystore } from "../keys/keystore.ts";
import { verifyBytes } from "../keys/signing.ts";
import { encodeCbor, parseCbor } from "../wire/cbor.ts";
import { HASH_BYTES, type Strand, type StrandRange, sha256 } from "./journal-chain.ts";

/** What the unit signed of the journal at one moment: which lines there are, and what they add up to. */
export type Checkpoint = Readonly<{
  account: AccountId;
  /** From 1, without a gap. */
  seq: number;
  atMs: number;
  /** The hash of the checkpoint before. */
  previous: Uint8Array;
  strands: Readonly<Record<Strand, StrandRange>>;
}>;

/** `bytes`: canonical CBOR, exactly as signed by the unit key, which `certificate` ties to the account. */
export type SignedBytes = Readonly<{ bytes: Uint8Array; signature: Uint8Array; certificate: Uint8Array }>;

export type JournalSigner = Pick<Keystore, "account" | "certificate" | "signJournal">;

export type ReadCheckpoint =
  | Readonly<{ ok: true; checkpoint: Checkpoint; certificate: Certificate }>
  | Readonly<{ ok: false; why: string }>;

const Natural = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Hash = v.pipe(v.instance(Uint8Array), v.length(HASH_BYTES));
const Range = v.strictObject({ first: Natural, before: Hash, last: Natural, head: Hash });
const Body = v.strictObject({
  v: v.literal(1),
  account: v.custom<AccountId>(isAccountId),
  seq: Natural,
  at: v.pipe(v.number(), v.safeInteger()),
  previous: Hash,
  single: Range,
  counted: Range,
});

export function signCheckpoint({ account, seq, atMs, previous, strands }: Checkpoint, by: JournalSigner): SignedBytes {
  const bytes = encodeCbor({ v: 1, account, seq, at: Math.trunc(atMs), previous, ...strands });
  return { bytes, signature: by.signJournal("checkpoint", bytes), certificate: by.certificate };
}

/** Bytes from anyone to a checkpoint that a unit of this account signed. Never throws. */
export function readCheckpoint(signed: SignedBytes, account: AccountId): ReadCheckpoint {
  const body = parseCbor(Body, signed.bytes);
  if (!body) return { ok: false, why: "it is damaged" };
  const { at: atMs, seq, previous, single, counted } = body;
  if (body.account !== account) return { ok: false, why: "it belongs to another account" };
  const certified = certifiedBy(signed, "checkpoint", account, atMs);
  if (!certified.ok) return certified;
  const checkpoint = { account, seq, atMs, previous, strands: { single, counted } };
  return { ok: true, checkpoint, certificate: certified.certificate };
}

/** Whether a unit of this account signed these bytes, with a certificate that was good at that moment. */
export function certifiedBy(
  { bytes, signature, certificate }: SignedBytes,
  what: "checkpoint" | "export",
  account: AccountId,
  atMs: number,
): Readonly<{ ok: true; certificate: Certificate } | { ok: false; why: string }> {
  const result = verifyCertificate(certificate, atMs);
  if (!result.ok) return { ok: false, why: `its certificate is ${result.reason}` };
  if (result.certificate.account !== account) return { ok: false, why: "its certificate is of another account" };
  if (!verifyBytes(`porter/1 journal ${what}`, bytes, signature, result.certificate.ed25519)) {
    return { ok: false, why: "its signature is wrong" };
  }
  return { ok: true, certificate: result.certificate };
}

/** What the next checkpoint names as the one before it. */
export function checkpointHash(bytes: Uint8Array): Uint8Array {
  return sha256("porter/1 journal after checkpoint", bytes);
}
