import { expect, test } from "vitest";
import { openPin } from "#device/store/pin.ts";
import { loosened } from "#device/voice/say.ts";
import { ANA, blocking } from "#test/house/books.ts";
import { Brain } from "#test/house/brain.ts";
import { FakeClock } from "#test/house/fake-clock.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

/** A unit with a PIN of 3905, and a finger on its button. */
async function makeUnit() {
  const place = await makeTempFolder();
  const slowHash = async (digits: string, salt: Buffer) => Buffer.from(salt.toString("hex").slice(0, 28) + digits);
  const pinClock = new FakeClock();
  const pin = openPin({ folder: place.path, clock: pinClock, slowHash });
  await pin.set("3905");
  const brain = new Brain(blocking({ person: "ana" }), { pin });
  const pass = (ms: number) => {
    pinClock.advance(ms);
    brain.clock.advance(ms);
  };
  const down = () => brain.daemon.dispatch({ type: "button", change: { type: "down" } });
  const press = () => {
    down();
    pass(150);
    brain.daemon.dispatch({ type: "button", change: { type: "up", heldMs: 150 } });
    brain.press();
    pass(150);
  };
  const hold = () => {
    down();
    pass(900);
    brain.daemon.dispatch({ type: "button", change: { type: "up", heldMs: 900 } });
  };
  const digits = (text: string) => {
    for (const digit of text) {
      for (let presses = Number(digit) || 10; presses > 0; presses -= 1) press();
      pass(1_100);
    }
  };
  /** As long as looking at what was entered takes. */
  const checked = () => new Promise((resolve) => setImmediate(resolve));
  const enter = async (text: string) => {
    digits(text);
    hold();
    await checked();
  };
  return { brain, pin, pass, press, hold, digits, enter, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

test("who knows the PIN unblocks with one button, and each press is heard", async () => {
  await using unit = await makeUnit();
  const { brain } = unit;
  brain.command("unblock Ana");
  await unit.enter("3905");
  expect(brain.says()).toEqual(["To unblock Ana, press your PIN.", "Ana is not blocked any more."]);
  expect(brain.daemon.state.book?.blocks).toEqual([]);
  const tones = brain.commands.flatMap((command) => (command.type === "start-tone" ? [command.tone] : []));
  expect(tones.filter((tone) => tone === "click")).toHaveLength(3 + 9 + 10 + 5);
  expect(tones.filter((tone) => tone === "done")).toHaveLength(4);
});

test("the button alone, held before, through or after the words, unblocks nobody", async () => {
  await using unit = await makeUnit();
  const { brain } = unit;
  brain.daemon.dispatch({ type: "button", change: { type: "down" } });
  brain.command("unblock Ana");
  unit.pass(3_000);
  brain.daemon.dispatch({ type: "button", change: { type: "up", heldMs: 3_000 } });
  unit.hold();
  await unit.enter("");
  expect(brain.daemon.state.book?.blocks).toHaveLength(1);
  expect(unit.pin.wrong).toBe(0);
});

test("a wrong PIN is told to the journal, never what it was, and a rig that presses at any speed waits like anybody", async () => {
  await using unit = await makeUnit();
  const { brain } = unit;
  let tries = 0;
  const hour = brain.clock.nowMs() + 3_600_000;
  while (brain.clock.nowMs() < hour) {
    const before = unit.pin.wrong ?? 0;
    brain.command("unblock Ana");
    // A rig presses within no time at all; only the pauses must be there.
    for (const digit of "2748") {
      for (let presses = Number(digit); presses > 0; presses -= 1) brain.press();
      unit.pass(1_000);
    }
    unit.hold();
    await unit.enter("");
    tries += (unit.pin.wrong ?? 0) - before;
    unit.pass(11_000);
  }
  expect(tries).toBeGreaterThan(3);
  expect(tries).toBeLessThan(12);
  expect(brain.daemon.state.book?.blocks).toHaveLength(1);
  expect(brain.journal.filter(({ detail }) => detail === "pin-wrong")).toHaveLength(tries);
  expect(JSON.stringify([brain.journal, brain.timeline])).not.toMatch(/2748|3905/);
});

test("who rings while a PIN is entered is not answered by its presses, but by one before its first", async () => {
  await using unit = await makeUnit();
  const { brain } = unit;
  brain.daemon.change({ type: "unblock", block: { person: "ana" } }, "cli", []);
  brain.daemon.change({ type: "calling", calling: "on" }, "cli", []);
  brain.daemon.change({ type: "block", block: { unknown: true } }, "cli", []);
  brain.command("who is blocked");
  unit.digits("3");
  brain.offer(ANA);
  expect(brain.daemon.state.call.at).toBe("ringing");
  await unit.enter("905");
  expect(brain.daemon.state.call.at).toBe("ringing");
  expect(brain.says().at(-1)).toMatch(/other block/);
  brain.command("who is blocked");
  unit.press();
  expect(brain.daemon.state.call.at).not.toBe("ringing");
});

test("a PIN that is taken away, or changed, ends what was being entered and is told at the next word", async () => {
  await using unit = await makeUnit();
  const { brain } = unit;
  brain.command("unblock Ana");
  unit.digits("390");
  unit.pin.off();
  brain.daemon.dispatch({ type: "pin-set", looser: true });
  expect(brain.daemon.state.dialog).toMatchObject({ wish: null, pin: null });
  await unit.enter("5");
  expect(brain.daemon.state.book?.blocks).toHaveLength(1);
  brain.forget();
  expect(brain.untold.loosened).toBe(1);
  brain.command("who called");
  expect(brain.says()).toEqual(["Nobody called.", loosened(1)]);
  brain.command("unblock Ana");
  expect(brain.says().at(-1)).toBe("To unblock Ana, hold the button.");
  unit.hold();
  expect(brain.daemon.state.book?.blocks).toEqual([]);
});
