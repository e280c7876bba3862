import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import { type EvidenceReport, verifyEvidence } from "#device/evidence/verify.ts";
import { bookWith, mallory as inTheBook } from "#test/house/books.ts";
import { NOW_MS } from "#test/house/day-keys.ts";
import { type Contents, evidenceStores, parcelsTo, unpack } from "#test/house/evidence.ts";
import { fixedUnit } from "#test/house/fixed-keys.ts";
import { makeDbFolder } from "../store/fixtures.ts";

export const mallory = fixedUnit("mallory");
export const eve = fixedUnit("eve");
export const ana = fixedUnit("ana");
export const SOUND = new Uint8Array(randomBytes(200_000));
const owner = fixedUnit("owner");
export const OWNER = owner.sealer.account;

/**
 * The owner's archive of three messages (a text, a sound in two parcels, a text that was passed on), and their folders
 * in it.
 */
export async function makeEvidence(): Promise<{ archive: Buffer; folders: readonly [string, string, string] }> {
  await using place = await makeDbFolder();
  const { journal, take, archive } = evidenceStores(place.open(), owner);
  await take({ from: mallory });
  await take({ from: mallory, sound: SOUND });
  const [first] = await parcelsTo(eve, { from: ana, text: "she said it" });
  if (!first) throw new Error("nothing was left");
  await take({ from: eve, message: { kind: "message.text", body: { text: "she said it", origin: first.header } } });
  // Others called, too; Mallory was blocked, and has a number.
  const blocked = { what: "change", by: "cli", person: "mallory", account: mallory.sealer.account } as const;
  journal.append({ ...blocked, atMs: NOW_MS, detail: "block mallory" });
  journal.append({ ...blocked, atMs: NOW_MS, detail: "add-person Mallory +447700900123" });
  journal.append({ atMs: NOW_MS, what: "verdict", account: fixedUnit("ben").sealer.account, act: "admit" });
  const person = { ...inTheBook, name: "Mad\u001b[2J Mallory", accounts: [mallory.sealer.account] };
  const made = await archive({ ...bookWith({ people: [person] }), owner: OWNER });
  const headers = [...unpack(made).keys()].filter((path) => path.endsWith("/header.cbor"));
  const [text = "", sound = "", forwarded = ""] = headers.map((path) => path.slice(0, -"/header.cbor".length));
  return { archive: made, folders: [text, sound, forwarded] };
}

export function readEvidence(bytes: Uint8Array): Extract<EvidenceReport, { read: true }> {
  const report = verifyEvidence(bytes, OWNER);
  if (!report.read) throw new Error(report.why);
  return report;
}

/** Why an archive is refused as a whole, or all that does not hold in it. */
export function faultsOf(bytes: Uint8Array, account: string | null = OWNER): string {
  const report = verifyEvidence(bytes, account);
  if (!report.read) return report.why;
  expect(report.holds).toBe(false);
  return [...report.faults, ...report.messages.flatMap((each) => each.faults)].join("; ");
}

export function copyWithin(contents: Contents, from: string, to: string): void {
  contents.set(to, contents.get(from) ?? new Uint8Array());
}
