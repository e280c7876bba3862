import * as v from "valibot";

/** What the journal's requests are answered with. */

export const JournalView = v.strictObject({
  id: v.number(),
  atMs: v.number(),
  what: v.picklist(["verdict", "change", "call", "message", "start", "gap"]),
  account: v.optional(v.string()),
  /** The name of who it was about, as the book has it now. */
  person: v.optional(v.string()),
  act: v.optional(v.string()),
  because: v.optional(v.string()),
  by: v.optional(v.picklist(["voice", "button", "cli", "gate"])),
  detail: v.optional(v.string()),
  outcome: v.optional(v.picklist(["rang", "busy"])),
  several: v.optional(v.literal(true)),
  count: v.number(),
  lastMs: v.number(),
  /** `before`: written before there was a chain; `open`: it counts still. */
  chain: v.picklist(["closed", "open", "before"]),
});
export type JournalView = v.InferOutput<typeof JournalView>;

const WhyView = v.strictObject({
  atMs: v.number(),
  lastMs: v.number(),
  count: v.number(),
  account: v.optional(v.string()),
  person: v.optional(v.string()),
  because: v.string(),
  became: v.string(),
});
export type WhyView = v.InferOutput<typeof WhyView>;

export const JournalAnswers = {
  journal: v.strictObject({ lines: v.array(JournalView) }),
  "journal-verify": v.strictObject({ holds: v.boolean(), says: v.array(v.string()) }),
  /** A piece of the file; `export` names it, for the pieces that follow. */
  "journal-export": v.strictObject({ export: v.string(), parts: v.number(), text: v.string() }),
  "journal-forget": v.strictObject({ lines: v.number() }),
  /** Newest first. */
  why: v.strictObject({ calls: v.array(WhyView) }),
};
