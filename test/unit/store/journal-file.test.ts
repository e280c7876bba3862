import Database from "better-sqlite3-multiple-ciphers";
import fc from "fast-check";
import { expect, test } from "vitest";
import { noLog } from "#base/log.ts";
import { openDb } from "#device/store/db.ts";
import { openJournal } from "#device/store/journal.ts";
import { verifyExport } from "#device/store/journal-file.ts";
import { MIGRATIONS } from "#device/store/schema.ts";
import { FakeClock } from "#test/house/fake-clock.ts";
import { journalSigner } from "#test/house/signers.ts";
import { account, KEY, makeDbFolder, OWNER } from "./fixtures.ts";
import { changeOf, makeChain, makeLongChain, verdictOf } from "./journals.ts";

async function exported(): Promise<string> {
  await using made = await makeLongChain();
  return (await made.journal.exported()) ?? "";
}

test("an exported journal is verified with the account id and nothing else", async () => {
  const text = await exported();
  const verified = verifyExport(text, OWNER);
  expect(verified).toMatchObject({ read: true, before: 0, report: { holds: true, unsigned: 0 } });
  expect(verifyExport(text, account("somebody else"))).toEqual({
    read: false,
    why: "it is the journal of another account",
  });
  // It can be read by people, and says what it is.
  expect(text.split("\n")[0]).toContain("not that nothing was left out");
  expect(text).toContain("grant somebody-149 ring");
});

test("a file in which anything was changed, cut or added proves nothing", async () => {
  const text = await exported();
  // As often in the last line, which signs the others and is not signed itself.
  const end = text.lastIndexOf("\n", text.length - 2) + 1;
  const at = fc.oneof(fc.nat(text.length - 2), fc.integer({ min: end, max: text.length - 2 }));
  const how = fc.constantFrom("change", "cut", "add", "drop line");
  fc.assert(
    fc.property(at, how, (place, change) => {
      const lines = text.split("\n");
      const tampered = {
        change: () => text.slice(0, place) + (text[place] === "A" ? "B" : "A") + text.slice(place + 1),
        cut: () => text.slice(0, place),
        add: () => `${text.slice(0, place)} ${text.slice(place)}`,
        "drop line": () => lines.toSpliced(place % (lines.length - 1), 1).join("\n"),
      }[change]();
      const verified = verifyExport(tampered, OWNER);
      expect(verified.read).toBe(false);
    }),
    { numRuns: 300 },
  );
});

test("a file of anything at all is judged, never a reason to fail", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.array(fc.json()).map((all) => all.join("\n")),
      ),
      (text) => {
        expect(verifyExport(text, OWNER).read).toBe(false);
      },
    ),
    { numRuns: 300 },
  );
});

test("another unit cannot sign a file in this account's name", async () => {
  await using made = await makeChain();
  const mallory = journalSigner("mallory");
  made.journal.append(changeOf(made.clock, "calling off"));
  const signer = { ...mallory, account: OWNER };
  const forged = await openJournal({ db: made.db, signer, clock: made.clock, log: noLog }).exported();
  expect(verifyExport(forged ?? "", OWNER)).toMatchObject({ read: false, why: expect.stringContaining("certificate") });
});

test("a forgotten caller is in the file no more, and the file verifies", async () => {
  await using made = await makeLongChain();
  const eve = account("eve");
  expect(await made.journal.exported()).toContain(eve);
  const lines = made.journal.forget({ keys: [eve] }, "cli");
  expect(lines).toBe(15);
  const text = (await made.journal.exported()) ?? "";
  expect(text).not.toContain(eve);
  const verified = verifyExport(text, OWNER);
  expect(verified).toMatchObject({ read: true, report: { holds: true, forgottenOnRecord: 15 } });
  if (verified.read) expect(verified.report.strands.counted.forgotten).toBe(15);
  // Not in the database either, in any column.
  const rows = made.db.prepare(
    "SELECT group_concat(coalesce(details, '') || coalesce(fold, '')) AS everything FROM journal",
  );
  expect(JSON.stringify(rows.get())).not.toContain(eve);
});

test("whoever is forgotten by id is forgotten with the changes that named them", async () => {
  await using made = await makeChain();
  made.journal.append({ ...changeOf(made.clock, "grant eve ring"), person: "eve" });
  made.journal.append({ ...changeOf(made.clock, "grant ana ring"), person: "ana" });
  made.journal.append(verdictOf(made.clock, "eve"));
  made.journal.append({ ...changeOf(made.clock, "merge eve into ana"), person: "ana" });
  made.journal.append({ ...changeOf(made.clock, "grant steve ring"), person: "steve" });
  expect(made.journal.forget({ keys: [account("eve")], person: "eve" }, "voice")).toBe(3);
  expect(made.journal.list({ limit: 9 }).map(({ detail, count }) => [detail, count])).toEqual([
    ["forget", 3],
    ["grant steve ring", 1],
    ["grant ana ring", 1],
  ]);
  expect(await made.journal.verify()).toMatchObject({ holds: true, strands: { single: { forgotten: 2 } } });
});

test("lines from before there was a chain are kept, marked as such, exported, pruned first", async () => {
  await using place = await makeDbFolder();
  const chained = MIGRATIONS.findIndex((sql) => sql.includes("journal_checkpoint"));
  const old = new Database(place.path);
  old.pragma(`key = "x'${Buffer.from(KEY).toString("hex")}'"`);
  for (const sql of MIGRATIONS.slice(0, chained)) old.exec(sql);
  old.pragma(`user_version = ${chained}`);
  const insert = old.prepare(
    `INSERT INTO journal (owner, fold, kept_out, at_ms, last_ms, count, what, account, act, because, by, detail)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  insert.run(OWNER, null, 0, 5, 5, 1, "change", null, null, null, "voice", 'it\'s "block"\u00e9');
  insert.run(OWNER, "0 drop", 1, 6, 9, 4, "verdict", account("eve"), "drop", "blocked", "gate", "call.offer");
  old.close();

  const why = { account: account("eve"), act: "drop", because: "blocked", by: "gate", detail: "call.offer" };
  const opened = openDb({ path: place.path, key: KEY });
  if (!opened.ok) throw new Error(opened.detail);
  const clock = new FakeClock();
  const journal = openJournal({ db: opened.db, signer: journalSigner(), clock, log: noLog, maxLines: 3 });
  expect(journal.list({ limit: 5 })).toEqual([
    { id: 2, chain: "before", atMs: 6, lastMs: 9, count: 4, what: "verdict", ...why },
    {
      id: 1,
      chain: "before",
      atMs: 5,
      lastMs: 5,
      count: 1,
      what: "change",
      by: "voice",
      detail: 'it\'s "block"\u00e9',
    },
  ]);
  expect(await journal.verify()).toMatchObject({ holds: true, strands: { single: { last: 0 } } });
  journal.append(changeOf(clock, "first of the chain"));
  expect(verifyExport((await journal.exported()) ?? "", OWNER)).toMatchObject({ read: true, before: 2 });
  journal.append(changeOf(clock, "second of the chain"));
  expect(journal.list({ limit: 5 }).map(({ chain }) => chain)).toEqual(["closed", "closed", "before"]);
  expect(await journal.verify()).toMatchObject({ holds: true, strands: { single: { first: 1, last: 2 } } });
  // They can be forgotten too; there is no place in a chain to keep.
  expect(journal.forget({ keys: [account("eve")] }, "cli")).toBe(1);
  expect(opened.db.prepare("SELECT count(*) AS n FROM journal WHERE number IS NULL").get()).toEqual({ n: 0 });
  opened.db.close();
});
