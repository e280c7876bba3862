import { createHash, type Hash } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createZstdDecompress } from "node:zlib";
import { type BundleFile, type Manifest, unpackedBytes } from "./manifest.ts";
import { type Refused, refuse } from "./refusal.ts";

/** 32 MiB of window: what unpacking may take of a unit's memory, and so what a bundle is compressed with at most. */
export const WINDOW_LOG = 25;

/** Where the files of a payload go, one after the other. */
export interface Sink {
  open(file: BundleFile): void;
  write(bytes: Uint8Array): void;
  close(file: BundleFile): void;
}

/**
 * Takes a compressed payload apart, in bounded memory, and holds every byte of it against the manifest. What the sink
 * throws comes out; everything else is a refusal.
 */
export async function unpackPayload(
  source: AsyncIterable<Uint8Array>,
  manifest: Manifest,
  sink: Sink,
): Promise<Readonly<{ ok: true }> | Refused> {
  const compressed = createHash("sha256");
  let compressedBytes = 0;
  const measured = async function* () {
    for await (const piece of source) {
      compressedBytes += piece.length;
      compressed.update(piece);
      yield piece;
    }
  };
  const unzip = createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG } });
  const splitter = new Splitter(manifest, sink);
  const feeding = pipeline(Readable.from(measured()), unzip).catch(() => "unreadable" as const);
  try {
    for await (const piece of unzip) if (!splitter.take(piece as Uint8Array)) break;
  } catch (error) {
    if (splitter.failed) throw error;
  }
  unzip.destroy();
  await feeding;
  const { bytes, sha256 } = manifest.payload;
  const whole = compressedBytes === bytes && compressed.digest("hex") === sha256;
  if (splitter.fault) return refuse("damaged", splitter.fault);
  if (!whole || !splitter.isDone()) return refuse("damaged", "its payload");
  return { ok: true };
}

/** Cuts one stream of bytes into the manifest's files, in its order. */
class Splitter {
  readonly #manifest: Manifest;
  readonly #sink: Sink;
  readonly #limitBytes: number;
  #next = 0;
  #file: BundleFile | null = null;
  #left = 0;
  #taken = 0;
  #hash: Hash = createHash("sha256");
  fault: string | null = null;
  failed = false;

  constructor(manifest: Manifest, sink: Sink) {
    this.#manifest = manifest;
    this.#sink = sink;
    this.#limitBytes = unpackedBytes(manifest);
  }

  /** False where no more is wanted. */
  take(piece: Uint8Array): boolean {
    this.#taken += piece.length;
    if (this.#taken > this.#limitBytes) this.fault = "it unpacks to more than its manifest says";
    try {
      for (let at = 0; this.fault === null && at < piece.length; ) {
        this.#open();
        const part = piece.subarray(at, at + this.#left);
        this.#hash.update(part);
        this.#sink.write(part);
        this.#left -= part.length;
        at += part.length;
        if (this.#left === 0) this.#close();
      }
    } catch (error) {
      this.failed = true;
      throw error;
    }
    return this.fault === null;
  }

  /** True once every file was met whole. Empty ones at the end have no bytes that would bring them. */
  isDone(): boolean {
    while (this.fault === null && !this.#file && this.#next < this.#manifest.files.length) {
      if (this.#manifest.files[this.#next]?.bytes !== 0) return false;
      this.#open();
    }
    return this.fault === null && this.#file === null && this.#next === this.#manifest.files.length;
  }

  /** The file that the next byte belongs to; empty ones before it are made on the way. */
  #open(): void {
    while (!this.#file && this.#next < this.#manifest.files.length) {
      const file = this.#manifest.files[this.#next];
      if (!file) return;
      this.#next += 1;
      this.#file = file;
      this.#left = file.bytes;
      this.#hash = createHash("sha256");
      this.#sink.open(file);
      if (this.#left === 0) this.#close();
      if (file.bytes === 0 && this.#next === this.#manifest.files.length) return;
    }
  }

  #close(): void {
    const file = this.#file;
    if (!file) return;
    this.#sink.close(file);
    if (this.#hash.digest("hex") !== file.sha256) this.fault = `${file.path} is not what was signed`;
    this.#file = null;
  }
}
