import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fingerprintOf } from "#device/smp/fingerprint.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";
import { account, OWNER } from "../store/fixtures.ts";
import { makeSocketUnit, runPorter as porter } from "./fixtures.ts";

const BEN = account("ben");
const HUB = { name: "hub", mqttUrl: "mqtt://127.0.0.1:1", httpUrl: "http://127.0.0.1:2" };

test("people are added, granted, blocked, unblocked and removed by name", async () => {
  await using unit = await makeSocketUnit();
  const run = async (...args: string[]) => {
    const { exit, out, err } = await porter(["--socket", unit.path, ...args]);
    expect(err).toBe("");
    expect(exit).toBe(0);
    return out.trim();
  };
  const upper = `${BEN.slice(0, 26).toUpperCase()} ${BEN.slice(26)}`;
  expect(await run("person", "add", "Ben", "--account", upper, "--alias", "Benny", "--grant", "ring,message")).toBe(
    "Ben (ben) is in the book now.",
  );
  expect(await run("person", "grant", "benny", "drop-in")).toBe("Ben (ben) may drop-in now.");
  expect(await run("person", "revoke", "BEN", "ring")).toBe("Ben (ben) may not ring any more.");
  expect(await run("block", BEN)).toBe("Ben (ben) is blocked.");
  expect(await run("block", "Ben")).toBe("Ben (ben) was blocked already.");
  expect(await run("person", "list")).toBe("ben  Ben (Benny)  message, drop-in  1 account  BLOCKED");
  expect(await run("unblock", "Ben")).toBe("Ben (ben) is not blocked any more.");
  expect(JSON.parse(await run("person", "list", "--json"))).toEqual([
    {
      id: "ben",
      name: "Ben",
      aliases: ["Benny"],
      accounts: [BEN],
      numbers: [],
      addresses: [],
      grants: ["message", "drop-in"],
      hours: [],
      blocked: false,
    },
  ]);
  expect(await run("block", "unknown")).toBe("Whoever is not in the book is blocked.");
  expect(await run("calling", "off")).toBe("Calling is off.");
  expect(await run("calling", "off")).toBe("Calling was off already.");
  expect(await run("call", "Ben")).toBe("Calling Ben.");
  expect(await run("person", "remove", "Ben")).toBe("Ben (ben) is no longer in the book.");
  expect(unit.store.book).toMatchObject({ calling: "off", people: [], blocks: [{ unknown: true }] });
}, 30_000);

test("numbers, hours and rules are set as people write them", async () => {
  await using unit = await makeSocketUnit();
  const run = async (...args: string[]) => {
    const { exit, out, err } = await porter(["--socket", unit.path, ...args]);
    expect(err).toBe("");
    expect(exit).toBe(0);
    return out.trim();
  };
  await run("person", "add", "Ben", "--number", "020 7946 0018", "--address", "ben@example.org", "--grant", "ring");
  await run("person", "add", "Eve", "--number", "(0131) 496 0000");
  expect(await run("person", "number", "Ben", "07700 900123")).toBe("Ben (ben) has this number now.");
  expect(await run("person", "hours", "Ben", "ring", "17:00-18:00", "--days", "mon,tue")).toBe(
    "Ben (ben) may ring from 17:00-18:00, where that is granted.",
  );
  expect(await run("block", "0044 (0)131 496 0000")).toBe("Eve (eve) is blocked.");
  expect(await run("block", "+44 7700 900666")).toBe("+44 7700 900666 is blocked.");
  expect(await run("block", "--prefix", "0909")).toBe("Every number that begins like 0909 is blocked.");
  expect(await run("block", "withheld")).toBe("Whoever hides their number is blocked.");
  expect(await run("person", "merge", "Eve", "Ben")).toBe("It is all Ben (ben) now.");
  expect(await run("quiet", "add", "22:00-07:00", "--except", "Ben")).toBe("It is quiet from 22:00 to 07:00.");
  expect(await run("kids", "on")).toBe("Kids mode is on.");
  expect(await run("region", "it")).toBe("The region is changed.");
  expect(await run("person", "alias", "Ben", "Nan")).toBe("Ben (ben) goes by that name, too.");
  expect(await run("voice", "--volume", "3", "--wait", "1.5")).toBe("volume 3 of 10, 165 words a minute, waits 1.5 s");
  expect(await run("time-zone", "Europe/Rome")).toBe("The time zone is changed.");
  expect((await run("rules")).split("\n").map((line) => line.replaceAll(/ +/g, " "))).toEqual([
    "calling on",
    "unknown callers hold",
    "kids mode on",
    "blocked people's messages dropped",
    "messages passed on unsigned dropped",
    "region IT",
    "time zone Europe/Rome",
    "quiet 22:00-07:00 mon,tue,wed,thu,fri,sat,sun except ben",
    "blocked number +447700900666",
    "blocked prefix +44909",
    "blocked withheld",
    "blocked person ben",
  ]);
  expect(await run("person", "list")).toBe(
    "ben  Ben (Eve, Nan)  ring  0 accounts, 3 numbers  BLOCKED  ring only 17:00-18:00 on mon,tue",
  );
  expect(await run("quiet", "clear")).toBe("There are no quiet hours any more.");
  expect(await run("person", "hours", "Ben", "ring", "always")).toBe(
    "Ben (ben) may ring always, where that is granted.",
  );
  expect(await run("unblock", "--prefix", "+44 909")).toBe(
    "Every number that begins like +44 909 is not blocked any more.",
  );
  expect(unit.store.book).toMatchObject({ kids: true, quietHours: [], people: [{ id: "ben", hours: [] }] });
}, 60_000);

