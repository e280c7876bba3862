import { MOST_MESSAGE_BYTES, type Report } from "#audio/protocol.ts";

type Part = Extract<Report, { type: "recording-part" }>;
type Kept = { pieces: Uint8Array[]; bytes: number; at: "open" | "whole" | "spoiled" };

/**
 * The sound of what the owner recorded and neither sent nor discarded: Ogg Opus, in memory alone. How many there are is
 * bounded by whoever asks for recordings, and each by what a message may weigh.
 */
export class Drafts {
  readonly #kept = new Map<string, Kept>();

  /** The next part of one; a draft that misses a part is no draft. */
  add({ id, index, last, data }: Part): void {
    const kept = this.#kept.get(id) ?? { pieces: [], bytes: 0, at: "open" };
    this.#kept.set(id, kept);
    const piece = Buffer.from(data, "base64");
    kept.bytes += piece.length;
    if (kept.at !== "open" || index !== kept.pieces.length || kept.bytes > MOST_MESSAGE_BYTES) {
      kept.at = "spoiled";
      kept.pieces.length = 0;
      return;
    }
    kept.pieces.push(piece);
    if (last) kept.at = "whole";
  }

  /** Null where it is not all there. */
  sound(id: string): Uint8Array | null {
    const kept = this.#kept.get(id);
    return kept?.at === "whole" && kept.bytes > 0 ? Buffer.concat(kept.pieces) : null;
  }

  discard(id: string): void {
    this.#kept.delete(id);
  }
}
