import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { noFigures } from "#scripts/stage/figures.ts";
import type { Home } from "#scripts/stage/home.ts";
import { callIs, command, quiet } from "#scripts/stage/person.ts";
import { Listener, SENTENCES } from "#scripts/stage/recording.ts";
import { Street } from "#scripts/stage/street.ts";
import { answer, hearEachOther, hears } from "#scripts/stage/talk.ts";
import { whatCameOutOf } from "#scripts/stage/watch.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

/** Three real homes; calls are placed by the command line and answered by voice, to be quick. */
let built: AsyncDisposableStack;
let street: Street;
let listener: Listener;
let folder = "";

beforeAll(async () => {
  built = new AsyncDisposableStack();
  const { path } = built.use(await makeTempFolder());
  folder = path;
  listener = built.use(await Listener.open());
  street = built.use(await Street.build({ folder: path, ringBackMs: 20_000 }));
  await street.ben.unit.ask({ do: "person-account", who: "Ana", account: await street.ana.account() });
});

afterAll(async () => {
  await built.disposeAsync();
});

afterEach(async () => {
  for (const { unit } of street.homes) {
    if ((await unit.ask({ do: "status" })).call.at !== "idle") await unit.ask({ do: "hang-up" });
  }
  await sleep(500);
  for (const home of street.homes) await quiet(home);
});

async function rings(caller: Home, callee: Home): Promise<number> {
  const since = Date.now();
  await caller.unit.ask({ do: "call", who: callee.name });
  await callee.unit.happens("the ring", callIs("ringing"), { since });
  return since;
}

async function talk(caller: Home, callee: Home): Promise<number> {
  const since = await rings(caller, callee);
  await answer(caller, callee, noFigures());
  return since;
}

async function at(home: Home, state: string, since: number): Promise<void> {
  await home.unit.happens(state, callIs(state), { since, withinMs: 30_000 });
}

test("a caller who gives up leaves silence and a missed call, which the owner can ask about", async () => {
  const { ana, ben } = street;
  const since = await rings(ana, ben);
  await ana.unit.ask({ do: "hang-up" });
  await at(ben, "idle", since);
  await ben.unit.happens("the light of a missed call", ({ detail }) => detail?.scene === "missed", { since });
  await command(ben, "who called", ({ event, detail }) => event === "says" && detail?.sentence === "Ana called.");
});

test("two who call each other at once talk, and neither is asked", async () => {
  const { ana, ben } = street;
  const since = Date.now();
  await Promise.all([ana.unit.ask({ do: "call", who: "Ben" }), ben.unit.ask({ do: "call", who: "Ana" })]);
  await Promise.all([at(ana, "talking", since), at(ben, "talking", since)]);
  await quiet(ana);
  await quiet(ben);
  expect(await hearEachOther(ana, ben, [SENTENCES[0], SENTENCES[1]], listener)).toContain("Ana heard");
});

test("a second caller during a call disturbs nobody, and is a missed call afterwards", async () => {
  const { ana, ben, mallory } = street;
  await talk(ana, ben);
  await quiet(ben);
  const since = Date.now();
  await mallory.unit.ask({ do: "call", who: "Ben" });
  await ben.unit.happens("listing it", ({ event }) => event === "list-guest", { since });
  await sleep(500);
  expect(await whatCameOutOf(ben, since, Date.now())).toMatchObject({ lightChanges: 0, published: 0 });
  expect((await ben.unit.ask({ do: "status" })).call).toEqual({ at: "talking", with: "Ana" });
  expect(await hearEachOther(ana, ben, [SENTENCES[2], SENTENCES[3]], listener)).toContain("Ana heard");
});

test("the audio process dying ends the call with an apology; a new one listens again", async () => {
  const { ana, ben } = street;
  const since = await talk(ana, ben);
  const died = Date.now();
  await ben.unit.killEars();
  await at(ana, "idle", since);
  await ben.unit.happens("the apology", ({ detail }) => detail?.sentence === "Sorry, the call was lost.", { since });
  await ben.unit.happens("listening again", ({ event }) => event === "ears-ready", { since: died });
  await ben.record();
  await quiet(ben);
  await command(ben, "who is it", ({ detail }) => detail?.sentence === "Nobody is calling.");
});

test("the hub gone while it rings: the answer waits for it, and they talk", async () => {
  const { ana, ben, hub } = street;
  await rings(ana, ben);
  await quiet(ben);
  await hub.kill();
  const since = Date.now();
  await command(ben, "answer", callIs("answering"));
  await hub.start();
  await Promise.all([at(ana, "talking", since), at(ben, "talking", since)]);
});

test("the relay started anew, and then the hub gone too: they go on talking without anybody's doing", async () => {
  const { ana, ben, hub } = street;
  await talk(ana, ben);
  const since = Date.now();
  process.kill(JSON.parse(await readFile(join(folder, "hub/data/turn/pid"), "utf8")).pid, "SIGKILL");
  await Promise.all(
    [ana, ben].map(({ unit }) =>
      unit.happens("something coming again", ({ event }) => event === "ears-leg-alive", { since, withinMs: 30_000 }),
    ),
  );
  await hub.kill();
  expect(await hears(ana, ben, SENTENCES[4], listener)).toContain("Ben heard");
  expect((await ben.unit.ask({ do: "status" })).call).toEqual({ at: "talking", with: "Ana" });
  await hub.start();
});

// The last one: who was ignored does not ring again for a minute.
test("ignoring a ring by voice silences it and sends nothing, so the caller rings on until her own clock ends it", async () => {
  const { ana, ben } = street;
  const since = await rings(ana, ben);
  await quiet(ben);
  await command(ben, "ignore it", callIs("idle"));
  const ignored = Date.now();
  await sleep(1_500);
  expect(await whatCameOutOf(ben, ignored - 1_000, Date.now())).toMatchObject({ published: 0 });
  expect((await ana.unit.ask({ do: "status" })).call.at).toBe("calling");
  await at(ana, "idle", since);
  await ana.unit.happens(
    "being told",
    ({ detail }) => detail?.sentence === "Ben did not answer. To leave a message, say leave a message.",
    { since },
  );
});
