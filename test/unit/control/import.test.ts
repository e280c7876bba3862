import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readChoice } from "#device/control/choice.ts";
import { askForChoice } from "#device/control/import-dialog.ts";
import type { Listed } from "#device/control/import-file.ts";
import { account } from "../store/fixtures.ts";
import { makeSocketUnit, runPorter, sendRaw } from "./fixtures.ts";

const ANA = account("ana");
const DAVE = account("dave");

const FILE = [
  `BEGIN:VCARD\nVERSION:4.0\nFN:Ana\nIMPP:porter:${ANA}\nTEL:020 7946 0018\nEND:VCARD`,
  `BEGIN:VCARD\nVERSION:3.0\nFN:Dave Miller\nNICKNAME:Dave\nIMPP:porter:${DAVE}\nEND:VCARD`,
  "BEGIN:VCARD\nTEL:020 7946 0099\nEND:VCARD",
  "BEGIN:VCARD\nFN:Doe\\, John\nTEL:0131 496 0000\nTEL:nothing\nEND:VCARD",
  "BEGIN:VCARD\nFN:Eve\nEND:VCARD\n",
].join("\n");

async function makeUnit(file = FILE) {
  const unit = await makeSocketUnit();
  const path = join(unit.folder, "contacts.vcf");
  await writeFile(path, file);
  const porter = (...args: string[]) => runPorter(["--socket", unit.path, ...args]);
  return { unit, path, porter, [Symbol.asyncDispose]: () => unit[Symbol.asyncDispose]() };
}

test("a file is listed with what is known of each card, and nothing is stored", { timeout: 30_000 }, async () => {
  await using it = await makeUnit();
  await it.porter("person", "add", "Ana", "--account", ANA, "--grant", "ring");
  await it.porter("person", "add", "Dave Miller", "--account", DAVE);
  await it.porter("person", "remove", "Dave Miller");
  const before = it.unit.store.book;
  const { exit, out } = await it.porter("import", it.path);
  expect(exit).toBe(0);
  const [ana, dave, faulty, john, eve] = out.split("\n").map((line) => line.replaceAll(/ +/g, " "));
  expect(ana).toMatch(
    /^1 Ana .*\+442079460018 left alone: it has something new of Ana \(ana\), who is granted something/,
  );
  expect(dave).toMatch(/^2 Dave Miller \(Dave\) .* deleted before; only --only with the name and --bring-back/);
  expect(faulty).toBe("3 FAULTY: it has no name (line 13)");
  expect(john).toBe("4 Doe, John +441314960000 left out: TEL on line 19 is no number");
  expect(eve).toBe("5 Eve");
  expect(out).toContain("Nothing was stored.");
  const json = await it.porter("import", it.path, "--json");
  expect(JSON.parse(json.out)).toMatchObject({
    cards: [
      { number: 1, outcome: "granted", people: [{ id: "ana" }] },
      { outcome: "deleted" },
      { outcome: "faulty", line: 13 },
      { outcome: "new", name: "Doe, John", numbers: ["+441314960000"] },
      { number: 5, outcome: "new" },
    ],
  });
  expect(it.unit.store.book).toBe(before);
});

test("what is ticked by number, range or name is stored, and is granted nothing", { timeout: 30_000 }, async () => {
  await using it = await makeUnit();
  const { exit, out } = await it.porter("import", it.path, "--only", "1-2,eve", "--only", "Doe, John");
  expect(exit).toBe(0);
  expect(out.split("\n")).toEqual([
    "1 Ana: is in the book now as Ana (ana)",
    "2 Dave Miller: is in the book now as Dave Miller (dave-miller)",
    "4 Doe, John: is in the book now as Doe, John (doe-john)",
    "5 Eve: is in the book now as Eve (eve)",
    "4 cards were stored. Nobody may do anything by it.",
    "",
  ]);
  const { people } = it.unit.store.book;
  expect(people.map(({ grants }) => grants)).toEqual([[], [], [], []]);
  expect(people[0]).toMatchObject({ accounts: [ANA], numbers: ["+442079460018"] });
});

test.each<[string, string[], string]>([
  ["a number beyond the list", ["--only", "9"], '"9" is not within 1-5'],
  ["a range that is none", ["--only", "3-1"], '"3-1" is not within 1-5'],
  ["a name that no card has", ["--only", "Bob"], 'no card is called "Bob"'],
  ["a faulty card", ["--only", "3"], "card 3 cannot be stored: it is faulty"],
  ["nothing", ["--only", " , "], "nothing was chosen"],
  ["whom to bring back left open", ["--bring-back"], "--bring-back needs --only"],
])("%s stores nothing and says why", async (_, args, why) => {
  await using it = await makeUnit();
  const { exit, err } = await it.porter("import", it.path, ...args);
  expect(exit).toBe(2);
  expect(err).toContain(why);
  expect(it.unit.store.book.people).toEqual([]);
});

