import type { Random } from "../../train-wake/clip.ts";
import type { Measured } from "../report.ts";
import type { Answered, Decoders } from "./decode.ts";
import { inNoise } from "./noisy.ts";
import type { Sound } from "./spoken.ts";

/** `every`: only every so many sentences and recordings. */
export type Listening = Readonly<{ decoders: Decoders; random: Random; every: number }>;
type Heard = Readonly<{ jsgf: string; sounds: readonly Sound[]; snrDb: number | null; noise: Int16Array }>;

export function listen({ decoders, random }: Listening, { jsgf, sounds, snrDb, noise }: Heard): Promise<Answered[]> {
  return decoders.decode(sounds.map((sound) => ({ jsgf, sound: inNoise(sound, noise, snrDb, random) })));
}

export function taken<T>(all: readonly T[], { every }: Pick<Listening, "every">): T[] {
  return all.filter((_, at) => at % every === 0);
}

export function levelOf(snrDb: number | null): string {
  return snrDb === null ? "clean" : `${snrDb} dB`;
}

export function share<T>(what: string, all: readonly T[], counted: T): Measured {
  const value = (100 * all.filter((each) => each === counted).length) / Math.max(1, all.length);
  return { what, value, unit: "%", budget: null };
}

export function count(what: string, value: number): Measured {
  return { what, value, unit: "count", budget: null };
}
