import * as v from "valibot";
import type { Book } from "#device/gate/book.ts";
import type { Now, Request } from "#device/gate/decide.ts";
import { readClaim } from "#device/number.ts";
import { AccountText } from "./book-file.ts";
import { readJson } from "./read-json.ts";

const Moment = v.pipe(
  v.string(),
  v.regex(
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/,
    "must be a moment such as 2026-11-22T23:10:00Z",
  ),
  v.check((text) => !Number.isNaN(Date.parse(text)), "is no such date or time"),
);

const CaseText = v.strictObject({
  id: v.pipe(v.string(), v.nonEmpty("must not be empty")),
  kind: v.picklist(["call", "message", "announce", "drop-in", "group-call"]),
  at: Moment,
  clockTrusted: v.optional(v.boolean(), true),
  from: v.strictObject({
    account: v.optional(AccountText),
    number: v.optional(v.string()),
    numberAttested: v.optional(v.boolean(), false),
    name: v.optional(v.string()),
    withheld: v.optional(v.boolean(), false),
  }),
  signature: v.optional(v.picklist(["valid", "invalid", "missing"]), "valid"),
  to: v.optional(AccountText),
  fresh: v.optional(v.boolean(), true),
  replayed: v.optional(v.boolean(), false),
  members: v.optional(v.array(v.strictObject({ account: AccountText })), []),
});

export type Case = Readonly<{ id: string; request: Request; now: Now }>;

/** One line of the cases' file. The name that a caller gives is read by nobody. Throws `BadFile`. */
export function readCase(line: string, book: Book): Case {
  const { id, at, clockTrusted, from, to, members, ...rest } = readJson(line, CaseText);
  const claim = readClaim(from.number, from.numberAttested, book.region);
  const request: Request = {
    ...rest,
    envelope: id,
    from: from.account ?? null,
    to: to ?? book.owner,
    withheld: from.withheld || claim.withheld,
    members: members.map(({ account }) => account),
    ...(claim.number && { number: claim.number }),
  };
  return { id, request, now: { atMs: Date.parse(at), clockTrusted } };
}
