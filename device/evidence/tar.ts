/**
 * An archive that every system can open: POSIX ustar (IEEE 1003.1, pax, "ustar Interchange Format"), plain files only,
 * one way to write each. What is read must be what `writeTar` would have written, byte for byte: that leaves no room for
 * links, folders, devices, sparse files, extensions, odd names, a second end, or anything behind it.
 */
export type TarFile = Readonly<{
  path: string;
  bytes: number;
  /** Null where it is not there any more. */
  read: () => Uint8Array | null;
}>;

export type TarRead =
  | Readonly<{ ok: true; files: ReadonlyMap<string, Uint8Array>; atS: number }>
  | Readonly<{ ok: false; why: string }>;

export const BLOCK_BYTES = 512;
export const END = Buffer.alloc(2 * BLOCK_BYTES);
const MAX_FILES = 50_000;
const MAX_PATH = 100;
/** Nothing that leads out of the folder that it is unpacked in, nor to a hidden file. */
const PATH = /^[A-Za-z0-9][A-Za-z0-9.-]*(\/[A-Za-z0-9][A-Za-z0-9.-]*)*$/;

/** Piece after piece; one file in memory at a time. Throws where a file is not what was told of it. */
export function* writeTar(files: readonly TarFile[], atS: number): Generator<Uint8Array> {
  for (const { path, bytes, read } of files) {
    const content = read();
    if (content?.length !== bytes) throw new RangeError(`${path} is not what it was`);
    yield headerOf(path, bytes, atS);
    yield content;
    yield Buffer.alloc(paddingAfter(bytes));
  }
  yield END;
}

/** Bytes from anyone to the files in them, which are parts of `archive`. Never throws. */
export function readTar(archive: Uint8Array): TarRead {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.length);
  const files = new Map<string, Uint8Array>();
  let atS: number | null = null;
  for (let at = 0; at + BLOCK_BYTES <= bytes.length; ) {
    const header = bytes.subarray(at, at + BLOCK_BYTES);
    if (header[0] === 0) return endsAt(bytes, at) && atS !== null ? { ok: true, files, atS } : refused(END_FAULT);
    const read = readHeader(header);
    const entry = `its entry ${files.size + 1}`;
    if (!read) return refused(`${entry} is none that Porter writes: a link, a folder, a strange name, or damaged`);
    atS ??= read.atS;
    if (read.atS !== atS) return refused(`${entry} is of another time than the others`);
    if (files.has(read.path)) return refused(`it has ${read.path} twice`);
    if (files.size === MAX_FILES) return refused(`it has more than ${MAX_FILES} files`);
    const start = at + BLOCK_BYTES;
    const end = start + read.bytes;
    at = end + paddingAfter(read.bytes);
    if (!isZero(bytes.subarray(end, at))) return refused(`something is hidden behind ${read.path}`);
    files.set(read.path, archive.subarray(start, end));
  }
  return refused("it is cut off: the end of the archive is missing");
}

const END_FAULT = "it does not end where an archive ends: something was cut off or appended";

function refused(why: string): TarRead {
  return { ok: false, why };
}

function endsAt(bytes: Buffer, at: number): boolean {
  return bytes.length === at + END.length && isZero(bytes.subarray(at));
}

export function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

export function paddingAfter(bytes: number): number {
  return (BLOCK_BYTES - (bytes % BLOCK_BYTES)) % BLOCK_BYTES;
}

/** Throws for what an archive cannot hold. */
export function headerOf(path: string, bytes: number, atS: number): Buffer {
  if (path.length > MAX_PATH || !PATH.test(path)) throw new RangeError(`${path} is no path in an archive`);
  const header = Buffer.alloc(BLOCK_BYTES);
  header.write(path, 0, "latin1");
  const octal = (value: number, at: number, length: number) =>
    header.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at, "latin1");
  octal(0o644, 100, 8);
  octal(0, 108, 8); // whose it is: nobody's
  octal(0, 116, 8);
  octal(bytes, 124, 12);
  octal(atS, 136, 12);
  header.fill(" ", 148, 156); // the checksum's own place, while it is made
  header.write("0", 156, "latin1"); // a plain file
  header.write("ustar\u000000", 257, "latin1");
  octal(0, 329, 8);
  octal(0, 337, 8);
  const checksum = header.reduce((sum, byte) => sum + byte, 0);
  header.write(`${checksum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return header;
}

/** Null for whatever `headerOf` would not have written. */
export function readHeader(header: Buffer): { path: string; bytes: number; atS: number } | null {
  const [path] = header.toString("latin1", 0, MAX_PATH).split("\0");
  const size = header.toString("latin1", 124, 135);
  const time = header.toString("latin1", 136, 147);
  const isOctal = (text: string) => /^[0-7]{11}$/.test(text);
  if (path === undefined || !PATH.test(path) || !isOctal(size) || !isOctal(time)) return null;
  const [bytes, atS] = [Number.parseInt(size, 8), Number.parseInt(time, 8)];
  return header.equals(headerOf(path, bytes, atS)) ? { path, bytes, atS } : null;
}
