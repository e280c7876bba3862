import {
  createHash,
  createHmac,
  createPrivateKey,
  createSecretKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { constants } from "node:fs";
import { chmod, lstat, mkdir, open, rename } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import * as v from "valibot";
import type { SealOf } from "../gate/book.ts";
import { encodeCbor, parseCbor } from "../wire/cbor.ts";
import { type AccountId, accountIdOf, isUnitId, newUnitId, type UnitId } from "./account.ts";
import { type Certificate, issueCertificate, verifyCertificate } from "./certificate.ts";
import { rawPublicKey, signBytes, verifyBytes } from "./signing.ts";
import { mintToken } from "./token.ts";

/** All that is secret on a unit. The secrets themselves are never handed out in a form that prints. */
export interface Keystore {
  readonly account: AccountId;
  readonly unit: UnitId;
  /** The unit's certificate as others receive it. */
  readonly certificate: Uint8Array;
  /** What is sealed to this unit is opened with it (X25519). */
  readonly agreementKey: KeyObject;
  signEnvelope(signed: Uint8Array): Uint8Array;
  /** A day key of this unit: others seal to it what is to wait. */
  signDayKey(signed: Uint8Array): Uint8Array;
  /** What the owner's journal says of itself: a checkpoint of its chain, or a whole exported file. */
  signJournal(what: "checkpoint" | "export", signed: Uint8Array): Uint8Array;
  /** The owner's book as it stands on this unit, and how far it has come for certain. */
  signBook(what: "stored" | "revision", bytes: Uint8Array): Uint8Array;
  /** Did this unit sign it? Never throws. */
  holdsBook(what: "stored" | "revision", bytes: Uint8Array, signature: Uint8Array): boolean;
  /** What the owner hands on as evidence, by the list of its files. */
  signEvidence(manifest: Uint8Array): Uint8Array;
  /** A short-lived token for one hub. */
  mintToken(hubName: string, nowMs: number): Promise<string>;
  /**
   * What is left of somebody who was deleted (HMAC-SHA256): the same key has the same seal on this unit, and another on
   * every other. Takes about 2 µs.
   */
  readonly seal: SealOf;
  /** 32 bytes, a copy: the caller wipes it when the database is open. */
  databaseKey(): Buffer;
  /** The same for the copy of the book, whose key does not open the database. */
  copyKey(): Buffer;
}

type KeystoreFault =
  /** Others may read the folder or the file, or it is somebody else's. */
  | "keystore-exposed"
  /** The file is not what was written. */
  | "keystore-damaged"
  | "keystore-unreadable";
export type KeystoreResult =
  | Readonly<{ ok: true; keystore: Keystore; made: boolean }>
  | Readonly<{ ok: false; code: KeystoreFault; message: string }>;

export type KeystoreOptions = Readonly<{ folder: string; nowMs: number }>;

const FILE = "keys";
const MAX_FILE_BYTES = 16_384;
const CERTIFICATE_LIFE_MS = 10 * 365 * 86_400_000;
/** 2026-11-01: no unit was made before, whatever its clock says at first start. */
const EARLIEST_START_MS = 1_793_491_200_000;

const Bytes = v.instance(Uint8Array);
const Stored = v.strictObject({
  v: v.literal(1),
  unit: v.custom<UnitId>(isUnitId),
  /** PKCS #8. The account key may live elsewhere: then it is empty and only the certificate is here. */
  account: Bytes,
  ed25519: Bytes,
  x25519: Bytes,
  certificate: Bytes,
  database: v.pipe(Bytes, v.length(32)),
});
type Stored = v.InferOutput<typeof Stored>;
const Outer = v.strictObject({ keys: Bytes, sha256: v.pipe(Bytes, v.length(32)) });

/** Opens the keys in a folder; makes folder and keys at first start. Refuses rather than repairs. */
export async function openKeystore({ folder, nowMs }: KeystoreOptions): Promise<KeystoreResult> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const exposed = await exposure(folder, 0o700);
    if (exposed) return { ok: false, code: "keystore-exposed", message: exposed };
    const path = join(folder, FILE);
    const found = await readKeys(path);
    if (typeof found === "string") return { ok: false, code: "keystore-exposed", message: found };
    if (found) return fromBytes(found, path);
    const bytes = freshKeys(nowMs);
    await writeAtomically(folder, path, bytes);
    const made = fromBytes(bytes, path);
    return made.ok ? { ...made, made: true } : made;
  } catch (error) {
    return { ok: false, code: "keystore-unreadable", message: error instanceof Error ? error.message : String(error) };
  }
}

/** The file's bytes; null where there is none; a text where it must not be trusted. */
async function readKeys(path: string): Promise<Uint8Array | string | null> {
  const exposed = await exposure(path, 0o600).catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
  if (exposed === null) return null;
  if (exposed) return exposed;
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  const { size } = await file.stat();
  if (size > MAX_FILE_BYTES) return new Uint8Array();
  return new Uint8Array(await file.readFile());
}

/** Why this may have been seen or written by others; empty when it is ours alone. */
export async function exposure(path: string, mode: number): Promise<string> {
  const found = await lstat(path);
  if (found.isSymbolicLink()) return `${path} is a symbolic link`;
  if (found.uid !== process.getuid?.()) return `${path} belongs to another user`;
  if ((found.mode & 0o777) === mode) return "";
  return `${path} has mode ${(found.mode & 0o777).toString(8)}, not ${mode.toString(8)}`;
}

