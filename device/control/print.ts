import type { JournalView, WhyView } from "./journal-views.ts";
import type { MessageView } from "./message-views.ts";
import type { Answer, PersonView, RulesView } from "./requests.ts";
import { WEEK } from "./window-text.ts";

/** What the command line shows: plain lines for people. Machines ask for `--json`. */

export function showPeople(people: readonly PersonView[]): string {
  if (people.length === 0) return 'Nobody is in the book yet. Add somebody with "porter person add NAME --account ID".';
  const rows = people.map((person) => [
    person.id,
    person.aliases.length === 0 ? person.name : `${person.name} (${person.aliases.join(", ")})`,
    person.grants.join(", ") || "no grants",
    reachedBy(person),
    person.blocked ? "BLOCKED" : "",
    person.hours.map(sayHours).join("; "),
  ]);
  return showTable(rows);
}

function reachedBy({ accounts, numbers }: PersonView): string {
  const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;
  const parts = [
    counted(accounts.length, "account"),
    ...(numbers.length > 0 ? [counted(numbers.length, "number")] : []),
  ];
  return parts.join(", ");
}

function sayHours({ grant, from, to, days }: PersonView["hours"][number]): string {
  return `${grant} only ${from}-${to}${days.length === WEEK.length ? "" : ` on ${days.join(",")}`}`;
}

export function showRules(rules: RulesView): string {
  const { blocks, quietHours } = rules;
  const rows = [
    ["calling", rules.calling],
    ["unknown callers", rules.unknown],
    ["kids mode", rules.kids ? "on" : "off"],
    ["blocked people's messages", rules.evidence === "keep" ? "kept as evidence" : "dropped"],
    ["messages passed on unsigned", rules.unverifiedOrigin === "admit" ? "let in" : "dropped"],
    ["region", rules.region],
    ["time zone", rules.timeZone],
    ...quietHours.map(({ from, to, days, except, untilMs }) => [
      "quiet",
      untilMs === undefined ? `${from}-${to} ${days.join(",")}` : `until ${new Date(untilMs).toISOString()}`,
      except.length === 0 ? "" : `except ${except.join(", ")}`,
    ]),
    ...blocks.map((block) => ["blocked", sayBlock(block)]),
  ];
  return showTable(rows);
}

export function showBlocks({ blocks }: RulesView): string {
  return blocks.length === 0 ? "Nobody is blocked." : showTable(blocks.map((block) => [sayBlock(block)]));
}

function sayBlock({ kind, who, atMs }: RulesView["blocks"][number]): string {
  if (kind === "deleted") return `somebody deleted, ${atMs === undefined ? "long ago" : showTime(atMs)}`;
  return who === "" ? kind : `${kind} ${who}`;
}

export function showJournal(lines: readonly JournalView[]): string {
  if (lines.length === 0) return "The journal is empty.";
  const rows = lines.map((line) => [
    showTime(line.atMs),
    line.what,
    line.several ? "several accounts" : (line.person ?? shortAccount(line.account)),
    [line.act, line.because].filter((word) => word !== undefined).join(": "),
    showCount(line),
    [line.by && `by ${line.by}`, line.detail, line.outcome].filter((word) => word !== undefined).join(", "),
    line.chain === "before" ? "(from before the chain)" : "",
  ]);
  return showTable(rows);
}

function showCount({ what, detail, count }: JournalView): string {
  if (what === "gap" || detail === "forget") return count === 1 ? "1 line" : `${count} lines`;
  return count > 1 ? `${count} times` : "";
}

/** "Why didn't it ring?" */
export function showWhy(calls: readonly WhyView[]): string {
  if (calls.length === 0)
    return "Every call that the journal knows of rang. One that never reached the unit is not in it.";
  return calls
    .map(({ atMs, lastMs, count, person, account, because, became }) => {
      const who = person ?? (account === undefined ? "several accounts" : shortAccount(account));
      const what = count === 1 ? `a call from ${who}` : `${count} calls from ${who}, until ${showTime(lastMs)},`;
      return printable(`${showTime(atMs)}: ${what} did not ring, because ${because}${became && `; ${became}`}.`);
    })
    .join("\n");
}

