import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { type BootState, fill, firstState, otherSlot, type Slot } from "./boot-state.ts";
import { type Head, isTail, MAX_HEAD_BYTES, readHead } from "./container.ts";
import type { Disk } from "./disk.ts";
import { type Judged, judgeHead } from "./judge.ts";
import { type BundleFile, type Manifest, SLOT_MANIFEST, unpackedBytes } from "./manifest.ts";
import { type Sink, unpackPayload } from "./payload.ts";
import { type Refused, refuse } from "./refusal.ts";
import { Slots } from "./slots.ts";

export const BUNDLE = join("incoming", "bundle");
const PIECE_BYTES = 1_048_576;
/** What a file system wants for itself. */
const SPARE_BYTES = 16 * 1_048_576;

export type Installed = Readonly<{ ok: true; slot: Slot; version: string; counter: number }>;

/**
 * Takes the whole bundle in `incoming` into the slot that is not confirmed. Every byte is held against a signature before
 * any is unpacked, and against the manifest once more as it is read back. `first`: into a folder that has no firmware
 * yet, where it counts as confirmed. `arch`: the unit's processor, where this is done for it on another machine.
 */
export async function install(
  disk: Disk,
  root: string,
  first = false,
  arch: string = process.arch,
): Promise<Installed | Refused> {
  const slots = new Slots(disk, root, arch);
  try {
    const path = join(root, BUNDLE);
    const bytes = disk.sizeOf(path);
    if (bytes === null) return refuse("not-open");
    const judged = judgeFile(disk, path, slots);
    if (!judged.ok) return judged;
    const { head } = judged;
    if (bytes !== head.bytes) return refuse(bytes < head.bytes ? "truncated" : "damaged", `${bytes} bytes`);
    if (!holdsPayload(disk, path, head, judged.manifest)) return refuse("damaged", "its payload");
    const state = slots.state();
    if (!state && !first) return refuse("not-set-up");
    if (state && first) return refuse("busy", "this folder has firmware");
    if (state?.trial) return refuse("busy");
    return await replaceSlot({ disk, slots, path, state, ...judged });
  } catch (error) {
    return refuse("disk", error instanceof Error ? error.message : String(error));
  }
}

/** The head of a bundle that lies on the disk, judged by what the unit knows. */
export function judgeFile(disk: Disk, path: string, slots: Slots): (Judged & { head: Head }) | Refused {
  const standard = slots.standard();
  if (!standard) return refuse("not-set-up");
  let read = readHead(new Uint8Array());
  while (!read.ok && read.reason === "more") {
    const { bytes } = read;
    const start = bytes <= MAX_HEAD_BYTES ? disk.readAt(path, 0, bytes) : new Uint8Array();
    if (start.length < bytes) return refuse("truncated");
    read = readHead(start);
  }
  if (!read.ok) return read;
  const judged = judgeHead(read.head, standard);
  return judged.ok ? { ...judged, head: read.head } : judged;
}

/** Null where there is room for what is still to come and for what is in it. */
export function roomFor(disk: Disk, slots: Slots, manifest: Manifest, stillToCome: number): Refused | null {
  const state = slots.state();
  const before = state && slots.manifestIn(otherSlot(state.confirmed));
  const wanted = stillToCome + unpackedBytes(manifest) + SPARE_BYTES;
  const free = disk.freeBytes(slots.root) + (before ? unpackedBytes(before) : 0);
  return free < wanted ? refuse("no-room", `${wanted} bytes wanted, ${free} free`) : null;
}

function holdsPayload(disk: Disk, path: string, { payload, bytes }: Head, manifest: Manifest): boolean {
  const end = payload.at + payload.bytes;
  const sha256 = hashOf(disk, path, payload.at, end);
  return sha256 === manifest.payload.sha256 && isTail(disk.readAt(path, end, bytes - end), payload.bytes);
}

