import * as v from "valibot";
import { Counter, parseJson, Version } from "./manifest.ts";

/** One of two places for firmware. One is confirmed; the other takes the next bundle. */
export type Slot = "a" | "b";
const Slot = v.picklist(["a", "b"]);

export const TRIES = 3;

const Content = v.strictObject({ version: Version, counter: Counter });
export type Content = v.InferOutput<typeof Content>;

/**
 * All that is remembered of starts and updates, in one small file that is replaced whole. `confirmed` has proved itself
 * and is what the unit goes back to; nothing is ever written into it.
 */
const BootState = v.strictObject({
  format: v.literal(1),
  confirmed: Slot,
  /** The highest that was ever confirmed: nothing below it is taken. */
  counter: Counter,
  /** Null while a slot is empty or half written. */
  slots: v.strictObject({ a: v.nullable(Content), b: v.nullable(Content) }),
  trial: v.nullable(
    v.strictObject({ slot: Slot, triesLeft: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(TRIES)) }),
  ),
  /** What was tried last and gave way. */
  gaveWay: v.nullable(Content),
});
export type BootState = v.InferOutput<typeof BootState>;

/** What to start, and what must stand on the disk before it is started (null: what stands there). */
export type Choice = Readonly<{ slot: Slot; trial: boolean; next: BootState | null }>;

export function otherSlot(slot: Slot): Slot {
  return slot === "a" ? "b" : "a";
}

/** A unit whose first firmware was put in by its maker: there is nothing to go back to. */
export function firstState(slot: Slot, content: Content): BootState {
  const { counter } = content;
  const slots = { a: null, b: null, [slot]: content };
  return { format: 1, confirmed: slot, counter, slots, trial: null, gaveWay: null };
}

/** Before every start. A try counts before it begins, so that one which dies at once counts too. */
export function choose(state: BootState): Choice {
  const { trial, confirmed } = state;
  if (!trial) return { slot: confirmed, trial: false, next: null };
  const { slot, triesLeft } = trial;
  if (triesLeft > 0) return { slot, trial: true, next: { ...state, trial: { slot, triesLeft: triesLeft - 1 } } };
  const next = { ...state, slots: { ...state.slots, [slot]: null }, trial: null, gaveWay: state.slots[slot] };
  return { slot: confirmed, trial: false, next };
}

/** From the next start on the other slot is tried. Null where there is nothing in it, or what was left behind. */
export function beginTrial(state: BootState): BootState | null {
  const slot = otherSlot(state.confirmed);
  const content = state.slots[slot];
  return content && content.counter >= state.counter
    ? { ...state, trial: { slot, triesLeft: TRIES }, gaveWay: null }
    : null;
}

/** What runs on trial has proved itself. Null where `slot` is not on trial. */
export function confirm(state: BootState, slot: Slot): BootState | null {
  const content = state.slots[slot];
  if (state.trial?.slot !== slot || !content) return null;
  return { ...state, confirmed: slot, counter: Math.max(state.counter, content.counter), trial: null };
}

/** The other slot is about to be written, or holds something new. Null while it is on trial. */
export function fill(state: BootState, content: Content | null): BootState | null {
  if (state.trial) return null;
  return { ...state, slots: { ...state.slots, [otherSlot(state.confirmed)]: content } };
}

export function encodeState(state: BootState): Uint8Array {
  return Buffer.from(`${JSON.stringify(state, null, 1)}\n`);
}

/** Null for what is no state: damaged, or of a later version. */
export function readState(bytes: Uint8Array): BootState | null {
  const parsed = v.safeParse(BootState, parseJson(bytes));
  return parsed.success ? parsed.output : null;
}
