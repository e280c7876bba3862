import * as v from "valibot";
import { MessageName, MessageView } from "./message-views.ts";

/** The requests about evidence, and what they are answered with. */

/** A person by id, name or alias, or an account id. */
const Who = v.pipe(v.string(), v.trim(), v.nonEmpty("must not be empty"), v.maxLength(100));

export const evidenceRequests = {
  /** Newest first: what is kept as evidence; with `who`, all that is kept of them, be it hidden. */
  "evidence-list": {
    who: v.optional(Who),
    limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)),
  },
  /** From now on it is evidence: nobody's quota or time takes it away. */
  "evidence-keep": { message: MessageName },
  /** What goes into an archive: these and theirs, or what is kept as evidence where neither is named. */
  "evidence-export": {
    who: v.optional(Who),
    messages: v.pipe(v.array(MessageName), v.maxLength(100)),
  },
  /** The next piece of the archive that `evidence-export` named, from 0. */
  "evidence-piece": { export: v.pipe(v.string(), v.maxLength(64)), piece: v.pipe(v.number(), v.safeInteger()) },
};

const EvidenceView = v.strictObject({
  ...MessageView.entries,
  /** `hidden`: the gate would show it nowhere. */
  place: v.picklist(["inbox", "requests", "evidence", "hidden"]),
});
export type EvidenceView = v.InferOutput<typeof EvidenceView>;

export const EvidenceAnswers = {
  /** `all`: how many there are, listed or not. */
  "evidence-list": v.strictObject({ messages: v.array(EvidenceView), all: v.number() }),
  "evidence-keep": v.strictObject({}),
  /** `names`: whom of the senders the book has a name for; these stand in the file. */
  "evidence-export": v.strictObject({
    export: v.string(),
    messages: v.number(),
    bytes: v.number(),
    names: v.array(v.string()),
  }),
  /** Base64; `last`: there are no more. */
  "evidence-piece": v.strictObject({ data: v.string(), last: v.boolean() }),
};