test("what is refused says why and what to do, and the exit is not zero", async () => {
  await using unit = await makeSocketUnit();
  unit.store.change({ type: "add-person", name: "Mallory", accounts: [BEN] });
  unit.store.change({ type: "add-person", name: "Sam" });
  unit.store.change({ type: "add-person", name: "Sam" });
  const run = (...args: string[]) => porter(["--socket", unit.path, ...args]);
  const [close, none, several, taken, bad, free] = await Promise.all([
    run("block", "Malory"),
    run("person", "remove", "Xerxes"),
    run("block", "Sam"),
    run("person", "add", "Ben", "--account", BEN),
    run("person", "add", "Ben", "--account", "abc"),
    run("unblock", "Mallory"),
  ]);
  for (const each of [close, none, several, taken, bad, free]) expect(each).toMatchObject({ exit: 1, out: "" });
  expect(close.err).toBe('porter: nobody in the book is called "Malory"; did you mean "Mallory"?\n');
  expect(none.err).toContain('"porter person list" shows who is');
  expect(several.err).toContain("say which by id (sam, sam-2)");
  expect(taken.err).toContain("this account belongs to Mallory (mallory) already");
  expect(bad.err).toContain("that is not an account id");
  expect(free.err).toContain('there is no such block; "porter blocks" shows them');
}, 30_000);

test("who the unit is and what it saw can be read by people and by machines", async () => {
  await using unit = await makeSocketUnit();
  const run = async (...args: string[]) => (await porter(["--socket", unit.path, ...args])).out.trim();
  expect(await run("id")).toBe(OWNER);
  expect(JSON.parse(await run("id", "--json"))).toEqual({
    account: OWNER,
    unit: "unit",
    fingerprint: fingerprintOf(OWNER),
  });
  expect(await run("id", "--fingerprint")).toBe(fingerprintOf(OWNER));
  const atMs = unit.clock.nowMs();
  for (const _ of [1, 2]) unit.journal.append({ atMs, what: "verdict", act: "drop", because: "blocked" });
  expect(await run("journal")).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}verdict {4}drop: blocked {2}2 times$/);
  expect(JSON.parse(await run("journal", "--json", "--limit", "1"))).toMatchObject({ act: "drop", count: 2 });
}, 30_000);

