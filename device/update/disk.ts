import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { syncFolder } from "../store/durable-file.ts";

/**
 * All that an update does to a disk, so that a test can cut the power between any two of them. What was written is there
 * after a power cut only once the file, and the folder that names it, were synced.
 */
export interface Disk {
  /** Null where there is no such file. */
  read(path: string): Uint8Array | null;
  /** Shorter where the file ends. */
  readAt(path: string, at: number, bytes: number): Uint8Array;
  sizeOf(path: string): number | null;
  /** The names in a folder; none where there is no such folder. */
  list(folder: string): readonly string[];
  linkOf(path: string): string | null;
  freeBytes(folder: string): number;
  makeFolder(path: string): void;
  /** Makes the file where there is none. */
  writeAt(path: string, at: number, bytes: Uint8Array, mode?: number): void;
  cut(path: string, bytes: number): void;
  link(target: string, path: string): void;
  rename(from: string, to: string): void;
  /** A file, or a folder with all in it; nothing where there is neither. */
  remove(path: string): void;
  sync(path: string): void;
  syncFolder(path: string): void;
}

const OWNER_ONLY = 0o600;
const FOLDER_MODE = 0o755;
/** Never through a link that somebody else put there. */
const { O_CREAT, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

export const realDisk: Disk = {
  read: (path) => orNull(() => new Uint8Array(readFileSync(path))),
  readAt: (path, at, bytes) =>
    withFile(path, O_RDONLY | O_NOFOLLOW, OWNER_ONLY, (file) => {
      const into = Buffer.allocUnsafe(bytes);
      return new Uint8Array(into.subarray(0, readSync(file, into, 0, bytes, at)));
    }),
  sizeOf: (path) => orNull(() => lstatSync(path).size),
  list: (folder) => orNull(() => readdirSync(folder)) ?? [],
  linkOf: (path) => orNull(() => readlinkSync(path)),
  freeBytes: (folder) => {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  },
  makeFolder: (path) => {
    mkdirSync(path, { recursive: true, mode: FOLDER_MODE });
  },
  writeAt: (path, at, bytes, mode = OWNER_ONLY) =>
    withFile(path, O_WRONLY | O_CREAT | O_NOFOLLOW, mode, (file) => {
      if (fstatSync(file).size === 0) fchmodSync(file, mode);
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, at + done);
    }),
  cut: (path, bytes) => withFile(path, O_WRONLY | O_NOFOLLOW, OWNER_ONLY, (file) => ftruncateSync(file, bytes)),
  link: (target, path) => symlinkSync(target, path),
  rename: (from, to) => renameSync(from, to),
  remove: (path) => {
    // A folder that somebody made read-only is ours to clear all the same.
    if (orNull(() => lstatSync(path).isDirectory()) === true) chmodSync(path, FOLDER_MODE);
    rmSync(path, { recursive: true, force: true });
  },
  sync: (path) => withFile(path, O_RDONLY | O_NOFOLLOW, OWNER_ONLY, (file) => fsyncSync(file)),
  syncFolder,
};

/** The whole of the old file or of the new one, whenever the power fails. */
export function replaceFile(disk: Disk, path: string, bytes: Uint8Array): void {
  const fresh = `${path}.new`;
  disk.remove(fresh);
  disk.writeAt(fresh, 0, bytes);
  disk.sync(fresh);
  disk.rename(fresh, path);
  disk.syncFolder(dirname(path));
}

/** The same for a symbolic link, which has nothing of its own to sync. */
export function replaceLink(disk: Disk, path: string, target: string): void {
  const fresh = `${path}.new`;
  disk.remove(fresh);
  disk.link(target, fresh);
  disk.rename(fresh, path);
  disk.syncFolder(dirname(path));
}

function withFile<T>(path: string, flags: number, mode: number, use: (file: number) => T): T {
  const file = openSync(path, flags, mode);
  try {
    return use(file);
  } finally {
    closeSync(file);
  }
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return null;
    throw error;
  }
}
