import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { noLog } from "#base/log.ts";
import { Deliveries } from "#hub/deliveries.ts";
import { FakeClock } from "../../house/fake-clock.ts";
import { fixedUnit } from "../../house/fixed-keys.ts";

const ana = fixedUnit("ana").certificate;
const ben = fixedUnit("ben").certificate;

test("a disk that reads one envelope slowly lets no other overtake it: an end never comes before its offer", async () => {
  const clock = new FakeClock(1_000_000);
  const delivered: string[] = [];
  using deliveries = new Deliveries({
    clock,
    log: noLog,
    limits: { entries: 64, entriesPerSender: 64 },
    broker: () => ({
      isReady: () => true,
      deliver: (_unit, { payload }) => delivered.push(Buffer.from(payload).toString()),
      cutOff: () => undefined,
    }),
    unitOf: () => ben,
    read: async (key) => {
      await sleep(key === "1" ? 40 : 1);
      return Buffer.from(key);
    },
    settled: () => undefined,
  });
  for (const key of ["1", "2", "3"]) {
    deliveries.route({ key, sender: ana.account, to: ben.account, class: "calls", expiresMs: 2_000_000 });
  }
  await expect.poll(() => delivered).toEqual(["1", "2", "3"]);
});
