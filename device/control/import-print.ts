import type { Listed } from "./import-file.ts";
import type { CardView } from "./import-views.ts";
import { printable, showTable } from "./print.ts";

/** A file's cards for people, and for machines. */

export function showListed(listed: readonly Listed[]): string {
  return showTable(listed.map((each) => [String(each.number), ...rowOf(each)]));
}

function rowOf({ card, view }: Listed): string[] {
  if (!card.ok) return ["", "", `FAULTY: ${card.why} (line ${card.line})`];
  const { name, aliases, accounts, numbers, addresses, leftOut } = card.contact;
  const called = aliases.length === 0 ? name : `${name} (${aliases.join(", ")})`;
  const keys = [...accounts.map((account) => `${account.slice(0, 8)}…`), ...numbers.map(([number]) => number ?? "")];
  const told = view === null ? "" : whatOf(view, "ahead");
  const without = leftOut.length === 0 ? "" : `left out: ${leftOut.join("; ")}`;
  return [called, [...keys, ...addresses].join(", "), [told, without].filter((each) => each !== "").join("; ")];
}

/** What became of one card, as a line. */
export function outcomeOf({ number, card, view }: Listed, when: "ahead" | "done"): string {
  const name = card.ok ? card.contact.name : "";
  const what = view === null ? "it is faulty" : whatOf(view, when);
  return printable(`${number} ${name}: ${what || "new"}`);
}

/** Nothing is said ahead of one that is simply new. */
function whatOf({ outcome, people, blocked, detail }: CardView, when: "ahead" | "done"): string {
  const who = people.map(({ name, id }) => `${name} (${id})`).join(" and ");
  const still = blocked ? ", and blocked" : "";
  switch (outcome) {
    case "new":
      if (when === "done") return `is in the book now as ${who}${still}`;
      return blocked ? "has an account or number that is blocked" : "";
    case "more":
      return when === "done" ? `${who} has what is new in it${still}` : `has something new of ${who}${still}`;
    case "known":
      return `in the book already: ${who}${still}`;
    case "granted":
      return `left alone: it has something new of ${who}, who is granted something; add it by "porter person number" or "account" if it is theirs`;
    case "several":
      return `left alone: what is in it belongs to ${who}; "porter person merge" makes them one`;
    case "same-name":
      return `left alone: ${who} has this name; --another stores it as somebody else, "porter person number" adds to them`;
    case "deleted":
      return "deleted before; only --only with the name and --bring-back bring it back";
    case "refused":
      return `left alone: ${detail ?? "it cannot be stored"}`;
  }
}

export function asJson({ number, card, view }: Listed) {
  if (!card.ok) return { number, line: card.line, outcome: "faulty", why: card.why };
  const { numbers, ...contact } = card.contact;
  return { number, ...contact, numbers: numbers.map(([likeliest]) => likeliest), ...view };
}
