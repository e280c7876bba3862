import { noLog } from "#base/log.ts";
import { makeArchive } from "#device/evidence/export.ts";
import { MANIFEST, ROOT } from "#device/evidence/layout.ts";
import { type EvidenceSigner, hashOf, type Manifest, signManifest } from "#device/evidence/manifest.ts";
import { readTar, type TarFile, writeTar } from "#device/evidence/tar.ts";
import type { Book } from "#device/gate/book.ts";
import { signBytes } from "#device/keys/signing.ts";
import { type InboxEntry, openInbox } from "#device/store/inbox.ts";
import { openJournal } from "#device/store/journal.ts";
import type { JournalSigner } from "#device/store/journal-checkpoint.ts";
import { openReplayStore } from "#device/store/replay.ts";
import type { LeftMessage } from "#device/wire/messages.ts";
import { openParcel, type Parcel, sealMessage, voiceMessage } from "#device/wire/parcel.ts";
import { bookWith } from "./books.ts";
import { fixedBatch, NOW_MS } from "./day-keys.ts";
import { FakeClock } from "./fake-clock.ts";
import { type FixedUnit, fixedUnit } from "./fixed-keys.ts";

/** What the owner's unit signs with; another name is another account. */
export function evidenceSigner(unit: FixedUnit): EvidenceSigner & JournalSigner {
  const { sealer, certificate, signingKey } = unit;
  return {
    account: sealer.account,
    unit: certificate.unit,
    certificate: sealer.certificate,
    signEvidence: (manifest) => signBytes("porter/1 evidence manifest", manifest, signingKey),
    signJournal: (what, bytes) => signBytes(`porter/1 journal ${what}`, bytes, signingKey),
  };
}

export type Left = Readonly<{
  from: FixedUnit;
  text?: string;
  sound?: Uint8Array;
  id?: string;
  atMs?: number;
  /** Instead of text or sound. */
  message?: LeftMessage;
}>;

/** The parcels of a message as the owner's unit opens them: sealed and signed for real. */
export async function parcelsTo(owner: FixedUnit, left: Left): Promise<Parcel[]> {
  const { from, text = "I know where you live", sound = null, id, atMs = NOW_MS } = left;
  const batch = await fixedBatch(owner);
  const message =
    left.message ?? (sound ? voiceMessage(sound, 1_500) : ({ kind: "message.text", body: { text } } as const));
  const sealed = await sealMessage({
    sender: from.sealer,
    key: batch.key(0),
    message,
    sound,
    nowMs: atMs,
    ...(id !== undefined && { id }),
  });
  const opened = await Promise.all(
    sealed.parcels.map((parcel) => openParcel(parcel, batch.context(from.sealer.account, { nowMs: atMs }))),
  );
  return opened.map((each) => {
    if (!each.ok) throw new Error(each.reason);
    return each.parcel;
  });
}

type Db = Parameters<typeof openInbox>[0]["db"];

/** An owner's inbox and journal on a database, with whatever people leave. */
export function evidenceStores(db: Db, owner: FixedUnit) {
  const clock = new FakeClock(NOW_MS);
  const signer = evidenceSigner(owner);
  const { account } = signer;
  const journal = openJournal({ db, signer, clock, log: noLog });
  const replay = openReplayStore({ db, clock, log: noLog });
  const inbox = openInbox({
    db,
    owner: account,
    clock,
    log: noLog,
    replay,
    spend: () => undefined,
    sharerOf: (sharer) => sharer,
  });
  /** Somebody leaves a message, and the journal has it. */
  const take = async (left: Left, shelf: InboxEntry["shelf"] = "evidence") => {
    const parcels = await parcelsTo(owner, left);
    for (const parcel of parcels) {
      const kept = inbox.keep({ parcel, shelf, known: true });
      if (kept !== "kept" && kept !== "waiting-for-parts") throw new Error(kept);
    }
    const [{ envelope } = { envelope: null }] = parcels;
    const from = left.from.sealer.account;
    const detail = envelope?.message.kind;
    journal.append({ atMs: clock.nowMs(), what: "verdict", account: from, act: "drop", because: "blocked", detail });
    return envelope;
  };
  /** The archive of what is kept as evidence, whole. */
  const archive = async (book: Book = { ...bookWith(), owner: account }) => {
    const entries = inbox.entries().filter(({ shelf }) => shelf === "evidence");
    const made = await makeArchive(entries, { inbox, journal, book, signer }, clock.nowMs());
    if (!made.ok) throw new Error(`not made: ${made.id}`);
    return Buffer.concat([...made.pieces]);
  };
  return { clock, journal, inbox, take, archive };
}

/** Files by their paths inside the archive's folder. */
export type Contents = Map<string, Uint8Array>;

export function unpack(archive: Uint8Array): Contents {
  const read = readTar(archive);
  if (!read.ok) throw new Error(read.why);
  return new Map([...read.files].map(([path, bytes]) => [path.slice(ROOT.length), bytes]));
}

export function pack(contents: Contents, atS = Math.floor(NOW_MS / 1_000)): Buffer {
  const files = [...contents].map(([path, bytes]): TarFile => {
    return { path: ROOT + path, bytes: bytes.length, read: () => bytes };
  });
  return Buffer.concat([...writeTar(files, atS)]);
}

/**
 * The archive with something changed in it and a manifest that lists what is there now, signed anew: what an owner who
 * makes things up could do, or anybody with keys of their own.
 */
export function forge(
  archive: Uint8Array,
  change: (contents: Contents, manifest: Manifest) => void,
  signer: EvidenceSigner = evidenceSigner(fixedUnit("owner")),
): Buffer {
  const contents = unpack(archive);
  const manifest: Manifest = JSON.parse(Buffer.from(contents.get(MANIFEST.text) ?? []).toString());
  for (const path of Object.values(MANIFEST)) contents.delete(path);
  change(contents, manifest);
  const files = Object.fromEntries([...contents].map(([path, bytes]) => [path, hashOf(bytes)]));
  const { account, unit } = signer;
  const signed = signManifest({ ...manifest, account, unit, files }, signer);
  for (const part of ["text", "signature", "certificate"] as const) contents.set(MANIFEST[part], signed[part]);
  return pack(contents, Math.floor(manifest.exportedAtMs / 1_000));
}
