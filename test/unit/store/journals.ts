import { noLog } from "#base/log.ts";
import type { Db } from "#device/store/db.ts";
import { type Journal, openJournal } from "#device/store/journal.ts";
import { commitmentOf, emptyRange, hashAfter, type Sealed } from "#device/store/journal-chain.ts";
import type { SignedBytes } from "#device/store/journal-checkpoint.ts";
import type { JournalLine } from "#device/store/journal-line.ts";
import { JournalRows } from "#device/store/journal-rows.ts";
import { type JournalReport, verifyRecords } from "#device/store/journal-verify.ts";
import { FakeClock } from "#test/house/fake-clock.ts";
import { journalSigner } from "#test/house/signers.ts";
import { account, makeDbFolder, OWNER } from "./fixtures.ts";

/** What stands in the database, to be tampered with. */
export type Records = { lines: Sealed[]; checkpoints: SignedBytes[] };

/** A journal on a database that can be closed and opened again, with what stands in it. */
export async function makeChain(options: { maxLines?: number; owner?: string } = {}) {
  const place = await makeDbFolder();
  const clock = new FakeClock();
  const signer = journalSigner(options.owner);
  const { maxLines } = options;
  let db: Db = place.open();
  const open = (): Journal =>
    openJournal({ db, signer, clock, log: noLog, ...(maxLines !== undefined && { maxLines }) });
  let journal = open();
  const records = (): Records => {
    const rows = new JournalRows(db, signer.account);
    return { lines: [...rows.chained()], checkpoints: rows.checkpoints() };
  };
  return {
    clock,
    place,
    signer,
    records,
    get journal() {
      return journal;
    },
    get db() {
      return db;
    },
    /** As after a power cut: what waited in memory is gone, and nothing is closed. */
    crash() {
      db = place.open();
      journal = open();
    },
    restart() {
      journal[Symbol.dispose]();
      db = place.open();
      journal = open();
    },
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

export function verdictOf(clock: FakeClock, from: string, fields: Partial<JournalLine> = {}): JournalLine {
  const verdict = { what: "verdict", act: "drop", because: "blocked", by: "gate", detail: "call.offer" } as const;
  return { atMs: clock.nowMs(), ...verdict, account: account(from), ...fields };
}

export function changeOf(clock: FakeClock, detail: string): JournalLine {
  return { atMs: clock.nowMs(), what: "change", by: "voice", detail };
}

/** Both strands, several segments, some lines after the last checkpoint. */
export async function makeLongChain() {
  const made = await makeChain();
  for (let line = 0; line < 150; line += 1) {
    made.journal.append(changeOf(made.clock, `grant somebody-${line} ring`));
    if (line % 10 === 0) {
      for (const from of ["mallory", "eve", `stranger ${line}`]) made.journal.append(verdictOf(made.clock, from));
      made.clock.advance(61_000);
    }
  }
  return made;
}

export function judge(records: Records, owner = OWNER): JournalReport {
  return verifyRecords({ account: owner, ...records });
}

/**
 * What an adversary does who can write everything and sign nothing: commitments, numbers and hashes are all made to fit
 * what the lines say now.
 */
export function rechain({ lines, checkpoints }: Records): Records {
  const ends = { single: emptyRange(OWNER, "single"), counted: emptyRange(OWNER, "counted") };
  const fitted = lines.map((line): Sealed => {
    const { last, head } = ends[line.strand];
    const number = last + 1;
    const { salt, details } = line;
    const commitment = salt && details !== null ? commitmentOf(salt, details) : line.commitment;
    const hash = hashAfter(head, number, commitment);
    ends[line.strand] = { ...ends[line.strand], last: number, head: hash };
    return { ...line, number, commitment, hash };
  });
  return { lines: fitted, checkpoints };
}
