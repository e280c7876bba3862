import { readFile } from "node:fs/promises";
import type { Book } from "../gate/book.ts";
import { lookup } from "../gate/lookup.ts";
import type { InboxEntry, InboxStore } from "../store/inbox.ts";
import type { Journal } from "../store/journal.ts";
import type { CountedLine } from "../store/journal-line.ts";
import { inPieces } from "../store/pieces.ts";
import type { Origin } from "../wire/messages.ts";
import { readHeader } from "../wire/parcel.ts";
import { JOURNAL, LIMITS, MANIFEST, MESSAGE, ORIGIN, README, ROOT, SOUND, TEXT } from "./layout.ts";
import { type EvidenceSigner, hashOf, type ManifestMessage, signManifest } from "./manifest.ts";
import { type TarFile, writeTar } from "./tar.ts";

export type EvidenceSource = Readonly<{
  inbox: Pick<InboxStore, "sound" | "header">;
  journal: Pick<Journal, "exported">;
  book: Book;
  signer: EvidenceSigner;
}>;

export type EvidenceArchive =
  /** `pieces`: the bytes of the archive, one after the other; sound is read when its turn comes. */
  | Readonly<{ ok: true; pieces: Generator<Uint8Array>; messages: number; bytes: number }>
  /** `id`: of the message that cannot be read; null where it is the journal. */
  | Readonly<{ ok: false; id: string | null }>;

/** What goes into a file, and its hash. */
type Content = TarFile & Readonly<{ sha256: string }>;

/** The owner's evidence as an archive that anybody can verify. Each sound is read twice, so that one at a time is held. */
export async function makeArchive(
  entries: readonly InboxEntry[],
  source: EvidenceSource,
  nowMs: number,
): Promise<EvidenceArchive> {
  const { inbox, journal, book, signer } = source;
  const exportedAtMs = Math.trunc(nowMs);
  const messages: ManifestMessage[] = [];
  const files: Content[] = [fixed(README, await readFile(new URL("procedure.txt", import.meta.url)))];
  // Each costs the reading and hashing of a sound: whoever calls meanwhile is not kept waiting.
  for await (const entry of inPieces(entries, 1)) {
    const folder = `messages/${String(messages.length + 1).padStart(4, "0")}-${entry.id}`;
    const read = filesOf(entry, inbox);
    if (!read) return { ok: false, id: entry.id };
    files.push(...read.map((file) => ({ ...file, path: `${folder}/${file.path}` })));
    messages.push(describe(entry, folder, book));
  }
  const told = await journal.exported(isAbout(entries, book));
  if (told === null) return { ok: false, id: null };
  files.push(fixed(JOURNAL, Buffer.from(told)));
  const hashes = Object.fromEntries(files.map(({ path, sha256 }) => [path, sha256]));
  const { account, unit } = signer;
  const manifest = signManifest(
    { porter: "evidence", v: 1, account, unit, exportedAtMs, says: LIMITS, messages, files: hashes },
    signer,
  );
  const [readme, ...rest] = files;
  const parts = ["text", "signature", "certificate"] as const;
  const list = parts.map((part) => fixed(MANIFEST[part], manifest[part]));
  const all = [readme, ...list, ...rest].flatMap((file) => (file ? [{ ...file, path: ROOT + file.path }] : []));
  const bytes = all.reduce((sum, file) => sum + file.bytes, 0);
  return { ok: true, pieces: writeTar(all, Math.floor(exportedAtMs / 1_000)), messages: messages.length, bytes };
}

/** Null where it is not there any more, or cannot be read. */
function filesOf(entry: InboxEntry, inbox: EvidenceSource["inbox"]): Content[] | null {
  const { id, from, kind, text } = entry;
  const header = inbox.header(id, from);
  if (!header) return null;
  const origin = readHeader(header.signed)?.message.body.origin;
  const signed = [...signedFiles(header, MESSAGE), ...(origin ? signedFiles(origin, ORIGIN) : [])];
  if (kind === "text") return [...signed, fixed(TEXT, Buffer.from(text ?? "", "utf8"))];
  const sound = inbox.sound(id, from);
  if (!sound) return null;
  const read = () => inbox.sound(id, from);
  return [...signed, { path: SOUND, bytes: sound.length, sha256: hashOf(sound), read }];
}

function signedFiles({ signed, sig, cert }: Origin, names: typeof MESSAGE | typeof ORIGIN): Content[] {
  return [fixed(names.header, signed), fixed(names.signature, sig), fixed(names.certificate, cert)];
}

function fixed(path: string, content: Uint8Array): Content {
  return { path, bytes: content.length, sha256: hashOf(content), read: () => content };
}

function describe(entry: InboxEntry, folder: string, book: Book): ManifestMessage {
  const { id, from, kind, atMs, arrivedMs, durationMs, origin, shelf } = entry;
  const person = lookup(book).person(from)?.name;
  return {
    folder,
    id,
    from,
    ...(person !== undefined && { person }),
    kind,
    sentAtMs: atMs,
    cameAtMs: arrivedMs,
    durationMs,
    ...(origin !== null && { origin }),
    shelf,
  };
}

/**
 * What the gate decided of whoever the messages are from, their calls, and when they were blocked. Who else called is
 * nobody's business; what else was changed may hold names and numbers.
 */
function isAbout(entries: readonly InboxEntry[], book: Book): (line: CountedLine) => boolean {
  const accounts = new Set(entries.flatMap(({ from, origin }) => (origin === null ? [from] : [from, origin])));
  const people = new Set([...accounts].map((account) => lookup(book).person(account)?.id));
  return ({ what, account, person, detail }) => {
    const isTheirs = (account !== undefined && accounts.has(account)) || (person !== undefined && people.has(person));
    return isTheirs && (what === "verdict" || what === "call" || /^(un)?block\b/.test(detail ?? ""));
  };
}
