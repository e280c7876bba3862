import { expect, test } from "vitest";
import { obey } from "#audio/commands.ts";
import { Legs } from "#audio/peer/legs.ts";
import { noLog as log } from "#base/log.ts";
import { parseBoard } from "#hal/board-file.ts";
import { SCENES } from "#hal/hal.ts";
import { openLinuxBoard } from "#hal/linux/linux-board.ts";
import { openOnoff } from "#hal/linux/onoff.ts";
import { Brain } from "#test/house/brain.ts";
import { FakeSysfs } from "#test/house/fake-sysfs.ts";
import { build } from "../audio/built-pipeline.ts";

const [BUTTON, MUTE, LED] = [17, 27, 22];

/**
 * From the switch's wire through driver, brain and commands to the real pipeline, with a probe at each border that a
 * frame of the microphone may cross: the wake word's, the recogniser's, WebRTC's.
 */
async function makeUnit({ obeysMute }: { obeysMute: boolean }) {
  const [brain, sysfs, sound] = [new Brain(), new FakeSysfs(), build()];
  const scenes = Object.fromEntries(SCENES.slice(1).map((scene) => [scene, ["led"]]));
  const parsed = parseBoard("linux", {
    button: { line: { gpio: BUTTON } },
    mute: { line: { gpio: MUTE } },
    lights: { type: "lines", leds: { led: { line: { gpio: LED } } }, scenes },
  });
  if (!parsed.ok || parsed.board.type !== "linux") throw new Error("no board");
  const openGpio: typeof openOnoff = (options) => openOnoff({ ...options, load: async () => sysfs });
  const hal = await openLinuxBoard(parsed.board, { clock: brain.clock, log, openGpio });
  hal.mute.onChange((engaged) => brain.daemon.dispatch({ type: "mute", engaged }));
  const report = () => undefined;
  const legs = new Legs({ clock: sound.clock, loadWrtc: () => Promise.reject(new Error("no call here")), report });
  const parts = { ...sound, legs, room: null, report, setWake: report, leave: report };
  const settle = async () => {
    brain.clock.advance(50);
    for (const command of brain.commands.splice(0)) {
      const isMute = command.type === "set-mute";
      if (isMute && obeysMute) await obey(command, parts);
    }
  };
  await settle();
  return {
    /** Everything that makes frames cross a border: silence, the wake word, a command, a question's answer, a call. */
    live: async () => {
      await sound.run(300);
      sound.wake.wake();
      await sound.speak(300, 800);
      sound.pipeline.listen(1_000);
      await sound.speak(300, 800);
      await sound.run(300);
    },
    crossed: () => ({
      wake: sound.wake.frames10ms,
      recogniser: sound.recogniser.all10ms,
      webrtc: sound.farEnd.sent.filter((frame) => frame !== null).length,
    }),
    turn: async (engaged: boolean) => {
      sysfs.set(MUTE, engaged ? 1 : 0);
      await settle();
    },
    hal,
  };
}

test("while the mute switch is engaged no frame reaches the wake word, the recogniser or WebRTC", async () => {
  const unit = await makeUnit({ obeysMute: true });
  await unit.live();
  const open = unit.crossed();
  expect(Math.min(open.wake, open.recogniser, open.webrtc)).toBeGreaterThan(20);
  await unit.turn(true);
  await unit.live();
  expect(unit.crossed()).toEqual(open);
  await unit.turn(false);
  await unit.live();
  const again = unit.crossed();
  expect(
    Math.min(again.wake - open.wake, again.recogniser - open.recogniser, again.webrtc - open.webrtc),
  ).toBeGreaterThan(20);
  await unit.hal[Symbol.asyncDispose]();
});

test("the control: where the switch is ignored, frames cross all three borders", async () => {
  const unit = await makeUnit({ obeysMute: false });
  await unit.turn(true);
  expect(unit.hal.mute.engaged).toBe(true);
  const before = unit.crossed();
  await unit.live();
  const after = unit.crossed();
  expect(
    Math.min(after.wake - before.wake, after.recogniser - before.recogniser, after.webrtc - before.webrtc),
  ).toBeGreaterThan(20);
  await unit.hal[Symbol.asyncDispose]();
});