test("the unit is found by its config, given or in the environment", async () => {
  await using unit = await makeSocketUnit();
  const config = join(unit.folder, "ana.json");
  await writeFile(config, JSON.stringify({ data: ".", hub: HUB, audio: { io: { type: "room" } } }));
  expect(await porter(["--config", config, "id"])).toMatchObject({ exit: 0, out: `${OWNER}\n` });
  expect(await porter(["id", "--config", config])).toMatchObject({ exit: 0, out: `${OWNER}\n` });
  expect(await porter(["id"], { PORTER_CONFIG: config })).toMatchObject({ exit: 0, out: `${OWNER}\n` });
}, 30_000);

test("a unit that does not run, a config that is wrong and a command that does not exist say what to do", async () => {
  await using folder = await makeTempFolder();
  const config = join(folder.path, "ana.json");
  await writeFile(config, JSON.stringify({ data: 5, hub: {}, colour: "red" }));
  const [gone, unnamed, invalid, unreadable, started, unknown, grant, limit, hours, always] = await Promise.all([
    porter(["--socket", join(folder.path, "control.sock"), "status"]),
    porter(["status"]),
    porter(["--config", config, "status"]),
    porter(["--config", join(folder.path, "nowhere.json"), "status"]),
    porter(["start", "--config", config]),
    porter(["dance"]),
    porter(["person", "add", "Ben", "--grant", "ring,admin"]),
    porter(["journal", "--limit", "many"]),
    porter(["person", "hours", "Ben", "ring", "17:00-18:00", "25:00-26:00"]),
    porter(["person", "hours", "Ben", "ring", "always", "17:00-18:00"]),
  ]);
  expect(gone).toMatchObject({ exit: 3, err: expect.stringContaining('start it with "porter start"') });
  expect(unnamed).toMatchObject({ exit: 2, err: expect.stringContaining("PORTER_CONFIG") });
  for (const each of [invalid, started]) {
    expect(each.exit).toBe(2);
    for (const fault of ["data: ", "hub.mqttUrl: is missing", "hub.name: is missing", "colour: no such setting"]) {
      expect(each.err).toContain(fault);
    }
  }
  expect(unreadable).toMatchObject({ exit: 2, err: expect.stringContaining("cannot be read") });
  expect(unknown).toMatchObject({ exit: 2, err: expect.stringContaining("--help") });
  expect(grant).toMatchObject({ exit: 2, err: expect.stringContaining('"admin" is none of ring, message') });
  expect(limit).toMatchObject({ exit: 2, err: expect.stringContaining("1 to 200") });
  expect(hours).toMatchObject({ exit: 2, err: expect.stringContaining('"25:00-26:00" is not hours such as') });
  expect(always).toMatchObject({ exit: 2, err: expect.stringContaining('"always" stands alone') });
}, 30_000);

test.each([
  [[]],
  [["start"]],
  [["id"]],
  [["status"]],
  [["journal"]],
  [["journal", "export"]],
  [["journal", "verify-file"]],
  [["journal", "forget"]],
  [["why"]],
  [["person"]],
  [["person", "add"]],
  [["person", "account"]],
  [["person", "list"]],
  [["person", "remove"]],
  [["person", "grant"]],
  [["person", "revoke"]],
  [["block"]],
  [["unblock"]],
  [["calling"]],
  [["unknown"]],
  [["call"]],
  [["voice"]],
  [["person", "alias"]],
  [["answer"]],
  [["hang-up"]],
  [["stop"]],
  [["import"]],
  [["rules"]],
  [["blocks"]],
  [["quiet", "add"]],
  [["kids"]],
  [["region"]],
  [["time-zone"]],
  [["messages"]],
  [["messages", "send"]],
  [["evidence", "keep"]],
  [["evidence", "verify"]],
])("porter %s --help explains itself with an example", async (command) => {
  const { exit, out } = await porter([...command, "--help"]);
  expect(exit).toBe(0);
  expect(out).toContain("Usage: porter");
  expect(out).toMatch(/Examples:\n {2}porter /);
});

test("the help of a command shows its own options and those that name the unit, and none that another takes", async () => {
  const [all, one] = await Promise.all([porter(["--help"]), porter(["messages", "export", "--help"])]);
  expect(all.out.split("--socket <path>")).toHaveLength(2);
  expect(one.out).toContain("--socket <path>");
  expect(one.out).not.toContain("--requests");
}, 30_000);
