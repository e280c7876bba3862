import { createHash } from "node:crypto";
import type { Book } from "#device/gate/book.ts";
import type { Left } from "./messages.ts";

/** Enough for two parcels. */
const SOUND_BYTES = 190_000;

/** The same for the same seed. */
export function soundOf(seed: number): Uint8Array {
  return new Uint8Array(createHash("shake256", { outputLength: SOUND_BYTES }).update(`sound ${seed}`).digest());
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** What must be found in the inbox of a message that was kept. */
export function contentOf({ text, sound }: Pick<Left, "text" | "sound">): string {
  return text ?? sha256(soundOf(sound ?? 0));
}

/** All that a cut may not change of a book. */
export function viewOf({ people, blocks, calling, deleted }: Book): string {
  const view = people.map(({ name, accounts, numbers, grants }) => ({ name, accounts, numbers, grants }));
  return JSON.stringify({ people: view, blocks, calling, deleted: deleted.length });
}