/** What the owner should know first. */
function stateOf({ fault, warnings, hub, audio }: Answer<"status">): string {
  if (fault !== null) return `FAULT: ${fault}`;
  const troubles = [
    ...warnings,
    ...(hub === "connected"
      ? []
      : ["no connection to the hub: nobody can call (is it reachable, and the unit enrolled? see the log)"]),
    ...(audio === "ready" ? [] : [`the microphone and loudspeaker are ${audio} (see the log)`]),
  ];
  return troubles.length === 0 ? "all is well" : troubles.join("; ");
}

export function showStatus(status: Answer<"status">): string {
  const { call } = status;
  const rows = [
    ["unit", status.name ?? "(no name)"],
    ...(status.owner === null ? [] : [["owner", status.owner]]),
    ["account", status.account],
    ["state", stateOf(status)],
    ["hub", status.hub],
    ["audio", status.audio],
    ["calling", status.calling],
    ["unknown callers", status.unknownBlocked ? "blocked" : status.unknown],
    ["microphone", status.muted ? "muted by the switch" : "on"],
    ["call", call.with === undefined ? call.at : `${call.at}, ${call.with}`],
    ["people", String(status.people)],
    ["calls not heard of", String(status.unheardCalls)],
    ["calls in Requests", String(status.requests)],
  ];
  return showTable(rows);
}

export function showCalls({ calls }: Answer<"calls">): string {
  if (calls.length === 0) return "No calls.";
  const rows = calls.map((call) => [
    showTime(call.atMs),
    call.person ?? shortAccount(call.account),
    call.kind === "request" ? "held: may not call" : call.kind,
    call.count > 1 ? `${call.count} times` : "",
    call.heard ? "" : "new",
  ]);
  return showTable(rows);
}

export function showMessages({ messages, waiting }: Answer<"messages">): string {
  const rows = messages.map(rowOf);
  const lines = rows.length === 0 ? "No messages." : showTable(rows);
  return waiting === 0 ? lines : `${lines}\n${waiting} of yours ${waiting === 1 ? "has" : "have"} not left yet.`;
}

function rowOf(each: MessageView): string[] {
  const { origin } = each;
  return [
    each.id.slice(0, 8),
    showTime(each.atMs),
    each.person ?? shortAccount(each.from),
    origin === undefined ? "" : `from ${origin === "unverified" ? "somebody unknown" : shortAccount(origin)}`,
    each.standing,
    each.kind === "voice" ? `${Math.ceil(each.durationMs / 1_000)} s of sound` : (each.text ?? ""),
  ];
}

export function showEvidence({ messages, all }: Answer<"evidence-list">): string {
  if (messages.length === 0) return "No messages.";
  const rows = messages.map((each) => [...rowOf(each), each.place === "evidence" ? "" : `(${PLACES[each.place]})`]);
  const more = all - messages.length;
  return more === 0 ? showTable(rows) : `${showTable(rows)}\nand ${more} older`;
}

const PLACES = { inbox: "in the inbox", requests: "in Requests", hidden: "shown nowhere" };

/** Columns padded to the widest, empty ends cut off. */
export function showTable(rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of clean) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return clean
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "))
    .map((line) => line.trimEnd())
    .join("\n");
}

/** Unprintable characters are shown as such, never sent on. */
export function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, "�");
}

function shortAccount(account: string | undefined): string {
  return account === undefined ? "" : `${account.slice(0, 8)}…`;
}

/** Local time: the owner reads this where the unit stands. */
function showTime(atMs: number): string {
  const at = new Date(atMs);
  const two = (number: number) => String(number).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
