import { join } from "./mutate.ts";
import type { Random } from "./random.ts";

/** CBOR (RFC 8949) as nobody should write it. `wildness` is the chance, at each item, of one more way to be wrong. */
export function writeWildCbor(random: Random, value: unknown, wildness: number): Uint8Array {
  const pieces: Uint8Array[] = [];
  write({ random, wildness, pieces }, value, 0);
  return join(...pieces);
}

type Writer = Readonly<{ random: Random; wildness: number; pieces: Uint8Array[] }>;

const DEEPEST = 64;
const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, list: 4, map: 5, tag: 6, simple: 7 } as const;
const BREAK = Uint8Array.of(0xff);

function write(writer: Writer, value: unknown, depth: number): void {
  const { random, wildness, pieces } = writer;
  if (depth > DEEPEST) return;
  const wild = random.chance(wildness);
  if (wild && random.chance(0.2)) pieces.push(head(writer, MAJOR.tag, random.below(70_000), true));
  if (value instanceof Uint8Array) writeString(writer, MAJOR.bytes, value, wild);
  else if (typeof value === "string") writeString(writer, MAJOR.text, Buffer.from(value, "utf8"), wild);
  else if (typeof value === "number") writeNumber(writer, value, wild);
  else if (Array.isArray(value)) writeList(writer, value, wild, depth);
  else if (typeof value === "object" && value !== null) writeMap(writer, value, wild, depth);
  else pieces.push(Uint8Array.of(value === true ? 0xf5 : value === false ? 0xf4 : value === null ? 0xf6 : 0xf7));
}

function writeNumber(writer: Writer, value: number, wild: boolean): void {
  const isFloat = !Number.isSafeInteger(value) || Object.is(value, -0) || (wild && writer.random.chance(0.5));
  if (!isFloat) {
    const [major, size] = value < 0 ? [MAJOR.negative, -1 - value] : [MAJOR.unsigned, value];
    writer.pieces.push(head(writer, major, size, wild));
    return;
  }
  const bytes = Buffer.alloc(9);
  bytes[0] = 0xfb;
  bytes.writeDoubleBE(value, 1);
  writer.pieces.push(bytes);
}

function writeString(writer: Writer, major: number, bytes: Uint8Array, wild: boolean): void {
  const { random, pieces } = writer;
  if (wild && random.chance(0.3)) {
    const at = random.below(bytes.length + 1);
    pieces.push(Uint8Array.of((major << 5) | 31));
    for (const piece of [bytes.subarray(0, at), bytes.subarray(at)])
      pieces.push(head(writer, major, piece.length, false), piece);
    if (random.chance(0.8)) pieces.push(BREAK);
    return;
  }
  const lie = wild && random.chance(0.3) ? random.pick([1, -1, 255, 2 ** 31, 2 ** 32, 2 ** 52]) : 0;
  pieces.push(head(writer, major, Math.max(0, bytes.length + lie), wild), bytes);
}

function writeList(writer: Writer, list: readonly unknown[], wild: boolean, depth: number): void {
  const { random, pieces } = writer;
  const isOpen = wild && random.chance(0.3);
  const lie = wild && random.chance(0.3) ? random.pick([1, -1, 2 ** 20, 2 ** 32]) : 0;
  pieces.push(
    isOpen ? Uint8Array.of((MAJOR.list << 5) | 31) : head(writer, MAJOR.list, Math.max(0, list.length + lie), wild),
  );
  for (const item of list) write(writer, item, depth + 1);
  if (isOpen && random.chance(0.8)) pieces.push(BREAK);
}

function writeMap(writer: Writer, map: object, wild: boolean, depth: number): void {
  const { random, pieces } = writer;
  // Canonical order is by length, then by bytes: keys of one length sort as their text does, where they are ASCII.
  const entries = Object.entries(map).toSorted(([a], [b]) => a.length - b.length || (a < b ? -1 : 1));
  if (wild) {
    if (random.chance(0.3)) entries.reverse();
    if (random.chance(0.3) && entries.length > 0) entries.push(random.pick(entries));
  }
  const isOpen = wild && random.chance(0.2);
  pieces.push(isOpen ? Uint8Array.of((MAJOR.map << 5) | 31) : head(writer, MAJOR.map, entries.length, wild));
  for (const [key, value] of entries) {
    write(writer, wild && random.chance(0.1) ? random.below(10) : key, depth + 1);
    write(writer, value, depth + 1);
  }
  if (isOpen && random.chance(0.8)) pieces.push(BREAK);
}

/** The shortest head (RFC 8949 §3), or a longer one. */
function head({ random }: Writer, major: number, size: number, wild: boolean): Uint8Array {
  const shortest = size < 24 ? 0 : size < 256 ? 1 : size < 65_536 ? 2 : size < 2 ** 32 ? 4 : 8;
  const longer = ([0, 1, 2, 4, 8] as const).filter((width) => width >= shortest);
  const width = wild && random.chance(0.4) ? random.pick(longer) : shortest;
  if (width === 0) return Uint8Array.of((major << 5) | size);
  const bytes = Buffer.alloc(1 + width);
  bytes[0] = (major << 5) | { 1: 24, 2: 25, 4: 26, 8: 27 }[width];
  if (width === 8) bytes.writeBigUInt64BE(BigInt(Math.floor(size)), 1);
  else bytes.writeUIntBE(size, 1, width);
  return bytes;
}
