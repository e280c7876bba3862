import { SCENES } from "#hal/hal.ts";

/** A board that a rig may work, on lines of one chip: one light for every scene. */
export const LINES = { jumper: 1, light: 2, button: 3, mute: 4, led: 5 } as const;

const line = (offset: number) => ({ line: { chip: "gpiochip0", offset } });

export const BENCH_BOARD = {
  button: line(LINES.button),
  mute: line(LINES.mute),
  lights: {
    type: "lines",
    leds: { red: line(LINES.led) },
    scenes: Object.fromEntries(SCENES.slice(1).map((scene) => [scene, ["red"]])),
  },
  bench: { jumper: line(LINES.jumper), light: line(LINES.light) },
};
