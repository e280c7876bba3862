import { describe, expect, test } from "vitest";
import type { Finding } from "#device/doctor/finding.ts";
import type { Step } from "#scripts/rig/scenario/schema.ts";
import type { Lit, Target } from "#scripts/rig/targets/target.ts";
import { Witness } from "#scripts/rig/witness.ts";

const SOON_MS = 250;
const NOTHING: Step = { nothing: "happens", for: SOON_MS };

/** A unit that does what it is told to, so that what a witness lets pass can be seen. */
class PuppetTarget implements Target {
  readonly slowness = 1;
  readonly quietDbfs = -120;
  readonly cannotHave = { clock: "nobody sets it" };
  readonly timeline = [];
  lit: Lit[] = [];
  sound: (samples: number) => Int16Array = (samples) => new Int16Array(samples);

  powerOn = () => Promise.resolve();
  cutPower = () => Promise.resolve();
  setClock = () => Promise.resolve();
  setButton = () => Promise.resolve();
  setMute = () => Promise.resolve();
  play = () => Promise.resolve();
  recordings = () => Promise.resolve([]);
  lights = () => Promise.resolve(this.lit);
  loudspeaker = (fromMs: number, toMs: number) => Promise.resolve(this.sound(Math.round((toMs - fromMs) * 16)));
  found: Finding[] = [];
  doctor = () => Promise.resolve(this.found);
  ask: Target["ask"] = () => Promise.reject(new Error("is not asked here"));
  [Symbol.asyncDispose] = () => Promise.resolve();
}

/** QoS 1 PUBLISH as it leaves a unit: MQTT 3.1.1, section 3.3. */
const PUBLISH = Buffer.from([0x32, 0x07, 0x00, 0x01, 0x61, 0x00, 0x01, 0x62, 0x63]);

function watch(unit: PuppetTarget) {
  const tap: { passed: Parameters<typeof published>[0][] } = { passed: [] };
  const neighbour = () => {
    throw new Error("nobody lives here");
  };
  return { tap, witness: new Witness({ unit, tap, neighbour }) };
}

function published(
  piece: Readonly<{ at: number; monotonicMs: number; wire: "mqtt"; way: "up"; stream: number; bytes: Buffer }>,
) {
  return piece;
}

describe("a witness of nothing", () => {
  test("is content with a unit that stays dark, silent, and sends nothing", async () => {
    const { witness } = watch(new PuppetTarget());
    await expect(witness.expect(NOTHING)).resolves.toBe("dark, nothing sent, silence");
  });

  test("sees a light that came on and went out again meanwhile", async () => {
    const unit = new PuppetTarget();
    const { witness } = watch(unit);
    unit.lit = [
      { scene: "ringing", atMs: Date.now() + 20 },
      { scene: "off", atMs: Date.now() + 40 },
    ];
    await expect(witness.expect(NOTHING)).rejects.toThrow("the lights changed: ringing, off");
  });

  test("hears the faintest sample that the loudspeaker played", async () => {
    const unit = new PuppetTarget();
    unit.sound = (samples) => new Int16Array(samples).fill(1, samples - 2, samples - 1);
    await expect(watch(unit).witness.expect(NOTHING)).rejects.toThrow("there was sound");
  });

  test("takes what was not recorded for no silence", async () => {
    const unit = new PuppetTarget();
    unit.sound = () => new Int16Array(0);
    await expect(watch(unit).witness.expect(NOTHING)).rejects.toThrow("were recorded");
  });

  test("counts an envelope that left the unit", async () => {
    const { tap, witness } = watch(new PuppetTarget());
    const piece = { monotonicMs: 0, wire: "mqtt", way: "up", stream: 1, bytes: PUBLISH } as const;
    tap.passed.push(published({ ...piece, at: Date.now() + 20 }));
    await expect(witness.expect(NOTHING)).rejects.toThrow("1 envelopes were sent");
  });
});

describe("a witness of a light", () => {
  test("takes one from before the last thing that was done only where it still shines", async () => {
    const unit = new PuppetTarget();
    unit.lit = [{ scene: "ringing", atMs: Date.now() - 1_000 }];
    const { witness } = watch(unit);
    const step: Step = { light: "ringing", within: 50 };
    await expect(witness.expect(step)).resolves.toBe("all along");
    unit.lit = [...unit.lit, { scene: "off", atMs: Date.now() }];
    await expect(witness.expect(step)).rejects.toThrow('it shows "off"');
    unit.lit = [
      { scene: "ringing", atMs: Date.now() - 1_000 },
      { scene: "off", atMs: Date.now() - 500 },
    ];
    await expect(witness.expect(step)).rejects.toThrow('"ringing" did not come within 0.1 s: it shows "off"');
  });
});

describe("a witness of doctor", () => {
  const finding = (over: Partial<Finding>): Finding => ({
    what: "book",
    grade: "ok",
    says: "it is",
    next: null,
    ...over,
  });
  const look = (found: Finding[]) => {
    const unit = new PuppetTarget();
    unit.found = found;
    return watch(unit).witness.expect({ doctor: "well" });
  };

  test("is content with what is well, and with what the target cannot have, of which it says why", async () => {
    await expect(look([finding({})])).resolves.toBe("1 fine");
    const doubt = finding({ what: "clock", grade: "warn" });
    await expect(look([finding({}), doubt])).resolves.toBe("1 fine; not to be had here: clock (nobody sets it)");
  });

  test("lets no doubt pass that the target does not name, nothing that is wrong, and no empty word", async () => {
    await expect(look([finding({ what: "memory", grade: "warn", says: "too little" })])).rejects.toThrow("too little");
    await expect(look([finding({ what: "clock", grade: "fail", says: "it is 1970" })])).rejects.toThrow("it is 1970");
    await expect(look([])).rejects.toThrow("it looked at nothing");
  });
});
