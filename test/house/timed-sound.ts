import { Mixer } from "#audio/mixer.ts";

/**
 * Loaded into an audio process before all else: it then tells whenever its loudspeaker begins to sound after silence,
 * in the only report that says a time at which something is heard (and that names no leg there is).
 */
const NO_LEG = "00".repeat(16);
// oxlint-disable-next-line typescript/unbound-method -- it is called with the `this` that it is given
const { mix } = Mixer.prototype;
let isSilent = true;
Mixer.prototype.mix = function timed(this: Mixer, out) {
  mix.call(this, out);
  const isHeard = out.some((sample) => sample !== 0);
  if (isHeard && isSilent)
    process.send?.({ type: "leg-sound", leg: NO_LEG, atMs: performance.timeOrigin + performance.now() });
  isSilent = !isHeard;
};
