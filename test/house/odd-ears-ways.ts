import * as v from "valibot";

/**
 * How a stand-in for the audio process goes wrong; its config names it in place of a wake head. `once`: a file that it
 * leaves behind, so that the lives after the first go well.
 */
export const Oddity = v.strictObject({
  way: v.picklist(["well", "spins", "goes-quiet", "gets-no-sound", "dies", "never-ready", "leaks"]),
  once: v.optional(v.string()),
});
export type Oddity = v.InferOutput<typeof Oddity>;

/** So long after it was ready. */
export const GOES_WRONG_MS = 400;
