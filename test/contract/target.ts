import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Target, TargetKind } from "#scripts/rig/targets/target.ts";
import { HubProcess } from "#scripts/stage/hub-process.ts";
import { freePorts } from "#scripts/stage/ports.ts";
import { loudestDbfs } from "#scripts/stage/recording.ts";
import { Tap } from "#scripts/stage/tap.ts";
import { Voices } from "#scripts/stage/voices.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const SOON = { timeout: 10_000, interval: 100 };
const HEARD_WITHIN_MS = 1_500;

/** What every target of a rig promises. One unit goes through all of it. */
export function describeTarget(
  name: string,
  openKind: (folder: string) => Promise<TargetKind & AsyncDisposable>,
): void {
  describe(`${name}, as a rig's target,`, () => {
    let built: AsyncDisposableStack | null = null;
    let target: Target;
    let voices: Voices;
    const lit = async () => (await target.lights()).map(({ scene }) => scene);

    beforeAll(async () => {
      await using building = new AsyncDisposableStack();
      const folder = building.use(await makeTempFolder()).path;
      const kind = building.use(await openKind(join(folder, "kind")));
      const hub = building.use(await HubProcess.start(join(folder, "hub"), { host: kind.address }));
      const [mqtt = 0, http = 0, turn = 0] = await freePorts(3);
      const wires = { mqtt, http, turn };
      building.use(await Tap.open(wires, hub.ports, hub.host));
      const told = { name: "Ben", folder: join(folder, "unit"), hubName: hub.address.name, wires };
      const invitation = await hub.invite(1);
      target = building.use(kind.make({ ...told, invitation, onProgress: () => undefined }));
      voices = new Voices(join(folder, "voices"));
      await target.powerOn();
      built = building.move();
    });
    afterAll(() => built?.disposeAsync());

    test("listens, and knows its hub, when its power is on", async () => {
      await expect(target.ask({ do: "status" })).resolves.toMatchObject({ audio: "ready", hub: "connected" });
    });

    test("answers its owner's requests, long answers whole, and refuses with a word", async () => {
      for (let person = 0; person < 12; person += 1) {
        await target.ask({ do: "person-add", name: `Person ${person}`, aliases: [`Somebody Else ${person}`] });
      }
      const { people } = await target.ask({ do: "person-list" });
      expect(people.map((each) => each.name)).toEqual(expect.arrayContaining(["Person 0", "Person 11"]));
      await expect(target.ask({ do: "block", who: "Nobody" })).rejects.toThrow(/Nobody/);
    });

    test("mutes, and shows it in its lights at the rig's own time", async () => {
      const fromMs = Date.now();
      await target.setMute(true);
      await expect.poll(async () => (await target.ask({ do: "status" })).muted, SOON).toBe(true);
      await expect.poll(lit, SOON).toContain("muted");
      const atMs = (await target.lights()).findLast(({ scene }) => scene === "muted")?.atMs ?? 0;
      expect(atMs).toBeGreaterThan(fromMs - 200);
      expect(atMs).toBeLessThan(Date.now() + 200);
      await target.setMute(false);
      await expect.poll(async () => (await target.ask({ do: "status" })).muted, SOON).toBe(false);
    });

    test("hears what is said before its microphone, and is heard: the wake word lights and sounds", async () => {
      const fromMs = Date.now();
      const word = await voices.say("rms", "computer");
      // As people do, who are not always heard on a busy machine.
      for (let tries = 0; tries < 3 && !(await lit()).includes("listening"); tries += 1) {
        await target.play(word);
        await sleep(HEARD_WITHIN_MS);
      }
      await expect(lit()).resolves.toContain("listening");
      const sound = async () => loudestDbfs(await target.loudspeaker(fromMs, Date.now()));
      await expect.poll(sound, SOON).toBeGreaterThan(-45);
    });

    test("keeps what it acknowledged through a power cut, answers nothing meanwhile, and shows lights anew", async () => {
      const before = await target.ask({ do: "id" });
      await target.ask({ do: "person-add", name: "Somebody Kept" });
      await target.cutPower();
      await expect(target.ask({ do: "status" })).rejects.toThrow();
      await target.powerOn();
      await expect(target.ask({ do: "id" })).resolves.toEqual(before);
      const { people } = await target.ask({ do: "person-list" });
      expect(people.map((each) => each.name)).toContain("Somebody Kept");
      await expect(lit()).resolves.not.toContain("listening");
    });
  });
}
