import { type Block, type Book, emptyBook, type Person, sealsAllAlike } from "#device/gate/book.ts";
import { DEFAULT_VOICE } from "#device/voice/set-voice.ts";
import type { Situation } from "#device/voice/states.ts";

/** A person whose account is their id. */
export function person(id: string, name = id, ...aliases: string[]): Person {
  return { id, name, aliases, accounts: [id], numbers: [], addresses: [], grants: ["ring"], hours: [] };
}

export function bookOf(
  people: readonly Person[],
  blocks: readonly Block[] = [],
  calling: Book["calling"] = "on",
): Book {
  return { ...emptyBook("owner", "GB", "Europe/London", sealsAllAlike), calling, people, blocks };
}

/** Nothing goes on around the dialog. */
export const STILL: Omit<Situation, "book"> = {
  call: { at: "idle" },
  lastCaller: null,
  missed: [],
  isListening: false,
  message: null,
  recording: false,
  draft: null,
  draftsFull: false,
  unanswered: null,
  lastCalled: null,
  atMs: Date.parse("2026-11-23T21:00:00Z"),
  minuteOfDay: 21 * 60,
  voice: DEFAULT_VOICE,
  pin: { at: "none" },
};
