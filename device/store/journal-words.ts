import type { JournalReport } from "./journal-verify.ts";

/** What `verify` cannot know, said wherever it says that something holds. */
export const LIMITS = "This proves that nothing was altered later, not that nothing was left out.";

/** A report in plain words, a sentence each. */
export function sayReport(report: JournalReport): string[] {
  const { strands, signed, unsigned, breaks, more } = report;
  const first = report.holds ? "The journal holds: no line was altered, dropped, moved or put in." : BROKEN;
  const said = [first, ...breaks.map((each) => `  ${each}`)];
  if (more > 0) said.push(`  and ${more} more`);
  said.push(`${sayRange("line", strands.single)}; ${sayRange("count", strands.counted)}.`);
  said.push(...sayForgotten(report));
  if (!signed) said.push("Nothing of it was signed yet, so all of it could be another.");
  else {
    const when = new Date(signed.atMs).toISOString();
    said.push(`Unit ${signed.unit} signed it at ${when} (checkpoint ${signed.seq}).`);
  }
  if (unsigned > 0) {
    const lines = unsigned === 1 ? "1 line was" : `${unsigned} lines were`;
    said.push(`${lines} written since; if some at the end were gone again, nothing would show it.`);
  }
  return report.holds ? [...said, LIMITS] : said;
}

const BROKEN = "THE JOURNAL IS BROKEN: it is not what the unit wrote.";

function sayRange(what: "line" | "count", { first, last }: { first: number; last: number }): string {
  if (last === 0) return `no ${what}s`;
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