function freshKeys(nowMs: number): Uint8Array {
  const account = generateKeyPairSync("ed25519").privateKey;
  const ed25519 = generateKeyPairSync("ed25519").privateKey;
  const x25519 = generateKeyPairSync("x25519").privateKey;
  const unit = newUnitId();
  const certificate = issueCertificate(account, {
    unit,
    seq: 1,
    ed25519: rawPublicKey(ed25519),
    x25519: rawPublicKey(x25519),
    notAfterMs: Math.max(nowMs, EARLIEST_START_MS) + CERTIFICATE_LIFE_MS,
  });
  const keys = encodeCbor({
    v: 1,
    unit,
    account: pkcs8(account),
    ed25519: pkcs8(ed25519),
    x25519: pkcs8(x25519),
    certificate,
    database: new Uint8Array(randomBytes(32)),
  });
  return encodeCbor({ keys, sha256: sha256(keys) });
}

async function writeAtomically(folder: string, path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.new`;
  {
    await using file = await open(temporary, "w", 0o600);
    await chmod(temporary, 0o600);
    await file.writeFile(bytes);
    await file.sync();
  }
  await rename(temporary, path);
  await using directory = await open(folder, "r");
  await directory.sync();
}

function fromBytes(bytes: Uint8Array, path: string): KeystoreResult {
  const damaged: KeystoreResult = { ok: false, code: "keystore-damaged", message: `${path} is damaged` };
  const outer = parseCbor(Outer, bytes);
  if (!outer || Buffer.compare(sha256(outer.keys), outer.sha256) !== 0) return damaged;
  const stored = parseCbor(Stored, outer.keys);
  // Expired or not is for those to say who are shown the certificate; here it only has to belong to these keys.
  const certified = stored && verifyCertificate(stored.certificate, 0);
  if (!stored || !certified?.ok) return damaged;
  try {
    const keys = new UnitKeys(stored, certified.certificate);
    return keys.consistent(certified.certificate) ? { ok: true, keystore: keys, made: false } : damaged;
  } catch {
    return damaged;
  }
}

class UnitKeys implements Keystore {
  readonly account: AccountId;
  readonly unit: UnitId;
  readonly certificate: Uint8Array;
  readonly #accountKey: KeyObject | null;
  readonly #signingKey: KeyObject;
  readonly #agreementKey: KeyObject;
  readonly #databaseKey: () => Buffer;
  readonly #verifyingKey: Uint8Array;
  readonly seal: SealOf;

  constructor(stored: Stored, certificate: Certificate) {
    this.account = certificate.account;
    this.unit = stored.unit;
    this.certificate = stored.certificate;
    this.#accountKey = stored.account.length === 0 ? null : privateKey(stored.account);
    this.#signingKey = privateKey(stored.ed25519);
    this.#agreementKey = privateKey(stored.x25519);
    this.#verifyingKey = certificate.ed25519;
    const { database } = stored;
    this.#databaseKey = () => Buffer.from(database);
    this.seal = sealerFrom(database);
  }

  consistent(certificate: Certificate): boolean {
    return (
      certificate.unit === this.unit &&
      (!this.#accountKey || accountIdOf(rawPublicKey(this.#accountKey)) === certificate.account) &&
      Buffer.compare(rawPublicKey(this.#signingKey), certificate.ed25519) === 0 &&
      Buffer.compare(rawPublicKey(this.#agreementKey), certificate.x25519) === 0
    );
  }

  get agreementKey(): KeyObject {
    return this.#agreementKey;
  }

  signEnvelope(signed: Uint8Array): Uint8Array {
    return signBytes("porter/1 envelope", signed, this.#signingKey);
  }

  signDayKey(signed: Uint8Array): Uint8Array {
    return signBytes("porter/1 day key", signed, this.#signingKey);
  }

  signJournal(what: "checkpoint" | "export", signed: Uint8Array): Uint8Array {
    return signBytes(`porter/1 journal ${what}`, signed, this.#signingKey);
  }

  signBook(what: "stored" | "revision", bytes: Uint8Array): Uint8Array {
    return signBytes(`porter/1 book ${what}`, bytes, this.#signingKey);
  }

  holdsBook(what: "stored" | "revision", bytes: Uint8Array, signature: Uint8Array): boolean {
    return verifyBytes(`porter/1 book ${what}`, bytes, signature, this.#verifyingKey);
  }

  signEvidence(manifest: Uint8Array): Uint8Array {
    return signBytes("porter/1 evidence manifest", manifest, this.#signingKey);
  }

  mintToken(hubName: string, nowMs: number): Promise<string> {
    return mintToken(this.#signingKey, this.certificate, hubName, nowMs);
  }

  databaseKey(): Buffer {
    return this.#databaseKey();
  }

  copyKey(): Buffer {
    return Buffer.from(hkdfSync("sha256", this.#databaseKey(), "", "porter/1 book copy", 32));
  }

  toJSON(): string {
    return "[keystore]";
  }

  [inspect.custom](): string {
    return "[keystore]";
  }
}

/** The sealing key is derived (HKDF, RFC 5869) from one that is as old as the unit, so that older units have it too. */
function sealerFrom(secret: Uint8Array): SealOf {
  const key = createSecretKey(Buffer.from(hkdfSync("sha256", secret, "", "porter/1 seals of who was deleted", 32)));
  return (what, text) => createHmac("sha256", key).update(`${what}\0${text}`).digest("base64url");
}

function privateKey(der: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(der), format: "der", type: "pkcs8" });
}

function pkcs8(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ format: "der", type: "pkcs8" }));
}

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
