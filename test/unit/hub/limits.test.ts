import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PacketLengths } from "#device/wire/packet-lengths.ts";
import { readConfig } from "#hub/config.ts";
import { FROM_UNIT } from "#hub/framing.ts";
import { Buckets, fullBucket, take } from "#hub/limits.ts";
import { ANSWERING, ROUTING, Ticker, untilTick } from "#hub/ticks.ts";
import { FakeClock } from "../../house/fake-clock.ts";
import { makeTempFolder } from "../../house/temp-folder.ts";

const rate = { burst: 3, perSecond: 2 };

test("a bucket gives its burst at once and then what time brings, never more than the burst", () => {
  let bucket = fullBucket(rate, 0);
  const takeAt = (nowMs: number) => {
    const [next, taken] = take(bucket, rate, nowMs);
    bucket = next;
    return taken;
  };
  expect([0, 0, 0, 0].map(takeAt)).toEqual([true, true, true, false]);
  expect(takeAt(499)).toBe(false);
  expect(takeAt(500)).toBe(true);
  expect([60_000, 60_000, 60_000, 60_000].map(takeAt)).toEqual([true, true, true, false]);
});

test("time that goes backwards fills no bucket", () => {
  const [empty] = take({ tokens: 0, atMs: 1_000 }, rate, 0);
  expect(empty.tokens).toBe(0);
});

test("each sender has a bucket of their own, and strangers cannot fill the memory or refill another's", () => {
  const buckets = new Buckets(rate, 100);
  for (let count = 0; count < 3; count += 1) expect(buckets.take("ana", 0)).toBe(true);
  expect(buckets.take("ana", 0)).toBe(false);
  for (let count = 0; count < 90; count += 1) expect(buckets.take(`stranger ${count}`, 0)).toBe(true);
  expect(buckets.take("ana", 0)).toBe(false);
});

test("ticks fall on the wall clock's multiples of 20 ms, and routing half-way between", () => {
  expect([0, 1, 19, 20, 39.5].map((nowMs) => untilTick(nowMs, ANSWERING))).toEqual([20, 19, 1, 20, 0.5]);
  expect([0, 9, 10, 11, 30].map((nowMs) => untilTick(nowMs, ROUTING))).toEqual([10, 1, 20, 19, 20]);
});

test("a ticker runs once at the next tick however often it is asked, and not when nobody asked", () => {
  const clock = new FakeClock(1_000_007);
  const ran: number[] = [];
  const ticker = new Ticker(clock, ANSWERING, () => ran.push(clock.nowMs()));
  clock.advance(100);
  ticker.arm();
  ticker.arm();
  clock.advance(100);
  ticker.arm();
  ticker.stop();
  clock.advance(100);
  expect(ran).toEqual([1_000_120]);
});

test("packets are let by in whatever pieces they come, and one that is too long ends it", () => {
  const connect = Buffer.concat([Buffer.from([0x10, 5]), Buffer.alloc(5)]);
  const publish = Buffer.concat([Buffer.from([0x32, 0x80, 0x80, 0x10]), Buffer.alloc(262_144)]);
  const stream = Buffer.concat([connect, publish, connect]);
  for (const size of [1, 3, 1_000, stream.length]) {
    const lengths = new PacketLengths(FROM_UNIT);
    let passed = true;
    for (let at = 0; at < stream.length; at += size) passed &&= lengths.pass(stream.subarray(at, at + size));
    expect(passed).toBe(true);
  }
  const tooLong = Buffer.from([0x32, 0xff, 0xff, 0x7f]);
  expect(new PacketLengths(FROM_UNIT).pass(Buffer.concat([connect, tooLong]))).toBe(false);
});

test("a connection that does not begin with a CONNECT of ordinary length is no MQTT", () => {
  for (const bytes of [
    [0x30, 0],
    [0x10, 0xff, 0x7f],
    [0x10, 0xff, 0xff, 0xff, 0xff],
    [0x47, 0x45, 0x54],
  ]) {
    expect(new PacketLengths(FROM_UNIT).pass(Buffer.from(bytes))).toBe(false);
  }
});

test("a configuration that is wrong is refused with every fault named", async () => {
  await using temp = await makeTempFolder();
  const path = join(temp.path, "hub.json");
  const good = { name: "hub", data: "/x", host: "127.0.0.1", mqttPort: 1_883, httpPort: 8_080, turn: null };
  const read = async (value: unknown) => {
    await writeFile(path, typeof value === "string" ? value : JSON.stringify(value));
    return readConfig(path);
  };
  expect(await read(good)).toMatchObject({ ok: true, config: { ...good, limits: { queueEntries: 256 } } });
  const bad = await read({
    ...good,
    name: "a b",
    mqttPort: 0,
    extra: 1,
    turn: { host: "nowhere" },
    limits: { queueEntries: -1 },
  });
  if (bad.ok) throw new Error("taken");
  for (const named of ["name:", "mqttPort:", "extra:", "turn.host:", "turn.realm:", "limits.queueEntries:"]) {
    expect(
      bad.faults.some((fault) => fault.startsWith(named)),
      named,
    ).toBe(true);
  }
  const turn = { host: "127.0.0.1", listenPort: 1, minPort: 9, maxPort: 8, realm: "x\nno-auth" };
  expect(await read({ ...good, turn })).toMatchObject({ ok: false });
  const long = { host: "127.0.0.1", listenPort: 1, minPort: 2, maxPort: 3, realm: "x", credentialLifetimeS: 86_401 };
  expect(await read({ ...good, turn: long })).toMatchObject({ ok: false });
  expect(await read("{")).toMatchObject({ ok: false });
  expect(await readConfig(join(temp.path, "none"))).toMatchObject({ ok: false });
});
