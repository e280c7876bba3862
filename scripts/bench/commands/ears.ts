import { cpus } from "node:os";
import type { Alike } from "#device/voice/states.ts";

/** Mono, 16 kHz; made when it is asked for. */
export type Sound = () => Promise<Int16Array>;
/** As the ears tell the brain; `text` null: nothing that the grammar knows. */
export type Words = Readonly<{
  text: string | null;
  score: number;
  alike: readonly Alike[];
  nameMargin: number | null;
}>;
/** `cpuMs`: what all of it took; `endCpuMs`: of that, after the end of the sound. */
export type Heard = Words & Readonly<{ cpuMs: number; endCpuMs: number }>;
export type Answered = Heard & Readonly<{ soundMs: number }>;

/** A recogniser that is measured: sound goes in, what was heard comes out. */
export interface Ears extends AsyncDisposable {
  /** One utterance, all of it; the next only once this one was answered. `jsgf`: what may be said. */
  hear(samples: Int16Array, jsgf: string): Promise<Heard>;
}

/** A recogniser that has heard nothing yet. */
export type OpenEars = () => Ears;

/**
 * By one recogniser for each core; the answers stand in the order of the sounds. A recogniser may remember the
 * utterance before: so who hears what does not depend on who is faster, and each list has recognisers of its own.
 */
export async function hearAll(open: OpenEars, jsgf: string, sounds: readonly Sound[]): Promise<Answered[]> {
  await using stack = new AsyncDisposableStack();
  const ears = cpus().map(() => stack.use(open()));
  const answers: Answered[] = [];
  const lanes = ears.map(async (ear, lane) => {
    for (let at = lane; at < sounds.length; at += ears.length) {
      const samples = await sounds[at]?.();
      if (samples === undefined) return;
      answers[at] = { soundMs: samples.length / 16, ...(await ear.hear(samples, jsgf)) };
    }
  });
  await Promise.all(lanes);
  return answers;
}
