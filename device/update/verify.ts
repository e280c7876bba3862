import { type FileHandle, open } from "node:fs/promises";
import { type Head, isTail, readHead } from "./container.ts";
import { type Judged, judgeHead, type Standard } from "./judge.ts";
import { type Sink, unpackPayload } from "./payload.ts";
import { type Refused, refuse } from "./refusal.ts";

/** Bytes of a bundle, wherever they lie. Shorter than asked for only at the end. */
export type Reader = Readonly<{ bytes: number; readAt: (at: number, bytes: number) => Promise<Uint8Array> }>;

export type Verified = Judged & Readonly<{ head: Head }>;

const PIECE_BYTES = 1_048_576;
const NOWHERE: Sink = { open: () => undefined, write: () => undefined, close: () => undefined };

/** Holds a whole bundle against a standard, in bounded memory and storing nothing, unless `sink` does. */
export async function verifyBundle(
  reader: Reader,
  standard: Standard,
  sink: Sink = NOWHERE,
): Promise<Verified | Refused> {
  const read = await headOf(reader);
  if (!read.ok) return read;
  const { head } = read;
  const judged = judgeHead(head, standard);
  if (!judged.ok) return judged;
  if (reader.bytes !== head.bytes) return refuse(reader.bytes < head.bytes ? "truncated" : "damaged", "its length");
  const { at, bytes } = head.payload;
  const payload = await unpackPayload(piecesOf(reader, at, at + bytes), judged.manifest, sink);
  if (!payload.ok) return payload;
  const tail = await reader.readAt(at + bytes, head.bytes - at - bytes);
  return isTail(tail, bytes) ? { ...judged, head } : refuse("damaged", "its end");
}

/** What a bundle says of itself before anything is verified. */
export async function headOf(reader: Reader): Promise<Readonly<{ ok: true; head: Head }> | Refused> {
  let read = readHead(new Uint8Array());
  while (!read.ok && read.reason === "more") {
    const { bytes } = read;
    const start = await reader.readAt(0, bytes);
    if (start.length < bytes) return refuse(start.length === 0 ? "not-a-bundle" : "truncated");
    read = readHead(start);
  }
  return read;
}

/** For a file; the caller closes it. */
export async function openReader(path: string): Promise<Reader & AsyncDisposable> {
  const file: FileHandle = await open(path, "r");
  const { size } = await file.stat();
  const readAt = async (at: number, bytes: number) => {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(Math.min(bytes, Math.max(0, size - at))), {
      position: at,
    });
    return new Uint8Array(buffer.subarray(0, bytesRead));
  };
  return { bytes: size, readAt, [Symbol.asyncDispose]: () => file.close() };
}

async function* piecesOf(reader: Reader, from: number, to: number): AsyncGenerator<Uint8Array> {
  for (let at = from; at < to; at += PIECE_BYTES) yield await reader.readAt(at, Math.min(PIECE_BYTES, to - at));
}
