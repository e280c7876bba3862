import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeWakeHead, zeroedWakeHead } from "#audio/engines/wake-head.ts";
import { noFigures } from "#scripts/stage/figures.ts";
import { importNothing, NO_TICKS } from "#scripts/stage/import.ts";
import { SCENES, setStage } from "#scripts/stage/play.ts";
import { Listener, SENTENCES } from "#scripts/stage/recording.ts";
import { Street } from "#scripts/stage/street.ts";
import { answer, hears, ringUp } from "#scripts/stage/talk.ts";
import { compareTraces, type Trace } from "#scripts/stage/trace.ts";
import { shortCalls } from "#scripts/stage/vain.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

/** What the demo claims is worth nothing unless it fails where it should. */
const [anaCallsBen] = SCENES;
const RING_BACK_MS = 12_000;
const CALLS = 8;

test("with the wake word's weights zeroed, nothing that is said does anything", async () => {
  await using folder = await makeTempFolder();
  const wakeHead = join(folder.path, "silent.head");
  await writeFile(wakeHead, encodeWakeHead(zeroedWakeHead()));
  await using street = await Street.build({ folder: folder.path, ringBackMs: RING_BACK_MS, audio: { wakeHead } });
  await using listener = await Listener.open();
  await expect(anaCallsBen?.play(setStage(street, listener, RING_BACK_MS))).rejects.toThrow(
    'Ana said "call Ben" 3 times',
  );
});

describe("three homes", () => {
  let built: AsyncDisposableStack;
  let street: Street;

  beforeAll(async () => {
    built = new AsyncDisposableStack();
    const { path } = built.use(await makeTempFolder());
    street = built.use(await Street.build({ folder: path, ringBackMs: RING_BACK_MS }));
    await street.ben.unit.ask({ do: "block", who: "Mallory" });
  });

  afterAll(async () => {
    await built.disposeAsync();
  });

  test("with the far microphone silenced, nobody is heard; with it open again, they are", async () => {
    await using listener = await Listener.open();
    const { ana, ben } = street;
    await ringUp(ana, ben, noFigures());
    await answer(ana, ben, noFigures());
    await ana.unit.ask({ do: "cut-uplink", cut: true });
    await expect(hears(ana, ben, SENTENCES[0], listener)).rejects.toThrow("Ben should have heard");
    await ana.unit.ask({ do: "cut-uplink", cut: false });
    await expect(hears(ana, ben, SENTENCES[1], listener)).resolves.toContain("Ben heard");
    await ben.unit.ask({ do: "hang-up" });
  });

  describe("an import of 500 contacts", () => {
    const imports = (ticks = NO_TICKS) => importNothing(street.ben, street, ticks);

    test("is found out where it stores somebody", { timeout: 60_000 }, async () => {
      await expect(imports({ ...NO_TICKS, first: ["--only", "Contact 007"] })).rejects.toThrow("changed Ben's book");
    });

    test("is found out where it brings back whom Ben deleted", { timeout: 60_000 }, async () => {
      const again = ["--only", "Mallory", "--bring-back"];
      await expect(imports({ ...NO_TICKS, again })).rejects.toThrow("brought Mallory back");
    });

    test("changes nothing where nothing is ticked, and brings nobody back", { timeout: 60_000 }, async () => {
      await expect(imports()).resolves.toContain("500 cards listed");
    });
  });

  describe("calls to somebody who blocks, and to somebody whose unit is off", () => {
    let blocked: readonly Trace[];
    let unplugged: readonly Trace[];

    beforeAll(async () => {
      // The first call of all asks for certificates; nothing of it is compared.
      await shortCalls(street.mallory, "Ben", 1);
      await shortCalls(street.mallory, "Cora", 1);
      blocked = await shortCalls(street.mallory, "Ben", CALLS);
      unplugged = await shortCalls(street.mallory, "Cora", CALLS);
    });

    test("cannot be told apart by the caller", () => {
      expect(compareTraces(blocked, unplugged)).toMatchObject({ same: true });
    });

    test("could be told apart if what comes back to a blocked caller took 20 ms longer", async () => {
      street.mallory.tap.leak({ type: "delay", ms: 20 });
      const leaking = await shortCalls(street.mallory, "Ben", CALLS);
      street.mallory.tap.leak(null);
      expect(compareTraces(leaking, unplugged)).toMatchObject({ same: false });
    });

    test("could be told apart if a blocked caller got one packet more", async () => {
      // MQTT 3.1.1, section 3.3: PUBLISH, QoS 0, topic "x", no payload.
      street.mallory.tap.leak({ type: "packet", bytes: Buffer.from([0x30, 0x03, 0x00, 0x01, 0x78]) });
      const leaking = await shortCalls(street.mallory, "Ben", CALLS);
      expect(compareTraces(leaking, unplugged)).toMatchObject({ same: false });
    });
  });
});
