import type { CountedLine } from "../store/journal-line.ts";
import { LIMITS } from "./layout.ts";
import type { EvidenceReport } from "./verify.ts";
import type { VerifiedMessage } from "./verify-message.ts";

type Report = Extract<EvidenceReport, { read: true }>;

/** A report in plain words. Texts and names in it are from outside: whoever shows them makes them harmless. */
export function sayEvidence(report: Report, wasNamed: boolean): string[] {
  const { holds, account, unit, exportedAtMs, messages, faults } = report;
  const whose = wasNamed ? "the account that you named" : `account ${account}`;
  return [
    holds ? "The evidence holds." : "THE EVIDENCE DOES NOT HOLD: see below.",
    `Unit ${unit} of ${whose} signed this file at ${iso(exportedAtMs)}.`,
    ...(wasNamed
      ? []
      : ["Nothing in a file shows whose account that is: compare it with the one that you were given."]),
    ...faults,
    ...messages.flatMap((each, index) => ["", ...sayMessage(each, index)]),
    "",
    ...sayJournal(report),
    LIMITS,
  ];
}

function sayMessage(verified: VerifiedMessage, index: number): string[] {
  const { message, faults, signedBy, origin } = verified;
  const called = message.person === undefined ? "" : ` (the owner calls them ${JSON.stringify(message.person)})`;
  const head = `${index + 1}. ${message.folder}, from ${message.from}${called}`;
  if (faults.length > 0 || !signedBy) return [head, ...faults.map((each) => `   DOES NOT HOLD: ${each}`)];
  const { unit, certificateSeq, notAfterMs } = signedBy;
  return [
    head,
    `   signed by that account's unit ${unit}, as sent at ${iso(message.sentAtMs)} by its own clock`,
    `   with certificate ${certificateSeq}, good then (until ${iso(notAfterMs)}); whether it was revoked is not shown`,
    ...(origin ? [`   passed on: ${origin.account} signed it first, as sent at ${iso(origin.signedAtMs)}`] : []),
    ...(message.origin !== undefined && !origin ? ["   passed on: nothing shows who said it first"] : []),
    `   ${sayContent(verified)}`,
    `   came at ${iso(message.cameAtMs)} by the owner's unit's clock; ${sayArrival(verified.arrival)}`,
  ];
}

function sayContent({ message, text, soundHash }: VerifiedMessage): string {
  if (text !== null) return `the text is the one that was signed: ${JSON.stringify(text)}`;
  return `the sound is the one that was signed: ${(message.durationMs / 1_000).toFixed(1)} s by its sender's word, SHA-256 ${soundHash}`;
}

function sayArrival(line: CountedLine | null): string {
  if (!line) return "the journal that is shown has no line of it";
  const verdict = `${line.act ?? "?"}, because: ${line.because ?? "?"}`;
  if (line.count === 1) return `the journal has it (${verdict})`;
  return `the journal counts ${line.count} like it from then to ${iso(line.lastMs)} (${verdict})`;
}

function sayJournal({ journal }: Report): string[] {
  if (!journal?.holds) return ["The journal in it does not hold."];
  const { single, counted } = journal.strands;
  const all = [single, counted].reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const hidden = single.forgotten + counted.forgotten;
  return [
    `The journal holds: of its ${all} lines, ${all - hidden} are shown. Of the others (about somebody else, or forgotten) only the places in the chain are there.`,
  ];
}

/** Senders choose the times of what they sign, and of their certificates: some are none that a calendar has. */
function iso(atMs: number): string {
  const at = new Date(atMs);
  return Number.isNaN(at.getTime()) ? "a time that no calendar has" : at.toISOString();
}