test("whoever was deleted comes back only by name and on purpose", { timeout: 60_000 }, async () => {
  await using it = await makeUnit();
  await it.porter("import", it.path, "--only", "Dave");
  await it.porter("block", "Dave");
  await it.porter("person", "remove", "Dave");
  expect((await it.porter("blocks")).out).toMatch(/^somebody deleted, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\n$/);
  for (const args of [
    ["--only", "Dave"],
    ["--only", "2", "--bring-back"],
    ["--only", "1-2", "--bring-back"],
  ]) {
    const refused = await it.porter("import", it.path, ...args);
    expect(refused.exit).toBe(1);
    expect(refused.out).toContain("2 Dave Miller: deleted before");
    expect(it.unit.store.book.people.map(({ name }) => name)).not.toContain("Dave Miller");
  }
  const back = await it.porter("import", it.path, "--only", "Dave", "--bring-back");
  expect(back.exit).toBe(0);
  expect(back.out).toContain("2 Dave Miller: is in the book now as Dave Miller (dave-miller), and blocked");
  await it.porter("person", "remove", "dave-miller");
  const added = await it.porter("person", "add", "Dave Miller");
  expect(added.out).toContain("Dave Miller (dave-miller) was deleted before: you asked for them by name");
  expect(added.out).toContain("is blocked");
});

test("somebody who was blocked and deleted is unblocked by what they called from", { timeout: 30_000 }, async () => {
  await using it = await makeUnit();
  await it.porter("person", "add", "Eve", "--number", "020 7946 0018", "--account", DAVE);
  await it.porter("block", "Eve");
  await it.porter("person", "remove", "Eve");
  expect((await it.porter("unblock", "020 7946 0099")).exit).toBe(1);
  expect((await it.porter("unblock", "020 7946 0018")).exit).toBe(0);
  expect((await it.porter("blocks")).out).toBe("Nobody is blocked.\n");
});

test("an account, a number or an address is taken from somebody; just one quiet window is taken away", {
  timeout: 60_000,
}, async () => {
  await using it = await makeUnit();
  await it.porter(
    "person",
    "add",
    "Ana",
    "--account",
    ANA,
    "--number",
    "020 7946 0018",
    "--address",
    "Ana@example.org",
  );
  expect((await it.porter("person", "unlink", "Ana")).err).toContain("say one of them");
  expect((await it.porter("person", "unlink", "Ana", "--number", "0131 496 0000")).err).toContain("none of Ana's");
  expect((await it.porter("person", "unlink", "Ana", "--number", "+44 20 7946 0018")).out).toBe(
    "Ana (ana) has it no longer.\n",
  );
  await it.porter("person", "unlink", "Ana", "--account", ANA);
  await it.porter("person", "unlink", "Ana", "--address", "ana@example.org");
  expect(it.unit.store.book.people).toMatchObject([{ accounts: [], numbers: [], addresses: [] }]);
  await it.porter("quiet", "add", "22:00-07:00", "--days", "mon");
  await it.porter("quiet", "add", "22:00-07:00", "--days", "sat,sun");
  await it.porter("quiet", "add", "13:00-14:00");
  expect((await it.porter("quiet", "remove", "22:00-07:00")).err).toContain("say also on which days");
  expect((await it.porter("quiet", "remove", "21:00-07:00")).err).toContain("no such quiet hours");
  expect((await it.porter("quiet", "remove", "22:00-07:00", "--days", "sun,sat")).exit).toBe(0);
  await it.porter("quiet", "remove", "13:00-14:00");
  expect(it.unit.store.book.quietHours).toMatchObject([{ days: ["mon"] }]);
});

test.each<[string, string | Buffer]>([
  ["nothing", ""],
  ["no card", "hello"],
  ["bytes that are no text", Buffer.from([0, 0xff, 0xfe, 13, 10, 0])],
])("a file with %s is refused with what it should hold", async (_, content) => {
  await using it = await makeUnit();
  await writeFile(it.path, content);
  const { exit, err } = await it.porter("import", it.path);
  expect([exit, err]).toEqual([2, expect.stringContaining("there is no vCard in")]);
});

test("a folder is no file, and neither is what is not there", async () => {
  await using it = await makeUnit();
  expect((await it.porter("import", it.unit.folder)).err).toContain("it is no file");
  expect((await it.porter("import", "/nowhere.vcf")).err).toContain("cannot read /nowhere.vcf");
});

