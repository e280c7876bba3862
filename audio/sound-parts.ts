import { MOST_MESSAGE_BYTES, SOUND_PART_BYTES } from "./protocol.ts";

/** A part as it crosses to or from the brain (protocol.ts). */
export type SoundPart = Readonly<{ index: number; last: boolean; data: string }>;

/** Cuts a file that still grows into parts of one size, the last one shorter. */
export class PartCutter {
  readonly #onPart: (part: SoundPart) => void;
  #rest: Buffer = Buffer.alloc(0);
  #index = 0;

  constructor(onPart: (part: SoundPart) => void) {
    this.#onPart = onPart;
  }

  add(bytes: Uint8Array): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    // One byte more, so that there is always something for the last part.
    while (this.#rest.length > SOUND_PART_BYTES) this.#cut(SOUND_PART_BYTES, false);
  }

  finish(): void {
    this.#cut(this.#rest.length, true);
  }

  #cut(length: number, last: boolean): void {
    this.#onPart({ index: this.#index, last, data: this.#rest.toString("base64", 0, length) });
    this.#rest = this.#rest.subarray(length);
    this.#index += 1;
  }
}

/** Puts a file together again; what comes out of order, or is too much, makes it useless. */
export class PartJoiner {
  readonly #parts: Buffer[] = [];
  #bytes = 0;

  /** The whole file after the last part, in a buffer of its own; null until then. */
  add({ index, last, data }: SoundPart): Uint8Array<ArrayBuffer> | "broken" | null {
    const part = Buffer.from(data, "base64");
    this.#bytes += part.length;
    if (index !== this.#parts.length || this.#bytes > MOST_MESSAGE_BYTES) return "broken";
    this.#parts.push(part);
    if (!last) return null;
    const file = new Uint8Array(this.#bytes);
    let at = 0;
    for (const each of this.#parts) {
      file.set(each, at);
      at += each.length;
    }
    return file;
  }
}
