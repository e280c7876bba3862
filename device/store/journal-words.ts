import type { JournalReport } from "./journal-verify.ts";

/** What `verify` cannot know, said wherever it says that something holds. */
export const LIMITS = "This proves that nothing was altered later, not that nothing was left out.";

/** A report in plain words, a sentence each. */
export function sayReport(report: JournalReport): string[] {
  const { holds, strands, signed, breaks, more } = report;
  const said = holds ? [signed ? HOLDS : UNSIGNED] : [BROKEN, ...breaks.map((each) => `  ${each}`)];
  if (more > 0) said.push(`  and ${more} more`);
  said.push(`There are ${sayRange("line", strands.single)}, and ${sayRange("count", strands.counted)}.`);
  said.push(...sayForgotten(report));
  if (signed) {
    const when = new Date(signed.atMs).toISOString();
    said.push(
      `Unit ${signed.unit} signed it last at ${when} (checkpoint ${signed.seq}).`,
      ...saySince(report.unsigned),
    );
  }
  return holds ? [...said, LIMITS] : said;
}

const HOLDS = "The journal holds: up to where it was signed last, no line was altered, dropped, moved or put in.";
const UNSIGNED = "Nothing in the journal contradicts itself, but nothing was signed yet: all of it could be another.";
const BROKEN = "THE JOURNAL IS BROKEN: it is not what the unit wrote.";

function saySince(unsigned: number): string[] {
  if (unsigned === 0) return [];
  const what = unsigned === 1 ? "1 is newer" : `${unsigned} are newer`;
  return [`${what} than that: were they others, or some at the end gone, nothing would show it.`];
}

function sayRange(what: "line" | "count", { first, last }: { first: number; last: number }): string {
  if (last === 0) return `no ${what}s yet`;
  if (first > last) return `no ${what}s of ${last} that there were`;
  const older = first > 1 ? ` (older ones were let go to keep it small)` : "";
  return `${what}s ${first} to ${last}${older}`;
}

function sayForgotten({ strands, forgottenOnRecord }: JournalReport): string[] {
  const forgotten = strands.single.forgotten + strands.counted.forgotten;
  if (forgotten === 0) return [];
  const all = forgotten === 1 ? "1 of them was forgotten" : `${forgotten} of them were forgotten`;
  if (forgotten <= forgottenOnRecord) return [`${all}, as the journal records.`];
  return [`${all}; the journal records that the owner had ${forgottenOnRecord} forgotten.`];
}
