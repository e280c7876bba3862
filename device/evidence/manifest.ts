import { createHash } from "node:crypto";
import * as v from "valibot";
import { type AccountId, isAccountId, isUnitId, type UnitId } from "../keys/account.ts";
import { verifyCertificate } from "../keys/certificate.ts";
import type { Keystore } from "../keys/keystore.ts";
import { verifyBytes } from "../keys/signing.ts";
import { EnvelopeId } from "../wire/messages.ts";

/** What is in an archive of evidence, as the owner's unit says and signs. What it says of messages, their headers prove. */
export type Manifest = v.InferOutput<typeof ManifestSchema>;
export type ManifestMessage = Manifest["messages"][number];

export type EvidenceSigner = Pick<Keystore, "account" | "unit" | "certificate" | "signEvidence">;

/** `text`: JSON, exactly as the unit key signed it, which `certificate` ties to the account. */
export type SignedManifest = Readonly<{ text: Uint8Array; signature: Uint8Array; certificate: Uint8Array }>;
export type ManifestRead =
  | Readonly<{ ok: true; manifest: Manifest; unit: UnitId; certificateSeq: number }>
  | Readonly<{ ok: false; why: string }>;

const Natural = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Account = v.custom<AccountId>(isAccountId);
const ManifestSchema = v.strictObject({
  porter: v.literal("evidence"),
  v: v.literal(1),
  /** Whose unit it is, and to whom the messages were. */
  account: Account,
  unit: v.custom<UnitId>(isUnitId),
  exportedAtMs: Natural,
  says: v.string(),
  /** In the order in which they came. */
  messages: v.array(
    v.strictObject({
      folder: v.string(),
      id: EnvelopeId,
      from: Account,
      /** What the owner's book calls the sender. */
      person: v.exactOptional(v.string()),
      kind: v.picklist(["voice", "text"]),
      /** By the sender's clock, and by the owner's. */
      sentAtMs: Natural,
      cameAtMs: Natural,
      durationMs: Natural,
      /** Of what was passed on: who spoke it first, or "unverified". */
      origin: v.exactOptional(v.union([Account, v.literal("unverified")])),
      /** Where it was kept. */
      shelf: v.picklist(["inbox", "requests", "evidence"]),
    }),
  ),
  /** SHA-256 of every other file, in hexadecimal. */
  files: v.record(v.string(), v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
});

export function signManifest(manifest: Manifest, signer: EvidenceSigner): SignedManifest {
  const text = Buffer.from(writeManifest(manifest));
  return { text, signature: signer.signEvidence(text), certificate: signer.certificate };
}

/** Bytes from anyone to a manifest that a unit of the account that it names signed. Never throws. */
export function readManifest({ text, signature, certificate }: SignedManifest): ManifestRead {
  const manifest = parseManifest(text);
  if (!manifest) return { ok: false, why: "manifest.json is none that Porter writes" };
  const certified = verifyCertificate(certificate, manifest.exportedAtMs);
  if (!certified.ok) return { ok: false, why: `the certificate of its manifest is ${certified.reason}` };
  const { account, unit, seq, ed25519 } = certified.certificate;
  if (account !== manifest.account || unit !== manifest.unit) {
    return { ok: false, why: "the certificate of its manifest is another unit's" };
  }
  if (!verifyBytes("porter/1 evidence manifest", text, signature, ed25519)) {
    return { ok: false, why: "the signature of its manifest is wrong: it was altered since the unit signed it" };
  }
  return { ok: true, manifest, unit, certificateSeq: seq };
}

/** In hexadecimal. */
export function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A file a line, so that plain tools can check it too. */
function writeManifest(manifest: unknown): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** One manifest has one writing: nothing in it can be read in two ways. */
function parseManifest(bytes: Uint8Array): Manifest | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    const parsed = v.safeParse(ManifestSchema, value);
    return parsed.success && writeManifest(value) === text ? parsed.output : null;
  } catch {
    return null;
  }
}
