import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { voiceMessage } from "#device/wire/parcel.ts";
import { account, OWNER } from "../store/fixtures.ts";
import { makeSocketUnit, runPorter } from "./fixtures.ts";

const ANA = account("ana");
const MALLORY = account("mallory");
const HUB = { name: "hub", mqttUrl: "mqtt://127.0.0.1:1", httpUrl: "http://127.0.0.1:2" };

/** Ben's socket, and Cora's beside it. */
async function makeHousehold() {
  await using stack = new AsyncDisposableStack();
  const ben = stack.use(await makeSocketUnit());
  const cora = stack.use(await makeSocketUnit());
  const config = join(ben.folder, "unit.json");
  const settings = { data: ben.folder, hub: HUB, audio: { io: { type: "room" } } };
  await writeFile(config, JSON.stringify({ ...settings, owner: "Ben", household: [{ name: "Cora" }] }));
  await mkdir(join(ben.folder, "household", "cora"), { recursive: true });
  await symlink(cora.path, join(ben.folder, "household", "cora", "control.sock"));
  const kept = stack.move();
  const run = (...args: readonly string[]) => runPorter(["--config", config, ...args]);
  return { ben, cora, config, run, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

test("--as says whose socket is asked, without it the first owner's is; nobody else's is guessed", async () => {
  await using house = await makeHousehold();
  await house.run("person", "add", "Ana", "--account", ANA);
  await house.run("--as", "cora", "person", "add", "Mallory", "--account", MALLORY);
  expect(house.ben.store.book.people.map(({ name }) => name)).toEqual(["Ana"]);
  expect(house.cora.store.book.people.map(({ name }) => name)).toEqual(["Mallory"]);
  expect((await house.run("--as", "Ben", "person", "list")).out).toContain("Ana");
  expect(await house.run("--as", "../..", "person", "list")).toMatchObject({
    exit: 2,
    err: expect.stringContaining("there is no owner ../..: they are Ben, Cora"),
  });
}, 30_000);

test("calls are listed by their names, newest first, and are heard of then; whoever was blocked since is not among them", async () => {
  await using unit = await makeSocketUnit();
  unit.store.change({ type: "add-person", name: "Ana", accounts: [ANA], grants: ["ring"] });
  unit.store.change({ type: "block", block: { account: MALLORY } });
  const atMs = Date.UTC(2026, 10, 23, 12);
  for (const [from, kind] of [
    [ANA, "answered"],
    [MALLORY, "missed"],
    [ANA, "missed"],
    [OWNER, "request"],
  ] as const) {
    unit.calls.add({ atMs, account: from, direction: "in", kind, heard: kind === "answered" });
  }
  const { out } = await runPorter(["--socket", unit.path, "calls"]);
  const rows = out
    .trim()
    .split("\n")
    .map((row) => row.slice(21));
  expect(rows).toEqual([
    `${OWNER.slice(0, 8)}…  held: may not call    new`,
    "Ana        missed                new",
    "Ana        answered",
  ]);
  expect(unit.dispatched).toEqual([{ type: "calls-heard-of" }]);
}, 30_000);

test("messages are played all that are new, or one by its id; never what is kept as evidence", async () => {
  await using unit = await makeSocketUnit();
  const run = (...args: readonly string[]) => runPorter(["--socket", unit.path, "messages", "play", ...args]);
  unit.store.change({ type: "add-person", name: "Ana", accounts: [ANA], grants: ["message"] });
  expect(await run()).toMatchObject({ exit: 1, err: expect.stringContaining("no new messages") });
  for (const [start, shelf] of [
    ["aaaa", "inbox"],
    ["bbbb", "inbox"],
    ["cccc", "evidence"],
  ] as const) {
    const envelope = {
      id: start.padEnd(32, "0"),
      from: ANA,
      to: OWNER,
      atMs: 1_000,
      expiresMs: Date.UTC(2026, 11, 20),
      hash: start.padEnd(64, "0"),
      signature: "valid" as const,
      certSeq: 1,
      unitKey: "",
      message: voiceMessage(new Uint8Array([1]), 1_500),
    };
    const header = { signed: new Uint8Array(1), cert: new Uint8Array(1), sig: new Uint8Array(64) };
    const parcel = { envelope, keyId: "", part: 0, data: new Uint8Array([1]), origin: null, header };
    expect(unit.inbox.keep({ parcel, shelf, known: true })).toBe("kept");
  }
  unit.inbox.mark("bbbb".padEnd(32, "0"), ANA, "heard");
  expect((await run()).out).toBe("Playing it.\n");
  expect((await run("bbbb")).out).toBe("Playing it.\n");
  expect((await run("cccc")).err).toContain("kept as evidence");
  expect((await run("dddd")).err).toContain("no message dddd");
  const asked = (start: string) => ({
    type: "play-asked",
    pile: "messages",
    messages: [{ id: start.padEnd(32, "0"), from: ANA }],
  });
  expect(unit.dispatched).toEqual([asked("aaaa"), asked("bbbb")]);
}, 30_000);
