import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { expect, test } from "vitest";
import type { Event } from "#device/events.ts";
import type { Delivery } from "#device/link/link.ts";
import { receiver } from "#device/receive.ts";
import { openReplayStore, type ReplayStore } from "#device/store/replay.ts";
import { newEnvelopeId, type SealRequest, seal } from "#device/wire/envelope.ts";
import { FakeClock } from "../house/fake-clock.ts";
import { type FixedUnit, fixedUnit } from "../house/fixed-keys.ts";
import { makeDbFolder } from "./store/fixtures.ts";

const YEAR_MS = 365 * 86_400_000;
const MINUTE_MS = 60_000;
const SIDE = { sdp: "v=0\r\n", fingerprint: Array.from({ length: 32 }, () => "AA").join(":") };
const ben = fixedUnit("ben");
/** In Ben's book. */
const ana = fixedUnit("ana");
const mallory = fixedUnit("mallory");

const UNOPENED = "an envelope was dropped unopened";

type Arrival = Extract<Event, { type: "envelope" }>;

/** What lies between the hub and the gate of Ben's unit, which notes what it let in. */
async function doorstep() {
  const place = await makeDbFolder();
  const clock = new FakeClock();
  const arrived: Arrival[] = [];
  const logged: string[] = [];
  /** What came through and what was logged, as it happened. */
  const story: string[] = [];
  const note = (what: string) => {
    story.push(what);
    return what;
  };
  const log = pino({ level: "info" }, { write: (line: string) => logged.push(note(JSON.parse(line).msg)) });
  const isKnown = (account: string) => account === ana.sealer.account;
  let replay: ReplayStore;
  let receive: (delivery: Delivery) => void;
  const start = () => {
    replay = openReplayStore({ db: place.open(), clock, log });
    const dispatch = (event: Event) => {
      if (event.type !== "envelope") return;
      arrived.push(event);
      note(event.envelope.message.kind);
      const { from, id, expiresMs } = event.envelope;
      if (!event.replayed) replay.remember({ account: from, known: isKnown(from) }, id, expiresMs);
    };
    const mail = { secretOf: () => null, turnedAway: () => null };
    receive = receiver({ keystore: ben, replay, clock, log, isKnown, mail, settle: () => undefined, dispatch });
  };
  start();
  const offer = async (from: FixedUnit, changes: Partial<SealRequest> = {}) => {
    const message = { kind: "call.offer" as const, body: SIDE };
    const { bytes } = await seal({
      sender: from.sealer,
      to: ben.certificate,
      message,
      nowMs: clock.nowMs(),
      ...changes,
    });
    return bytes;
  };
  return {
    clock,
    arrived,
    logged,
    story,
    offer,
    take: (sender: string, bytes: Uint8Array, what: Delivery["class"] = "calls") =>
      receive({ sender, class: what, bytes }),
    /** How the next envelope was found. */
    async judged(from: FixedUnit, bytes: Uint8Array): Promise<string> {
      const count = arrived.length;
      receive({ sender: from.sealer.account, class: "calls", bytes });
      await expect.poll(() => arrived.length).toBe(count + 1);
      const { replayed, fresh } = arrived[count] ?? {};
      return replayed ? "replayed" : fresh ? "fresh" : "stale";
    },
    restart() {
      replay[Symbol.dispose]();
      start();
    },
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

test("a clock that ran a year ahead for a while leaves nobody unheard once it is right, restarted or not", async () => {
  await using unit = await doorstep();
  expect(await unit.judged(ana, await unit.offer(ana))).toBe("fresh");
  const rightMs = unit.clock.nowMs();
  unit.clock.set(rightMs + YEAR_MS);
  expect(await unit.judged(ana, await unit.offer(ana))).toBe("fresh");
  unit.clock.advance(2_000);
  unit.clock.set(rightMs + MINUTE_MS);
  expect(await unit.judged(ana, await unit.offer(ana))).toBe("fresh");
  unit.restart();
  unit.clock.advance(MINUTE_MS);
  expect(await unit.judged(ana, await unit.offer(ana))).toBe("fresh");
});

test("a unit started while its clock was a year ahead hears people once it is right", async () => {
  await using unit = await doorstep();
  const rightMs = unit.clock.nowMs();
  unit.clock.set(rightMs + YEAR_MS);
  unit.restart();
  unit.clock.advance(MINUTE_MS);
  unit.clock.set(rightMs + MINUTE_MS);
  expect(await unit.judged(ana, await unit.offer(ana))).toBe("fresh");
});

test("what was sent before the unit started is stale, whatever its clock said then", async () => {
  await using unit = await doorstep();
  unit.clock.advance(MINUTE_MS);
  const before = await unit.offer(ana);
  unit.clock.advance(1_000);
  const startedMs = unit.clock.nowMs();
  unit.clock.set(0);
  unit.restart();
  unit.clock.advance(1_000);
  unit.clock.set(startedMs + 1_000);
  expect(await unit.judged(ana, before)).toBe("stale");
  expect(await unit.judged(ana, await unit.offer(ana))).toBe("fresh");
});

test("a clock that is set back brings nothing to life that was forgotten, and it is logged once", async () => {
  await using unit = await doorstep();
  const old = await unit.offer(ana);
  const oldMs = unit.clock.nowMs();
  expect(await unit.judged(ana, old)).toBe("fresh");
  unit.clock.advance(10 * MINUTE_MS);
  unit.restart();
  unit.clock.advance(20 * MINUTE_MS);
  unit.clock.set(oldMs + 1_000);
  expect(await unit.judged(ana, old)).toBe("stale");
  expect(await unit.judged(ana, old)).toBe("replayed");
  expect(unit.logged.filter((line) => line.startsWith("the clock is behind"))).toHaveLength(1);
});

test("a call of more than 48 KiB is not opened", async () => {
  await using unit = await doorstep();
  const longest = await unit.offer(ana, {
    message: { kind: "call.offer", body: { ...SIDE, sdp: "a".repeat(32_768) } },
  });
  expect(await unit.judged(ana, longest)).toBe("fresh");
  unit.take(ana.sealer.account, new Uint8Array(48 * 1_024 + 1));
  expect(unit.logged).toEqual(["an envelope was dropped unopened: it is too long for its class"]);
  unit.take(ana.sealer.account, new Uint8Array(48 * 1_024 + 1), "inbox");
  await expect.poll(() => unit.logged.length).toBe(2);
});

test("a flood of strangers neither holds up a friend nor takes their place, and their own order is kept", async () => {
  await using unit = await doorstep();
  const rubbish = await unit.offer(mallory, { to: mallory.certificate });
  const offer = await unit.offer(ana);
  const end = await unit.offer(ana, { message: { kind: "call.end", body: { offer: newEnvelopeId() } } });
  for (let count = 0; count < 2_000; count += 1) unit.take(`${count % 500}`, rubbish);
  unit.take(ana.sealer.account, offer);
  unit.take(ana.sealer.account, end);
  // One of the strangers' had been begun; 64 more wait behind the friend's.
  await expect.poll(() => unit.story.length).toBe(67);
  await sleep(50);
  expect(unit.story.slice(0, 3)).toEqual([UNOPENED, "call.offer", "call.end"]);
  expect(unit.story.filter((line) => line === UNOPENED)).toHaveLength(65);
});

test("one stranger's flood takes no other stranger's place, and most of it is lost", async () => {
  await using unit = await doorstep();
  const rubbish = await unit.offer(mallory, { to: mallory.certificate });
  const cem = fixedUnit("cem");
  const offer = await unit.offer(cem);
  for (let count = 0; count < 2_000; count += 1) unit.take(mallory.sealer.account, rubbish);
  unit.take(cem.sealer.account, offer);
  await expect.poll(() => unit.story.length).toBe(10);
  await sleep(50);
  expect(unit.story).toHaveLength(10);
  expect(unit.story.indexOf("call.offer")).toBeLessThanOrEqual(2);
});
