import { expect, test } from "vitest";
import { Settlements } from "#device/link/settlements.ts";
import {
  decodeSettlement,
  deliveryDigest,
  encodeSettlement,
  isSettlement,
  MAX_SETTLED,
} from "#device/wire/settlement.ts";
import { accountOf } from "#test/house/books.ts";
import { FakeClock } from "#test/house/fake-clock.ts";

const ANA = accountOf("ana");
const bytes = (index: number) => new Uint8Array([index, index >> 8]);

function made() {
  const clock = new FakeClock();
  const said: { atMs: number; digests: string[] | null }[] = [];
  const settlements = new Settlements(clock, (sent) =>
    said.push({ atMs: clock.monotonicMs(), digests: decodeSettlement(sent) }),
  );
  return { clock, said, settlements };
}

test("what is settled is said on a grid, half a second later at least, whenever it was settled and whatever it was", () => {
  const timesFor = (settledAfterMs: number) => {
    const { clock, said, settlements } = made();
    clock.advance(90);
    const receipt = settlements.arrived(ANA, bytes(1));
    clock.advance(settledAfterMs);
    settlements.settle(receipt, "settled");
    clock.advance(2_000);
    return said;
  };
  const digests = [deliveryDigest(ANA, bytes(1))];
  for (const afterMs of [0, 1, 14, 499]) expect(timesFor(afterMs)).toEqual([{ atMs: 750, digests }]);
});

test("it is said in the order in which it came: what is dealt with early waits for what came before", () => {
  const { clock, said, settlements } = made();
  const [first, second] = [settlements.arrived(ANA, bytes(1)), settlements.arrived(ANA, bytes(2))];
  settlements.settle(second, "settled");
  clock.advance(2_000);
  expect(said).toEqual([]);
  settlements.settle(first, "settled");
  clock.advance(250);
  expect(said.map(({ digests }) => digests)).toEqual([[1, 2].map((index) => deliveryDigest(ANA, bytes(index)))]);
});

test("what was left is never said to be settled, and holds nothing up", () => {
  const { clock, said, settlements } = made();
  const [first, second] = [settlements.arrived(ANA, bytes(1)), settlements.arrived(ANA, bytes(2))];
  settlements.settle(first, "left");
  settlements.settle(first, "settled");
  settlements.settle(second, "settled");
  clock.advance(2_000);
  expect(said.map(({ digests }) => digests)).toEqual([[deliveryDigest(ANA, bytes(2))]]);
});

test("a receipt from before the connection was lost settles nothing", () => {
  const { clock, said, settlements } = made();
  const receipt = settlements.arrived(ANA, bytes(1));
  settlements.forget();
  settlements.arrived(ANA, bytes(2));
  settlements.settle(receipt, "settled");
  clock.advance(2_000);
  expect(said).toEqual([]);
});

test("a thousand at once are said in pieces that the hub takes", () => {
  const { clock, said, settlements } = made();
  for (let index = 0; index < 1_000; index += 1) settlements.settle(settlements.arrived(ANA, bytes(index)), "settled");
  clock.advance(5_000);
  const digests = said.flatMap(({ digests: each }) => each ?? []);
  expect(new Set(digests).size).toBe(1_000);
  for (const { digests: each } of said) expect(each?.length).toBeLessThanOrEqual(MAX_SETTLED);
});

test("the same envelope from another sender is another delivery: nobody's copy settles it", () => {
  expect(deliveryDigest(ANA, bytes(1))).not.toBe(deliveryDigest(accountOf("mallory"), bytes(1)));
});

test("a settlement is told from a frame unparsed, and anything else is none", () => {
  const good = encodeSettlement([deliveryDigest(ANA, bytes(1))]);
  expect(isSettlement(good)).toBe(true);
  for (const bad of [
    good.subarray(0, -1),
    new Uint8Array(),
    Buffer.concat([good, new Uint8Array(1)]),
    encodeSettlement([]),
  ]) {
    expect(decodeSettlement(bad)).toBeNull();
  }
});
