import fc from "fast-check";
import { expect, test } from "vitest";
import { BACKOFF, waitBefore } from "#device/link/backoff.ts";
import { Publications } from "#device/link/publications.ts";
import { RelayCredentials } from "#device/link/relay-credentials.ts";
import { decodeFrame, MAX_ENVELOPE_BYTES } from "#device/wire/frame.ts";
import { FakeClock } from "../../house/fake-clock.ts";
import { fixedUnit } from "../../house/fixed-keys.ts";

const to = fixedUnit("ben").certificate.account;

function frame(id: number, bytes = 1) {
  return { to, class: "calls" as const, id: String(id).padStart(32, "0"), envelope: new Uint8Array(bytes) };
}

test("the wait before reconnecting doubles to a limit, and half of it is chance", () => {
  expect([0, 1, 2, 3].map((attempt) => waitBefore(attempt, 0.999_999))).toEqual([500, 1_000, 2_000, 4_000]);
  expect([0, 1, 2, 3].map((attempt) => waitBefore(attempt, 0))).toEqual([250, 500, 1_000, 2_000]);
  fc.assert(
    fc.property(fc.nat(10_000), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, chance) => {
      const waitMs = waitBefore(attempt, chance);
      return waitMs >= BACKOFF.firstMs / 2 && waitMs <= BACKOFF.longestMs;
    }),
  );
});

test("what is published while the link is down goes out when it is up, in order, until it is accepted", async () => {
  const clock = new FakeClock();
  let up = false;
  const sent: string[] = [];
  const publications = new Publications(clock, (bytes) => {
    const decoded = decodeFrame(bytes);
    if (up && decoded.ok) sent.push(decoded.frame.id);
  });
  const [first, second] = [publications.add(frame(1)), publications.add(frame(2))];
  expect(sent).toEqual([]);
  up = true;
  publications.sendAll();
  expect(sent).toEqual([frame(1).id, frame(2).id]);
  publications.accepted(frame(1).id);
  expect(await first).toEqual({ ok: true });
  publications.sendAll();
  expect(sent.slice(2)).toEqual([frame(2).id]);
  publications.refused(frame(2).id);
  expect(await second).toEqual({ ok: false, reason: "refused" });
  publications.sendAll();
  expect(sent).toHaveLength(3);
});

test("nothing waits longer than 60 s, nor longer than asked", async () => {
  const clock = new FakeClock();
  const publications = new Publications(clock, () => {});
  const results: unknown[] = [];
  void publications.add(frame(1), 3_600_000).then((result) => results.push(result));
  void publications.add(frame(2), 1_000).then((result) => results.push(result));
  clock.advance(999);
  await Promise.resolve();
  expect(results).toEqual([]);
  clock.advance(1);
  await Promise.resolve();
  expect(results).toEqual([{ ok: false, reason: "timed-out" }]);
  clock.advance(59_000);
  await Promise.resolve();
  expect(results).toHaveLength(2);
});

test("what is too long never leaves, and a closed link says so", async () => {
  const sent: Uint8Array[] = [];
  const publications = new Publications(new FakeClock(), (bytes) => sent.push(bytes));
  expect(await publications.add(frame(1, MAX_ENVELOPE_BYTES + 1_000))).toEqual({ ok: false, reason: "too-long" });
  expect(sent).toEqual([]);
  const waiting = publications.add(frame(2));
  publications.close();
  expect(await waiting).toEqual({ ok: false, reason: "closed" });
  expect(await publications.add(frame(3))).toEqual({ ok: false, reason: "closed" });
});

test("a word of the hub about something else changes nothing", async () => {
  const clock = new FakeClock();
  const publications = new Publications(clock, () => {});
  const waiting = publications.add(frame(1), 1_000);
  publications.accepted(frame(9).id);
  publications.refused("nonsense");
  clock.advance(1_000);
  expect(await waiting).toEqual({ ok: false, reason: "timed-out" });
});

test("credentials are fetched when half their time is over, and only by the clock", async () => {
  const clock = new FakeClock();
  let fetched = 0;
  const hourMs = 3_600_000;
  using credentials = new RelayCredentials(clock, async () => {
    fetched += 1;
    return { urls: "turn:127.0.0.1:1", username: String(fetched), credential: "x", expiresMs: clock.nowMs() + hourMs };
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  expect(credentials.servers).toEqual([]);
  credentials.ensure();
  await settle();
  for (let count = 0; count < 100; count += 1) void credentials.servers;
  credentials.ensure();
  await settle();
  expect(fetched).toBe(1);
  clock.advance(hourMs / 2);
  await settle();
  expect(credentials.servers).toMatchObject([{ username: "2" }]);
});

test("credentials that are said to hold for months are asked for once an hour, and not all the time", async () => {
  const clock = new FakeClock();
  let fetched = 0;
  using credentials = new RelayCredentials(clock, async () => {
    fetched += 1;
    return { urls: "turn:x", username: "u", credential: "c", expiresMs: clock.nowMs() + 60 * 86_400_000 };
  });
  credentials.ensure();
  for (let hour = 1; hour <= 3; hour += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(3_599_999);
    expect(fetched).toBe(hour);
    clock.advance(1);
  }
});

test("while the hub is gone the old credentials serve until they expire, and are asked for again meanwhile", async () => {
  const clock = new FakeClock();
  let there = true;
  let fetched = 0;
  using credentials = new RelayCredentials(clock, async () => {
    fetched += 1;
    return there ? { urls: "turn:x", username: "u", credential: "c", expiresMs: clock.nowMs() + 600_000 } : null;
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  credentials.ensure();
  await settle();
  there = false;
  for (let count = 0; count < 19; count += 1) {
    clock.advance(30_000);
    await settle();
    expect(credentials.servers).toHaveLength(1);
  }
  expect(fetched).toBeGreaterThan(5);
  clock.advance(30_000);
  await settle();
  expect(credentials.servers).toEqual([]);
  there = true;
  clock.advance(30_000);
  await settle();
  expect(credentials.servers).toHaveLength(1);
});
