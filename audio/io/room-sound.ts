import { FRAME_SAMPLES, type Frame16k } from "../frame.ts";
import { saturate } from "../level.ts";
import type { Loudspeaker as LoudspeakerOptions, Reverb } from "../protocol.ts";
import { EchoPath } from "./echo-path.ts";
import { Loudspeaker } from "./loudspeaker.ts";
import { openReverb, type Ways } from "./reverb.ts";
import { makeWhiteNoise } from "./white-noise.ts";

export type RoomSoundOptions = Readonly<{
  echoDb: number;
  echoDelayMs: number;
  noiseDbfs: number;
  reverb?: Reverb | undefined;
  loudspeaker?: LoudspeakerOptions | undefined;
}>;

/**
 * What a room does to sound, without a clock: as fast as one likes, the same each time. All sound is mono, 16 kHz;
 * nothing is allocated per frame.
 */
export class RoomSound implements Disposable {
  readonly #loudspeaker: Loudspeaker | null;
  readonly #echo: Pick<EchoPath, "pass">;
  readonly #ways: Ways | null;
  readonly #noise: Int16Array;
  readonly #sum = new Float64Array(FRAME_SAMPLES);
  #noiseNext = 0;

  private constructor(noiseDbfs: number, loudspeaker: Loudspeaker | null, ways: Ways | EchoPath) {
    this.#loudspeaker = loudspeaker;
    this.#ways = ways instanceof EchoPath ? null : ways;
    this.#echo = ways instanceof EchoPath ? ways : ways.echo;
    this.#noise = makeWhiteNoise(noiseDbfs);
  }

  /** A RangeError says what is wrong with a room that cannot be. */
  static async open({ reverb, loudspeaker, echoDb, echoDelayMs, noiseDbfs }: RoomSoundOptions): Promise<RoomSound> {
    const between = loudspeaker === undefined ? null : new Loudspeaker(loudspeaker);
    const delayMs = echoDelayMs - (between?.delayMs ?? 0);
    if (delayMs < 0)
      throw new RangeError(
        `with such a loudspeaker the echo needs ${between?.delayMs} ms at least, not ${echoDelayMs}`,
      );
    const ways = reverb === undefined ? new EchoPath(echoDb, delayMs) : await openReverb(reverb, echoDb, delayMs);
    return new RoomSound(noiseDbfs, between, ways);
  }

  /**
   * 10 ms: `playing` leaves the loudspeaker, people say `voices` (in units of 16-bit samples, as loud as they are at
   * the microphone), and `microphone` is written with what it hears of all that and of what was before.
   */
  step(playing: Frame16k, voices: Float64Array, microphone: Frame16k): void {
    const sum = this.#sum;
    if (this.#ways === null) sum.set(voices);
    else this.#ways.voice.pass(voices, sum.fill(0));
    for (let index = 0; index < FRAME_SAMPLES; index += 1) {
      sum[index] = (sum[index] ?? 0) + (this.#noise[this.#noiseNext] ?? 0);
      this.#noiseNext = (this.#noiseNext + 1) % this.#noise.length;
    }
    this.#echo.pass(this.#loudspeaker?.play(playing) ?? playing, sum);
    for (let index = 0; index < FRAME_SAMPLES; index += 1) microphone[index] = saturate(sum[index] ?? 0);
  }

  [Symbol.dispose](): void {
    this.#ways?.echo[Symbol.dispose]();
    this.#ways?.voice[Symbol.dispose]();
  }
}
