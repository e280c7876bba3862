import { stat } from "node:fs/promises";
import { expect, test } from "vitest";
import { noLog } from "#base/log.ts";
import { openInbox } from "#device/store/inbox.ts";
import { openReplayStore } from "#device/store/replay.ts";
import { PART_BYTES } from "#device/wire/messages.ts";
import { voiceMessage } from "#device/wire/parcel.ts";
import { ANA, accountOf, ana, bookWith, OWNER } from "#test/house/books.ts";
import { Brain } from "#test/house/brain.ts";
import { FakeClock } from "#test/house/fake-clock.ts";
import { makeDbFolder } from "./store/fixtures.ts";

const CEM = accountOf("cem");
const FLOOD = 1_000;
const MIB = 1_048_576;

test("a thousand messages of one friend and a thousand of strangers cost no other friend one, nor the unit its disk", async () => {
  await using place = await makeDbFolder();
  const db = place.open();
  db.pragma("synchronous = OFF");
  const clock = new FakeClock();
  const replay = openReplayStore({ db, clock, log: noLog });
  const realInbox = openInbox({
    db,
    owner: OWNER,
    clock,
    log: noLog,
    replay,
    spend: () => undefined,
    sharerOf: (of) => of,
  });
  const cem = { ...ana, id: "cem", name: "Cem", accounts: [CEM] };
  const brain = new Brain(bookWith({ people: [ana, cem] }), { realInbox });
  const data = new Uint8Array(PART_BYTES).fill(1);
  const long = voiceMessage(data, 1);
  const strangers = Array.from({ length: FLOOD }, (_, index) =>
    accountOf(`stranger${index.toString(6).replaceAll(/[01]/g, "z")}`),
  );
  const heapBefore = process.memoryUsage().heapUsed;
  for (const [index, stranger] of strangers.entries()) {
    brain.leave(ANA, long, { data });
    brain.leave(stranger, long, { data });
    if (index % 100 === 50)
      brain.leave(CEM, voiceMessage(data.subarray(0, 30_000), 10_000), { data: data.subarray(0, 30_000) });
  }
  db.pragma("wal_checkpoint(TRUNCATE)");
  const { size } = await stat(place.path);
  const heapMib = (process.memoryUsage().heapUsed - heapBefore) / MIB;
  const from = (account: string) => realInbox.entries().filter((entry) => entry.from === account).length;
  const requests = realInbox.entries().filter(({ shelf }) => shelf === "requests").length;
  process.stdout.write(
    `of Ana's ${FLOOD}: ${from(ANA)}, of strangers' ${FLOOD}: ${requests}; disk ${(size / MIB).toFixed(1)} MiB, heap ${heapMib.toFixed(1)} MiB\n`,
  );
  expect(from(CEM)).toBe(10);
  expect(from(ANA)).toBeGreaterThan(10);
  expect(requests).toBeGreaterThan(5);
  // An hour at 24 kbit/s is 10.3 MiB.
  expect(size).toBeLessThan(10.3 * MIB);
  expect(heapMib).toBeLessThan(100);
}, 60_000);
