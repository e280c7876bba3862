import { expect, test, vi } from "vitest";
import { firstWrong, install } from "#device/update/install.ts";
import { sha256Of } from "#device/update/manifest.ts";
import { BundleReceiver } from "#device/update/receive.ts";
import { Slots } from "#device/update/slots.ts";
import { seededRandom } from "#scripts/hear/random.ts";
import { makeBundle, ROOT, tinyTree } from "#test/house/bundle.ts";
import { CutDisk, LEFT, type Left } from "#test/house/cut-disk.ts";

// Many bundles, processes or databases each, which takes a busy machine its time.
vi.setConfig({ testTimeout: 60_000 });

const FOLDER = "/firmware";
const old = await makeBundle({ files: tinyTree("old") });
const next = await makeBundle({ files: tinyTree("new"), about: { counter: 6, version: "1.1.0" } });

/** A unit whose maker put the old firmware in. */
async function factory(): Promise<CutDisk> {
  const disk = new CutDisk();
  disk.makeFolder(`${FOLDER}/incoming`);
  const trust = { format: 1, root: ROOT, board: "sim", development: false };
  disk.writeAt(`${FOLDER}/trust.json`, 0, Buffer.from(JSON.stringify(trust)));
  disk.writeAt(`${FOLDER}/incoming/bundle`, 0, old);
  expect(await install(disk, FOLDER, true)).toMatchObject({ ok: true, slot: "a" });
  return disk.copy();
}
const made = await factory();

/** Sends the new firmware in pieces, from where an earlier attempt ended, until it is to be tried. */
async function update(disk: CutDisk): Promise<void> {
  const slots = new Slots(disk, FOLDER);
  if (slots.state()?.trial || slots.state()?.confirmed === "b") return;
  const receiver = new BundleReceiver({ disk, root: FOLDER, install: () => install(disk, FOLDER) });
  if (!slots.state()?.slots.b) {
    let taken = receiver.open(next.length, sha256Of(next));
    while (taken.ok && taken.offset < next.length) {
      taken = receiver.write(taken.offset, next.subarray(taken.offset, taken.offset + 1_500));
    }
    await receiver.finish();
  }
  receiver.activate();
}

/** What holds at every moment: something starts, whole, and from a launcher that is whole. */
function mustStart(disk: CutDisk): "a" | "b" {
  const slots = new Slots(disk, FOLDER);
  const launcher = disk.linkOf(`${FOLDER}/current`);
  if (launcher !== "slots/a" && launcher !== "slots/b") throw new Error(`current leads to ${launcher}`);
  for (const slot of [launcher.slice(-1) as "a" | "b", slots.chooseStart()?.slot]) {
    const manifest = slot && slots.manifestIn(slot);
    if (!slot || !manifest) throw new Error("nothing starts");
    const wrong = firstWrong(disk, slots.folderOf(slot), manifest);
    if (wrong !== null) throw new Error(`slot ${slot} would start with a broken ${wrong}`);
  }
  return slots.state()?.trial ? "b" : (slots.state()?.confirmed ?? "a");
}

/** From the old firmware to the new one, confirmed, with one power cut. How many changes there were. */
async function walk(cutAt: number, left: Left, prepare: (disk: CutDisk) => void = () => undefined): Promise<number> {
  const disk = made.copy();
  prepare(disk);
  const random = seededRandom(cutAt);
  disk.cutAt = cutAt;
  const run = async () => {
    await update(disk);
    const slots = new Slots(disk, FOLDER);
    if (slots.chooseStart()?.trial === true) slots.confirm("b");
  };
  await run().catch((error: unknown) => {
    if (!disk.isDead) throw error;
  });
  if (disk.isDead) {
    disk.restart(left, () => random() < 0.5);
    mustStart(disk);
    await run();
  }
  mustStart(disk);
  expect(disk.linkOf(`${FOLDER}/current`)).toBe("slots/b");
  // What was confirmed stays so, whatever is cut later.
  disk.restart(left, () => random() < 0.5);
  mustStart(disk);
  expect(new Slots(disk, FOLDER).state()).toMatchObject({ confirmed: "b", counter: 6, trial: null });
  return disk.changes;
}

test("whenever the power fails during an update, the unit starts whole firmware, and the update can go on", async () => {
  const changes = await walk(Number.POSITIVE_INFINITY, "everything");
  expect(changes).toBeGreaterThan(60);
  for (let cutAt = 1; cutAt <= changes; cutAt += 1) {
    for (const left of ["synced-only", LEFT[1 + (cutAt % 3)] ?? "everything"] as const) await walk(cutAt, left);
  }
});

test.each(["sync", "syncFolder"] as const)(
  "a disk that only says that it does a %s is caught by the same walk",
  async (lies) => {
    const lying = (disk: CutDisk) => {
      disk.lies = lies;
    };
    const changes = await walk(Number.POSITIVE_INFINITY, "everything");
    for (let cutAt = 1; cutAt <= changes; cutAt += 1) {
      for (const left of LEFT)
        if (
          await walk(cutAt, left, lying).then(
            () => false,
            () => true,
          )
        )
          return;
    }
    expect.unreachable("nothing was caught");
  },
);

test("firmware that never confirms itself is started three times at most, wherever the power fails, and gives way", async () => {
  const ready = made.copy();
  await update(ready);
  for (let cutAt = 1; cutAt <= 40; cutAt += 1) {
    for (const left of LEFT) {
      const disk = ready.copy();
      const random = seededRandom(cutAt);
      disk.cutAt = cutAt;
      let tried = 0;
      for (let start = 0; start < 8; start += 1) {
        if (disk.isDead) disk.restart(left, () => random() < 0.5);
        const choice = new Slots(disk, FOLDER).chooseStart();
        if (!disk.isDead && choice?.trial === true) tried += 1;
      }
      expect(tried).toBeLessThanOrEqual(3);
      expect(tried).toBeGreaterThanOrEqual(2);
      expect(mustStart(disk)).toBe("a");
      expect(new Slots(disk, FOLDER).state()).toMatchObject({
        confirmed: "a",
        counter: 5,
        trial: null,
        gaveWay: { version: "1.1.0", counter: 6 },
      });
    }
  }
});
