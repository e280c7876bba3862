import { expect, test } from "vitest";
import { Route } from "#audio/peer/route.ts";

/** A route of an open channel, at 10 ms a tick; each line of `network` holds for so long. */
function drive(network: readonly Readonly<{ forMs: number; untoldMs?: number; mayReturn?: boolean; lost?: number }>[]) {
  const route = new Route();
  route.opened();
  route.told(20);
  const ways: boolean[] = [];
  let nowMs = 0;
  for (const { forMs, untoldMs = 30, mayReturn = true, lost } of network)
    for (const untilMs = nowMs + forMs; nowMs < untilMs; nowMs += 10) {
      if (lost !== undefined && nowMs % 2_000 === 0) route.hear(nowMs, { lostShare: lost, roundTripMs: 20 });
      route.tick(nowMs, untoldMs, mayReturn);
      ways.push(route.byChannel);
    }
  return { ways, leaves: ways.filter((by, index) => !by && ways[index - 1] === true).length, last: ways.at(-1) };
}

test("sound stays with a channel that keeps up", () => {
  expect(drive([{ forMs: 60_000, lost: 0.2 }])).toMatchObject({ leaves: 0, last: true });
});

test("a channel of which nothing is told any more is left after 170 ms and a round trip, not before", () => {
  expect(drive([{ forMs: 1_000, untoldMs: 165 }]).leaves).toBe(0);
  expect(drive([{ forMs: 1_000, untoldMs: 180 }]).ways[0]).toBe(false);
});

test("where much is lost, or loss is told of late, the channel is left, for SCTP takes loss for a narrow link", () => {
  expect(drive([{ forMs: 4_000, lost: 0.3 }]).last).toBe(false);
  const route = new Route();
  route.opened();
  route.hear(0, { lostShare: 0.1, roundTripMs: 250 });
  expect(route.byChannel).toBe(false);
});

test("it is tried again after 10 s of being well, and each time it fails twice as long after", () => {
  const bad = { forMs: 500, untoldMs: 1_000 };
  expect(drive([bad, { forMs: 9_000 }]).last).toBe(false);
  expect(drive([bad, { forMs: 11_500 }]).last).toBe(true);
  expect(drive([bad, { forMs: 11_500 }, bad, { forMs: 15_000 }]).last).toBe(false);
  expect(drive([bad, { forMs: 11_500 }, bad, { forMs: 21_500 }]).last).toBe(true);
});

test("it is not tried again while it is stuck, lossy, or SRTP found the way narrow", () => {
  const bad = { forMs: 500, untoldMs: 1_000 };
  expect(drive([bad, { forMs: 60_000, untoldMs: 500 }]).last).toBe(false);
  expect(drive([bad, { forMs: 60_000, mayReturn: false }]).last).toBe(false);
  expect(drive([bad, { forMs: 60_000, lost: 0.3 }]).last).toBe(false);
});
