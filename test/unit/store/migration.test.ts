import { join } from "node:path";
import Database from "better-sqlite3-multiple-ciphers";
import { expect, test, vi } from "vitest";
import { DATABASE } from "#device/store/book-open.ts";
import { MIGRATIONS } from "#device/store/schema.ts";
import { testSeal } from "#test/house/books.ts";
import { account, KEY, makeBookFolder, OWNER } from "./fixtures.ts";

// Each opens and closes several encrypted databases, which takes a busy machine its time.
vi.setConfig({ testTimeout: 60_000 });

const BEN = account("ben");
const ANA = account("ana");
const SEAL = "s".repeat(43);

/** What a unit of each version could have written, beginning with the first. */
const WRITTEN: readonly string[] = [
  `INSERT INTO book VALUES ('${OWNER}', 9, 'off', 'drop');
   INSERT INTO person VALUES (1, '${OWNER}', 'ben', 'Ben', '["Benny"]', '["${BEN}"]', '["ring"]');
   INSERT INTO person VALUES (7, '${OWNER}', 'ana', 'Ana', '[]', '["${ANA}"]', '[]');
   INSERT INTO block VALUES ('${OWNER}', 'unknown', ''), ('${OWNER}', 'person', 'ben');`,
  "",
  `UPDATE book SET kids = 1, region = 'FR', quiet_hours = '[{"fromMinute":0,"toMinute":60,"days":["mon"],"except":["ana"]}]';
   UPDATE person SET numbers = '["+442079460018"]', addresses = '["ana@example.org"]',
     hours = '[{"grant":"ring","fromMinute":5,"toMinute":60,"days":["sun"]}]' WHERE id = 'ana';
   INSERT INTO block VALUES ('${OWNER}', 'number', '+447700900123'), ('${OWNER}', 'prefix', '+44909'),
     ('${OWNER}', 'account', '${account("mallory")}'), ('${OWNER}', 'withheld', '');`,
  "",
  `INSERT INTO deleted VALUES ('${OWNER}', 3, 7, 1, '["${SEAL}"]', '["${SEAL}","${SEAL}"]', '[]', '[]');`,
  "",
  "UPDATE book SET evidence = 'keep'",
];

/** A database as a unit of that version left it. */
function writeOld(path: string, version: number): void {
  const old = new Database(path);
  old.pragma(`key = "x'${Buffer.from(KEY).toString("hex")}'"`);
  for (let step = 0; step < version; step += 1) {
    old.exec(MIGRATIONS[step] ?? "");
    old.exec(WRITTEN[step] ?? "");
  }
  old.pragma(`user_version = ${version}`);
  old.close();
}

test.each([1, 2, 3, 4, 5, 6, 7])("a book of version %i is read whole by this one, in its order", async (version) => {
  await using place = await makeBookFolder({ place: { region: "IT", timeZone: "Europe/Rome" } });
  writeOld(join(place.folder, DATABASE), version);
  const { store, restored } = place.open();
  expect(restored).toBeNull();
  const none = { numbers: [], addresses: [], hours: [] };
  const isNew = version >= 3;
  expect(store.book).toEqual({
    revision: 9,
    owner: OWNER,
    calling: "off",
    unknown: "drop",
    kids: isNew,
    evidence: version >= 7 ? "keep" : "drop",
    unverifiedOrigin: "drop",
    region: isNew ? "FR" : "IT",
    timeZone: "Europe/Rome",
    people: [
      { id: "ben", name: "Ben", aliases: ["Benny"], accounts: [BEN], grants: ["ring"], ...none },
      {
        id: "ana",
        name: "Ana",
        aliases: [],
        accounts: [ANA],
        grants: [],
        ...none,
        ...(isNew && {
          numbers: ["+442079460018"],
          addresses: ["ana@example.org"],
          hours: [{ grant: "ring", fromMinute: 5, toMinute: 60, days: ["sun"] }],
        }),
      },
    ],
    blocks: [
      { unknown: true },
      { person: "ben" },
      ...(isNew
        ? [{ number: "+447700900123" }, { prefix: "+44909" }, { account: account("mallory") }, { withheld: true }]
        : []),
    ],
    deleted:
      version >= 5
        ? [{ id: 3, atMs: 7, blocked: true, accounts: [SEAL], numbers: [SEAL, SEAL], addresses: [], names: [] }]
        : [],
    seal: testSeal,
    quietHours: isNew ? [{ fromMinute: 0, toMinute: 60, days: ["mon"], except: ["ana"] }] : [],
  });
  expect(store.isUnsaved).toBe(false);
  const { book } = store;
  expect(place.open().store.book).toEqual(book);
});

test("books of two owners and of many pieces are moved each for itself", async () => {
  await using place = await makeBookFolder();
  const path = join(place.folder, DATABASE);
  writeOld(path, 4);
  const old = new Database(path);
  old.pragma(`key = "x'${Buffer.from(KEY).toString("hex")}'"`);
  const other = account("other owner");
  old.exec(`INSERT INTO book (owner, revision, calling, unknown) VALUES ('${other}', 3, 'on', 'hold')`);
  const insert = old.prepare(
    "INSERT INTO person (owner, id, name, aliases, accounts, grants) VALUES (?, ?, ?, '[]', '[]', '[]')",
  );
  old.exec("BEGIN");
  for (let id = 0; id < 1_000; id += 1) insert.run(id % 2 === 0 ? OWNER : other, `p-${id}`, `P ${id}`);
  old.exec("COMMIT");
  old.close();
  const { people } = place.open().store.book;
  expect(people.map(({ id }) => id)).toEqual(["ben", "ana", ...Array.from({ length: 500 }, (_, at) => `p-${at * 2}`)]);
});
