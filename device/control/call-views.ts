import * as v from "valibot";

const CallView = v.strictObject({
  atMs: v.number(),
  account: v.string(),
  /** As the book has their name now. */
  person: v.optional(v.string()),
  direction: v.picklist(["in", "out"]),
  /** `request`: of somebody who may not call; it never rang. */
  kind: v.picklist(["missed", "answered", "made", "request"]),
  /** False: the owner had not heard of it before now. */
  heard: v.boolean(),
  count: v.number(),
});
export type CallView = v.InferOutput<typeof CallView>;

export const CallAnswers = {
  calls: v.strictObject({ calls: v.array(CallView) }),
};