test("ten thousand cards are listed and stored, in requests that each fit their line", {
  timeout: 120_000,
}, async () => {
  const long = "é".repeat(50);
  const cards = Array.from(
    { length: 10_000 },
    (_, at) => `BEGIN:VCARD\nFN:${long} ${at}\nEMAIL:p${at}@b.example\nEND:VCARD\n`,
  );
  await using it = await makeUnit(cards.join(""));
  const { out, exit } = await it.porter("import", it.path, "--only", "1-10000", "--json");
  expect(exit).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ stored: 10_000 });
  expect(it.unit.store.book.people).toHaveLength(10_000);
});

test("where the disk refuses a part, what was stored before it is told, and then why no more was", {
  timeout: 30_000,
}, async () => {
  const cards = Array.from({ length: 150 }, (_, at) => `BEGIN:VCARD\nFN:P ${at}\nEND:VCARD\n`);
  await using it = await makeUnit(cards.join(""));
  it.unit.db.exec(`CREATE TEMP TRIGGER full BEFORE INSERT ON main.book_piece WHEN new.entries > 100
    BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`);
  const { exit, out, err } = await it.porter("import", it.path, "--only", "1-150");
  expect(exit).toBe(1);
  expect(out).toContain("100 cards were stored.");
  expect(err).toContain("could not be saved");
  expect(it.unit.store.book.people).toHaveLength(100);
});

test.each<[string, unknown]>([
  ["a name that is none", { name: "" }],
  ["a number that is no key", { numbers: [["020 7946 0018"]] }],
  ["a number without a reading", { numbers: [[]] }],
  ["an account that is none", { accounts: ["x"] }],
  ["a grant", { grants: ["ring"] }],
  ["more numbers than anybody has", { numbers: Array.from({ length: 17 }, () => ["+442079460018"]) }],
])("the unit takes no card with %s from anybody's client", async (_, fields) => {
  await using it = await makeUnit();
  const card = { name: "A", aliases: [], accounts: [], numbers: [], addresses: [], bringBack: true, another: true };
  const line = JSON.stringify({ id: 1, do: "import", cards: [{ ...card, ...(fields as object) }] });
  expect(await sendRaw(it.unit.path, `${line}\n`)).toMatchObject([{ ok: false, error: { code: "bad-request" } }]);
  expect(it.unit.store.book.people).toEqual([]);
});

describe("a choice", () => {
  const items = [{ name: "Ana", aliases: [] }, null, { name: "Ben", aliases: ["Ana"] }, { name: "Ben", aliases: [] }];

  test.each<[string, unknown]>([
    ["1", [{ index: 0, byName: false }]],
    [
      "3-4, 3",
      [
        { index: 2, byName: false },
        { index: 3, byName: false },
      ],
    ],
    ["99999999999999", 'no card is called "99999999999999"'],
    ["ana", 'several cards are called "ana": say which by number (1, 3)'],
    ["ben", 'several cards are called "ben": say which by number (3, 4)'],
    ["-", 'no card is called "-"'],
    ["0", '"0" is not within 1-4'],
  ])("%j is read", (text, expected) => {
    const choice = readChoice(text, items);
    expect(choice.ok ? choice.chosen : choice.why).toEqual(expected);
  });
});

describe("in a terminal", () => {
  const contact = { line: 1, aliases: [], accounts: [], numbers: [], addresses: [], leftOut: [] };
  const listed: Listed[] = Array.from({ length: 45 }, (_, at) => ({
    number: at + 1,
    card: { ok: true, contact: { ...contact, name: `P${at + 1}` } },
    view: { outcome: at === 4 ? ("deleted" as const) : ("new" as const), people: [], blocked: false },
  }));

  async function play(...answers: string[]) {
    const printed: string[] = [];
    const ask = async (question: string) => {
      printed.push(question);
      return answers.shift() ?? null;
    };
    const chosen = await askForChoice(listed, { ask, print: (text) => printed.push(text) });
    return { chosen: chosen?.map(({ index }) => index + 1) ?? null, printed: printed.join("\n") };
  }

  test.each<[string, string[], number[] | null]>([
    ["numbers that are confirmed", ["1,3-4", "yes"], [1, 3, 4]],
    ["a name after two pages", ["", "", "p44", "y"], [44]],
    ["numbers that are not confirmed", ["1", "no", "q"], null],
    ["a slip that is put right", ["1-99", "2", "yes"], [2]],
    ["nothing but Enter", ["", "", "", ""], null],
    ["the end of the input", [], null],
    ["the end of the input at the question", ["1"], null],
  ])("%s", async (_, answers, expected) => {
    expect((await play(...answers)).chosen).toEqual(expected);
  });

  test("all are those that would be stored, counted before they are confirmed", async () => {
    const { chosen, printed } = await play("all", "yes");
    expect(chosen).toHaveLength(44);
    expect(chosen).not.toContain(5);
    expect(printed).toContain("Store these 44, without any grant?");
  });
});
