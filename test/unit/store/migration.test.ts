import Database from "better-sqlite3-multiple-ciphers";
import { expect, test } from "vitest";
import { openBookStore } from "#device/store/book.ts";
import { MIGRATIONS } from "#device/store/schema.ts";
import { testSeal } from "#test/house/books.ts";
import { account, KEY, makeDbFolder, OWNER } from "./fixtures.ts";

const BEN = account("ben");

test("a book of the first version is read whole by this one, and can hold what is new", async () => {
  await using place = await makeDbFolder();
  const old = new Database(place.path);
  old.pragma(`key = "x'${Buffer.from(KEY).toString("hex")}'"`);
  old.exec(MIGRATIONS[0] ?? "");
  old.pragma("user_version = 1");
  old.exec(`
    INSERT INTO book VALUES ('${OWNER}', 9, 'off', 'drop');
    INSERT INTO person VALUES (1, '${OWNER}', 'ben', 'Ben', '["Benny"]', '["${BEN}"]', '["ring"]');
    INSERT INTO block VALUES ('${OWNER}', 'unknown', ''), ('${OWNER}', 'person', 'ben');
  `);
  old.close();
  const opened = openBookStore(place.open(), OWNER, { region: "IT", timeZone: "Europe/Rome", seal: testSeal });
  if (!opened.ok) throw new Error(opened.detail);
  expect(opened.store.book).toEqual({
    revision: 9,
    owner: OWNER,
    calling: "off",
    unknown: "drop",
    kids: false,
    evidence: "drop",
    unverifiedOrigin: "drop",
    region: "IT",
    timeZone: "Europe/Rome",
    people: [
      {
        id: "ben",
        name: "Ben",
        aliases: ["Benny"],
        accounts: [BEN],
        numbers: [],
        addresses: [],
        grants: ["ring"],
        hours: [],
      },
    ],
    blocks: [{ unknown: true }, { person: "ben" }],
    quietHours: [],
    deleted: [],
    seal: testSeal,
  });
  for (const block of [{ number: "+442079460018" }, { prefix: "+44909" }, { withheld: true }] as const) {
    expect(opened.store.change({ type: "block", block })).toMatchObject({ ok: true, changed: true });
  }
});
