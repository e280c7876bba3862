import { expect, test } from "vitest";
import { Settlements } from "#device/link/settlements.ts";
import { decodeSettlement, deliveryDigest, encodeSettlement, isSettlement } from "#device/wire/settlement.ts";
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
  const arrived = (index: number) => settlements.arrived(ANA, bytes(index)) ?? Number.NaN;
  return { clock, said, settlements, arrived };
}

test("what is settled is said on a grid, half a second later at least, whenever it was settled and whatever it was", () => {
  const timesFor = (settledAfterMs: number) => {
    const { clock, said, settlements, arrived } = made();
    clock.advance(90);
    const receipt = arrived(1);
    clock.advance(settledAfterMs);
    settlements.settle(receipt, "settled");
    clock.advance(2_000);
    return said;
  };
  const digests = [deliveryDigest(ANA, bytes(1))];
  for (const afterMs of [0, 1, 14, 499]) expect(timesFor(afterMs)).toEqual([{ atMs: 750, digests }]);
});

test("it is said in the order in which it came: what is dealt with early waits for what came before", () => {
  const { clock, said, settlements, arrived } = made();
  const [first, second] = [arrived(1), arrived(2)];
  settlements.settle(second, "settled");
  clock.advance(2_000);
  expect(said).toEqual([]);
  settlements.settle(first, "settled");
  clock.advance(250);
  expect(said.map(({ digests }) => digests)).toEqual([[1, 2].map((index) => deliveryDigest(ANA, bytes(index)))]);
});

test("what was left is never said to be settled, and holds nothing up", () => {
  const { clock, said, settlements, arrived } = made();
  const [first, second] = [arrived(1), arrived(2)];
  settlements.settle(first, "left");
  settlements.settle(first, "settled");
  settlements.settle(second, "settled");
  clock.advance(2_000);
  expect(said.map(({ digests }) => digests)).toEqual([[deliveryDigest(ANA, bytes(2))]]);
});

test("a receipt from before the connection was lost settles nothing", () => {
  const { clock, said, settlements, arrived } = made();
  const receipt = arrived(1);
  settlements.forget();
  settlements.arrived(ANA, bytes(2));
  settlements.settle(receipt, "settled");
  clock.advance(2_000);
  expect(said).toEqual([]);
});

/** When each of 40 that came at once is said to be settled. */
function paceOf(dealtWithAfterMs: (index: number) => number) {
  const { clock, said, settlements } = made();
  const receipts = Array.from({ length: 40 }, (_, index) => settlements.arrived(ANA, bytes(index)));
  for (let nowMs = 0; nowMs < 8_000; nowMs += 1) {
    for (const [index, receipt] of receipts.entries()) {
      if (dealtWithAfterMs(index) === nowMs && receipt !== null) settlements.settle(receipt, "settled");
    }
    clock.advance(1);
  }
  return said.map(({ atMs, digests }) => [atMs, digests?.length]);
}

test("of many at once, when they are said does not tell people from strangers, nor who was turned away unopened", () => {
  const turnedAway = paceOf(() => 0);
  expect(turnedAway.reduce((sum, [, count]) => sum + (count ?? 0), 0)).toBe(40);
  expect(paceOf((index) => 14 * (index + 1))).toEqual(turnedAway);
  expect(paceOf((index) => 14 + 100 * index)).toEqual(turnedAway);
});

test("beyond what a hub may have unsettled nothing is taken, however fast the rest was dealt with", () => {
  const { clock, settlements } = made();
  const arrive = (index: number) => settlements.arrived(ANA, bytes(index));
  for (let index = 0; index < 40; index += 1) settlements.settle(arrive(index) ?? 0, "settled");
  expect(arrive(40)).toBeNull();
  clock.advance(1_000);
  expect(arrive(41)).not.toBeNull();
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