type Work = Judged & Readonly<{ disk: Disk; slots: Slots; path: string; state: BootState | null; head: Head }>;

async function replaceSlot(work: Work): Promise<Installed | Refused> {
  const { disk, slots, path, state, head, manifest } = work;
  const slot = state ? otherSlot(state.confirmed) : "a";
  const empty = state && fill(state, null);
  if (state && empty) {
    // Nothing may lead into the slot, nor count on it, from before its first file goes.
    slots.mendLink(state);
    slots.save(empty);
  }
  const folder = slots.folderOf(slot);
  disk.remove(folder);
  const folders = new FolderSet(disk, folder);
  const { at, bytes } = head.payload;
  const unpacked = await unpackPayload(piecesOf(disk, path, at, at + bytes), manifest, folders);
  if (!unpacked.ok) return unpacked;
  disk.writeAt(join(folder, SLOT_MANIFEST), 0, head.manifest);
  disk.sync(join(folder, SLOT_MANIFEST));
  folders.sync();
  disk.syncFolder(dirname(folder));
  disk.syncFolder(slots.root);
  const wrong = firstWrong(disk, folder, manifest);
  if (wrong !== null) return refuse("disk", `${wrong} reads back otherwise than it was written`);
  slots.rememberKeys(work.keys);
  const { version, counter } = manifest;
  const filled = empty ? fill(empty, { version, counter }) : firstState(slot, { version, counter });
  if (!filled) return refuse("busy");
  slots.save(filled);
  slots.mendLink(filled);
  disk.remove(dirname(path));
  return { ok: true, slot, version, counter };
}

/** Files of a slot, each synced when it is whole; `sync` does the same for the folders that name them. */
class FolderSet implements Sink {
  readonly #disk: Disk;
  readonly #made = new Set<string>();
  readonly #folder: string;
  #path = "";
  #mode = 0;
  #at = 0;

  constructor(disk: Disk, folder: string) {
    this.#disk = disk;
    this.#folder = folder;
    this.#make(folder);
  }

  open({ path, mode }: BundleFile): void {
    this.#path = join(this.#folder, path);
    this.#mode = Number.parseInt(mode, 8);
    this.#at = 0;
    this.#make(dirname(this.#path));
    this.#disk.writeAt(this.#path, 0, new Uint8Array(), this.#mode);
  }

  write(bytes: Uint8Array): void {
    this.#disk.writeAt(this.#path, this.#at, bytes, this.#mode);
    this.#at += bytes.length;
  }

  close(): void {
    this.#disk.sync(this.#path);
  }

  /** Deepest first. */
  sync(): void {
    for (const folder of [...this.#made].toSorted((a, b) => b.length - a.length)) this.#disk.syncFolder(folder);
  }

  #make(folder: string): void {
    if (this.#made.has(folder)) return;
    if (folder !== this.#folder) this.#make(dirname(folder));
    this.#disk.makeFolder(folder);
    this.#made.add(folder);
  }
}

/** Reads back what was written; the path of the first file that is not what was signed, or null. */
export function firstWrong(disk: Disk, folder: string, manifest: Manifest): string | null {
  for (const { path, bytes, sha256 } of manifest.files) {
    const at = join(folder, path);
    if (disk.sizeOf(at) !== bytes || hashOf(disk, at, 0, bytes) !== sha256) return path;
  }
  return null;
}

function hashOf(disk: Disk, path: string, from: number, to: number): string {
  const hash = createHash("sha256");
  for (let at = from; at < to; at += PIECE_BYTES) hash.update(disk.readAt(path, at, Math.min(PIECE_BYTES, to - at)));
  return hash.digest("hex");
}

async function* piecesOf(disk: Disk, path: string, from: number, to: number): AsyncGenerator<Uint8Array> {
  for (let at = from; at < to; at += PIECE_BYTES) yield disk.readAt(path, at, Math.min(PIECE_BYTES, to - at));
}
