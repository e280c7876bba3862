import fc from "fast-check";
import { expect, test } from "vitest";
import { ClockOffset } from "#scripts/rig/targets/board/clock-offset.ts";

const Delays = fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 400 })), {
  minLength: 1,
  maxLength: 30,
});

/** Questions and answers that take their time, to a clock that is so far behind ours. */
function ask(offset: ClockOffset, behindMs: number, delays: readonly (readonly [number, number])[]): void {
  let nowMs = 1_000_000;
  for (const [there, back] of delays) {
    offset.see({ askedMs: nowMs, theirsMs: nowMs + there - behindMs, answeredMs: nowMs + there + back });
    nowMs += 1_000;
  }
}

test("a clock's offset is never off by more than half of the quickest answer", () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e9, max: 1e9 }), Delays, (behindMs, delays) => {
      const offset = new ClockOffset();
      ask(offset, behindMs, delays);
      const quickestMs = Math.min(...delays.map(([there, back]) => there + back));
      expect(Math.abs(offset.aheadMs - behindMs)).toBeLessThanOrEqual(quickestMs / 2);
    }),
  );
});

test("a clock that was set is believed anew", () => {
  const offset = new ClockOffset();
  ask(offset, 5, [[3, 3]]);
  ask(offset, 3_600_000, [[10, 10]]);
  expect(offset.aheadMs).toBe(3_600_000);
});
