import * as v from "valibot";

/** `warn`: the unit works, but something should be looked at. `fail`: it does not work, or not as it should. */
const Grade = v.picklist(["ok", "warn", "fail"]);
export type Grade = v.InferOutput<typeof Grade>;

/** One thing that was looked at. `next`: what to do; null where there is nothing to do. */
export const Finding = v.strictObject({
  what: v.string(),
  grade: Grade,
  says: v.string(),
  next: v.nullable(v.string()),
});
export type Finding = Readonly<v.InferOutput<typeof Finding>>;

export function fine(what: string, says: string): Finding {
  return { what, grade: "ok", says, next: null };
}

export function doubtful(what: string, says: string, next: string): Finding {
  return { what, grade: "warn", says, next };
}

export function wrong(what: string, says: string, next: string): Finding {
  return { what, grade: "fail", says, next };
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
