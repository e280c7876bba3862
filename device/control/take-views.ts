import * as v from "valibot";
import { TakeSound } from "#audio/protocol-teach.ts";

/** Parts of requests.ts: a word is taught. */
export const takeRequests = {
  /** What is said before: how to begin, once more, or once more but better. */
  "wake-take": { say: v.picklist(["first", "next", "again"]) },
  /** Says whether it was learned. */
  "wake-taught": { taught: v.boolean() },
};

export const TakeAnswers = {
  /** Refused where a call, or whatever else the unit does, would be disturbed. */
  "wake-rest": v.strictObject({}),
  "wake-take": v.strictObject({ sound: TakeSound }),
  "wake-taught": v.strictObject({}),
};
