import { expect, test } from "vitest";
import { takeHandlers } from "#device/control/take-handlers.ts";
import type { Event } from "#device/events.ts";
import { firstState, type State } from "#device/state.ts";
import { TakeDesk } from "#device/take-desk.ts";
import { FakeClock } from "#test/house/fake-clock.ts";

const READY = { state: "ready", noSound: null } as const;
const SOUND = Buffer.alloc(64).toString("base64");

function makeUnit(state: Partial<State> = {}) {
  const clock = new FakeClock();
  const dispatched: Event[] = [];
  const dispatch = (event: Event) => void dispatched.push(event);
  const desk = new TakeDesk({ clock, dispatch });
  const daemon = { state: { ...firstState(null, false, null), ...state }, dispatch };
  const handlers = (more: Partial<Parameters<typeof takeHandlers>[0]> = {}) =>
    takeHandlers({ daemon, ears: READY, takes: desk, ...more });
  const idOf = (at: number): string => {
    const event = dispatched[at];
    return event?.type === "take-asked" ? event.id : "";
  };
  return { clock, desk, dispatched, handlers, idOf };
}

const TAKE = { id: 1, do: "wake-take", say: "first" } as const;

test("a recording is asked of the ears with what is said before, and handed over whole", async () => {
  const unit = makeUnit();
  const asked = unit.handlers()["wake-take"](TAKE);
  expect(unit.dispatched).toMatchObject([{ type: "take-asked", say: "first" }]);
  unit.desk.hear({ type: "taken", id: "another", why: "whole", sound: "" });
  unit.desk.hear({ type: "taken", id: unit.idOf(0), why: "whole", sound: SOUND });
  expect(await asked).toEqual({ ok: true, answer: { sound: SOUND } });
  // Late, and twice.
  unit.desk.hear({ type: "taken", id: unit.idOf(0), why: "whole", sound: SOUND });
});

test.each<[string, Partial<State>]>([
  ["a call", { call: { at: "calling" } as unknown as State["call"] }],
  ["somebody who speaks to the unit", { listening: true }],
])("%s is not disturbed: nothing is said and nothing recorded", async (_, state) => {
  const unit = makeUnit(state);
  expect(await unit.handlers()["wake-take"](TAKE)).toMatchObject({ ok: false, error: { code: "busy" } });
  expect(await unit.handlers()["wake-rest"]({ id: 1, do: "wake-rest" })).toMatchObject({ ok: false });
  await unit.handlers()["wake-taught"]({ id: 1, do: "wake-taught", taught: true });
  expect(unit.dispatched).toEqual([]);
});

test("muted, without a microphone or by another owner, nothing is recorded", async () => {
  const muted = makeUnit({ muted: true });
  expect(await muted.handlers()["wake-take"](TAKE)).toMatchObject({ error: { code: "muted" } });
  const unit = makeUnit();
  for (const ears of [
    { state: "down", noSound: null },
    { state: "ready", noSound: "no card" },
  ] as const)
    expect(await unit.handlers({ ears })["wake-take"](TAKE)).toMatchObject({ error: { code: "no-sound" } });
  expect(await unit.handlers({ takes: null })["wake-take"](TAKE)).toMatchObject({ error: { code: "not-first" } });
  expect([...muted.dispatched, ...unit.dispatched]).toEqual([]);
});

test("two at once, ears that die, that are muted and that never answer end with a reason", async () => {
  const unit = makeUnit();
  const { "wake-take": take } = unit.handlers();
  const first = take(TAKE);
  expect(await take(TAKE)).toMatchObject({ error: { code: "busy" } });
  unit.desk.earsDied();
  expect(await first).toMatchObject({ error: { code: "interrupted" } });
  const second = take(TAKE);
  unit.desk.hear({ type: "taken", id: unit.idOf(1), why: "deaf", sound: "" });
  expect(await second).toMatchObject({ error: { code: "muted" } });
  const third = take(TAKE);
  unit.clock.advance(20_000);
  expect(await third).toMatchObject({ error: { code: "interrupted" } });
});
