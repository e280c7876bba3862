import type { Report } from "#audio/protocol.ts";
import type { Book } from "#device/gate/book.ts";
import { accountOf, ana, bookWith, mallory } from "./books.ts";
import { Brain } from "./brain.ts";

export const MUM = accountOf("mum");
export const mum = { ...ana, id: "mum", name: "Mum", accounts: [MUM], numbers: [] };
const plumber = { ...ana, id: "plumber", name: "Plumber", accounts: [], numbers: ["+442079460099"] };
/** Ana and Mum may leave messages; Mallory is blocked, and the plumber has no account. */
export const family: Book = bookWith({ people: [ana, mum, mallory, plumber], blocks: [{ person: "mallory" }] });
export const SPOKEN = Buffer.from("OggS what was spoken");
type Why = Extract<Report, { type: "recorded" }>["why"];

/** The name of the recording that the audio process was asked for last. */
export function recordingOf(brain: Brain): string {
  const asked = brain.sent("record").at(-1);
  return asked?.type === "record" ? asked.id : "none";
}
export function part(id: string, index: number, last: boolean, sound = SPOKEN): Report {
  return { type: "recording-part", id, index, last, data: sound.toString("base64") };
}
/** The owner speaks, and falls silent. */
export function speak(brain: Brain, why: Why = "silence", durationMs = 3_000): void {
  const id = recordingOf(brain);
  if (durationMs > 0) brain.hear(part(id, 0, true));
  brain.hear({ type: "recorded", id, durationMs, why });
}
/** An answer to a question: no wake word. */
export function answer(brain: Brain, text: string | null, spoke = text !== null): void {
  brain.hear({ type: "heard", text, score: 0, spoke, endOfSpeechMs: 0 });
}
export function recorded(text = "message ana"): Brain {
  const brain = new Brain(family);
  brain.command(text);
  speak(brain);
  return brain;
}

const decoded = (data: string) => Buffer.from(data, "base64").toString();
/** What the audio process reports of the message it was given last, once it has played it whole. */
export function finish(brain: Brain, how: "whole" | "stopped" | "broken" = "whole"): void {
  const last = brain.sent("play-part").at(-1);
  if (last?.type === "play-part") brain.hear({ type: "played", id: last.id, how });
}
/** What was played so far, message by message. */
export const played = (brain: Brain) =>
  brain.sent("play-part").map((one) => (one.type === "play-part" ? decoded(one.data) : ""));
/** The sound of what was left by `left`. */
export const soundOf = ({ id, from }: { id: string; from: string }) => `${from} ${id}`;
