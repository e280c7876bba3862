import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { account, OWNER } from "../store/fixtures.ts";
import { changeOf, verdictOf } from "../store/journals.ts";
import { makeSocketUnit, runPorter } from "./fixtures.ts";

const EVE = account("eve");

async function makeUnitWithJournal() {
  const unit = await makeSocketUnit();
  unit.store.change({ type: "add-person", name: "Eve", accounts: [EVE] });
  unit.journal.append(changeOf(unit.clock, "add-person Eve"));
  unit.journal.append(verdictOf(unit.clock, "eve", { because: "not-granted" }));
  const porter = (...args: string[]) => runPorter(["--socket", unit.path, ...args]);
  return { ...unit, porter, [Symbol.asyncDispose]: () => unit[Symbol.asyncDispose]() };
}

test("the owner is told whether the journal holds, and what that cannot prove", async () => {
  await using unit = await makeUnitWithJournal();
  const { exit, out } = await unit.porter("journal", "--verify");
  expect(exit).toBe(0);
  expect(out).toContain("nothing was signed yet: all of it could be another");
  expect(await unit.journal.exported()).not.toBeNull();
  unit.journal.append(changeOf(unit.clock, "calling off"));
  const signed = await unit.porter("journal", "--verify");
  expect(signed.out).toContain("up to where it was signed last, no line was altered");
  expect(signed.out).toContain(
    "1 is newer than that: were they others, or some at the end gone, nothing would show it",
  );
  expect(out).toContain("not that nothing was left out");
}, 30_000);

test("a journal that somebody altered is called broken, with where, and the exit is not zero", async () => {
  await using unit = await makeUnitWithJournal();
  unit.db.exec("UPDATE journal SET details = replace(details, 'Eve', 'Ana') WHERE number = 1 AND strand = 'single'");
  const { exit, out } = await unit.porter("journal", "--verify");
  expect(exit).toBe(1);
  expect(out).toContain("THE JOURNAL IS BROKEN");
  expect(out).toContain("line 1 was altered");
  expect(JSON.parse((await unit.porter("journal", "--verify", "--json")).out)).toMatchObject({ holds: false });
}, 30_000);

test("an exported journal is the owner's alone, and is verified without a unit", async () => {
  await using unit = await makeUnitWithJournal();
  const file = join(unit.folder, "journal.jsonl");
  // Long enough to be sent in several parts, wherever these are cut.
  for (let line = 0; line < 300; line += 1) unit.journal.append(changeOf(unit.clock, `quiet ${"😀".repeat(200)}`));
  const written = await unit.porter("journal", "export", file);
  expect(written).toMatchObject({ exit: 0, err: "" });
  expect(written.out).toContain(`porter journal verify-file ${file} --account ${OWNER}`);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(file)).size).toBeGreaterThan(150_000);
  expect(await unit.porter("journal", "export", file)).toMatchObject({
    exit: 2,
    err: expect.stringContaining("name a new file"),
  });

  const verified = await runPorter(["journal", "verify-file", file, "--account", OWNER.toUpperCase()]);
  expect(verified).toMatchObject({ exit: 0, err: "" });
  expect(verified.out).toContain("A unit of this account signed this file");
  expect(verified.out).toContain("The journal holds");

  await writeFile(file, (await readFile(file, "utf8")).replace("add-person Eve", "add-person Ana"));
  const [altered, other, nothing, bad] = await Promise.all([
    runPorter(["journal", "verify-file", file, "--account", OWNER]),
    runPorter(["journal", "verify-file", file, "--account", EVE]),
    runPorter(["journal", "verify-file", join(unit.folder, "nowhere"), "--account", OWNER]),
    runPorter(["journal", "verify-file", file, "--account", "me"]),
  ]);
  expect(altered).toMatchObject({
    exit: 1,
    out: "",
    err: expect.stringContaining("it was altered since the unit signed"),
  });
  expect(other).toMatchObject({ exit: 1, out: "", err: expect.stringContaining("another account") });
  expect(nothing).toMatchObject({ exit: 2, err: expect.stringContaining("cannot read") });
  expect(bad).toMatchObject({ exit: 2, err: expect.stringContaining("52 letters and digits") });
}, 30_000);

test("an export that another one overtook is told so, not mixed with it", async () => {
  await using unit = await makeUnitWithJournal();
  for (let line = 0; line < 300; line += 1) unit.journal.append(changeOf(unit.clock, `quiet ${"x".repeat(400)}`));
  const first = await unit.handlers["journal-export"]({ id: 1, do: "journal-export", part: 0 });
  const second = await unit.handlers["journal-export"]({ id: 2, do: "journal-export", part: 0 });
  if (!first.ok || !second.ok) throw new Error("no export");
  // Cut between lines, so that no character is torn.
  expect(second.answer.text.endsWith("\n")).toBe(true);
  const next = (name: string) =>
    unit.handlers["journal-export"]({ id: 3, do: "journal-export", part: 1, export: name });
  expect(await next(first.answer.export)).toMatchObject({ ok: false, error: { code: "export-superseded" } });
  expect(await next(second.answer.export)).toMatchObject({ ok: true });
}, 30_000);

test("the owner is told why it did not ring, by the names in the book", async () => {
  await using unit = await makeUnitWithJournal();
  const { out } = await unit.porter("why");
  expect(out).toMatch(
    /^[\d-]+ [\d:]+: a call from Eve did not ring, because the caller is in the book, but may not ring.\n$/,
  );
  expect(JSON.parse((await unit.porter("why", "--json")).out)).toMatchObject([{ person: "Eve", count: 1 }]);
  unit.journal.append(verdictOf(unit.clock, "eve", { because: "not-granted" }));
  expect((await unit.porter("why")).out).toContain(": 2 calls from Eve, until ");
}, 30_000);

test("somebody is forgotten by name or account, and the journal holds still", async () => {
  await using unit = await makeUnitWithJournal();
  expect(await unit.porter("journal", "forget", "Eve")).toMatchObject({ exit: 0, out: "1 line was forgotten.\n" });
  expect(await unit.porter("journal", "forget", EVE)).toMatchObject({ exit: 0, out: "0 lines were forgotten.\n" });
  expect(await unit.porter("journal", "forget", "Xerxes")).toMatchObject({ exit: 1 });
  expect((await unit.porter("journal")).out).not.toContain("verdict");
  expect((await unit.porter("journal", "--verify")).out).toContain("1 of them was forgotten, as the journal records.");
  expect((await unit.porter("why")).out).toContain("Every call that the journal knows of rang");
}, 30_000);
