import type { AccountId } from "../gate/book.ts";
import type { UnitId } from "../keys/account.ts";
import { type FileReport, verifyExport } from "../store/journal-file.ts";
import { JOURNAL, MANIFEST, MAX_ARCHIVE_BYTES, README, ROOT } from "./layout.ts";
import { hashOf, type Manifest, readManifest, type SignedManifest } from "./manifest.ts";
import { readTar } from "./tar.ts";
import { pathsOf, type VerifiedMessage, verifyMessage } from "./verify-message.ts";

export type EvidenceReport =
  /** No unit of this account made this file as it is: nothing in it counts. */
  | Readonly<{ read: false; why: string }>
  | Readonly<{
      read: true;
      /** All messages hold, and so does the journal. */
      holds: boolean;
      account: AccountId;
      unit: UnitId;
      certificateSeq: number;
      exportedAtMs: number;
      messages: readonly VerifiedMessage[];
      /** Of the file as a whole. */
      faults: readonly string[];
      journal: Extract<FileReport, { read: true }>["report"] | null;
    }>;

type Files = ReadonlyMap<string, Uint8Array>;
type Unpacked = Readonly<{ ok: true; manifest: Manifest; certificateSeq: number; files: Files }>;
type Refused = Readonly<{ ok: false; why: string }>;

/**
 * What a file from anyone proves, to somebody who knows account ids and nothing else; `account`: whose unit it must be
 * from, null where that is not known. Never throws.
 */
export function verifyEvidence(archive: Uint8Array, account: AccountId | null): EvidenceReport {
  const unpacked = unpack(archive);
  if (!unpacked.ok) return { read: false, why: unpacked.why };
  const { manifest, certificateSeq, files } = unpacked;
  if (account !== null && manifest.account !== account) {
    return { read: false, why: `a unit of another account signed it: ${manifest.account}` };
  }
  const journal = verifyExport(readText(files.get(JOURNAL)), manifest.account);
  const told = journal.read ? journal.told : [];
  const messages = manifest.messages.map((message, index) =>
    verifyMessage(message, { index, account: manifest.account, files, told }),
  );
  const faults = [...faultsOfJournal(journal), ...repeated(manifest)];
  if (messages.length === 0) faults.push("there is no message in it");
  return {
    read: true,
    holds: faults.length === 0 && messages.every((each) => each.faults.length === 0),
    account: manifest.account,
    unit: manifest.unit,
    certificateSeq,
    exportedAtMs: manifest.exportedAtMs,
    messages,
    faults,
    journal: journal.read ? journal.report : null,
  };
}

/** The files that the manifest lists, all of them, unaltered, and no others. */
function unpack(archive: Uint8Array): Unpacked | Refused {
  if (archive.length > MAX_ARCHIVE_BYTES) return refused("it is larger than any archive of evidence");
  const read = readTar(archive);
  if (!read.ok) return read;
  const files = new Map<string, Uint8Array>();
  for (const [path, bytes] of read.files) {
    if (!path.startsWith(ROOT)) return refused(`${path} is no file of evidence`);
    files.set(path.slice(ROOT.length), bytes);
  }
  const signed = takeManifest(files);
  if (!signed) return refused("it has no signed manifest");
  const listed = readManifest(signed);
  if (!listed.ok) return listed;
  const { manifest, certificateSeq } = listed;
  if (read.atS !== Math.floor(manifest.exportedAtMs / 1_000)) return refused("its files are not of the time it says");
  const wrong = wrongFile(files, manifest);
  return wrong === null ? { ok: true, manifest, certificateSeq, files } : refused(wrong);
}

function refused(why: string): Refused {
  return { ok: false, why };
}

/** What is left are the files that it lists. */
function takeManifest(files: Map<string, Uint8Array>): SignedManifest | null {
  const [text, signature, certificate] = [MANIFEST.text, MANIFEST.signature, MANIFEST.certificate].map((path) => {
    const bytes = files.get(path);
    files.delete(path);
    return bytes;
  });
  return text && signature && certificate ? { text, signature, certificate } : null;
}

function wrongFile(files: Files, manifest: Manifest): string | null {
  const known = new Set([README, JOURNAL, ...manifest.messages.flatMap((each) => pathsOf(each.folder))]);
  const listed = new Map(Object.entries(manifest.files));
  for (const path of listed.keys()) {
    if (!known.has(path)) return `its manifest lists ${path}, which is no file of evidence`;
    if (!files.has(path)) return `${path} is missing`;
  }
  for (const [path, bytes] of files) {
    const hash = listed.get(path);
    if (hash === undefined) return `${path} was put in: the unit's manifest does not list it`;
    if (hash !== hashOf(bytes)) return `${path} was altered since the unit signed its manifest`;
  }
  return null;
}

/** The same message twice would look like two. */
function repeated({ messages }: Manifest): string[] {
  const seen = new Set<string>();
  return messages.flatMap(({ from, id, folder }) => {
    const name = `${from} ${id}`;
    if (seen.has(name)) return [`${folder} is a message that is in it already`];
    seen.add(name);
    return [];
  });
}

function faultsOfJournal(journal: FileReport): string[] {
  if (!journal.read) return [`its journal proves nothing: ${journal.why}`];
  return journal.report.breaks.map((each) => `its journal is broken: ${each}`);
}

/** Empty for what is no text: a journal that nobody can read. */
function readText(bytes: Uint8Array | undefined): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return "";
  }
}
