import { LEADS, PATTERNS, TAIL } from "#device/voice/phrases.ts";
import { SLOTS } from "#device/voice/slots.ts";

/** Prints the inventory as JSON, for `sentences.py`. */
const slots = Object.fromEntries(Object.entries(SLOTS).map(([slot, ways]) => [slot, [...ways.keys()]]));
const patterns = PATTERNS.map(({ items, polite }) => ({ items, polite }));
console.log(JSON.stringify({ leads: LEADS, tail: TAIL, slots, patterns }));
