import type { Clock } from "#base/clock.ts";
import { AudioError } from "../audio-error.ts";
import { FRAME_MS, FRAME_SAMPLES } from "../frame.ts";
import { alsaError, ERRNO } from "./alsa-error.ts";
import type { Direction } from "./alsa-library.ts";
import { AlsaLoudspeaker } from "./alsa-loudspeaker.ts";
import { AlsaMicrophone } from "./alsa-microphone.ts";
import { Beat } from "./beat.ts";
import { chooseDevices } from "./choose.ts";
import type { SoundDevice, Tick } from "./io.ts";

/** A microphone or a loudspeaker that moves nothing for so long is stuck. */
const STUCK_MS = 1_000;
/** The first sound may take longer: a sound server starts its devices when they are used. */
const FIRST_SOUND_MS = 5_000;
/** A poll that comes so late was held up by us: the device is not to blame. */
const HELD_UP_MS = 300;
/** Most frames taken in one go. */
const MOST_AT_ONCE = 20;
/** Sound is heard up to so much later than it could be: with 1 ms there were four polls a tick. */
const SHORTEST_WAIT_MS = 3;

export type AlsaOptions = Readonly<{
  clock: Clock;
  /** PCMs as ALSA names them; what is left out is chosen. */
  capture?: string | undefined;
  playback?: string | undefined;
  channel?: number | undefined;
  channels?: number | undefined;
}>;
type Running = Readonly<{ microphone: AlsaMicrophone; loudspeaker: AlsaLoudspeaker }>;

/**
 * A sound card by libasound, in the process itself: what waits in the card is known and bounded, which a pipe to
 * `aplay` hides (two seconds fit into it), and one process costs less than three. The microphone's clock is the beat:
 * each 10 ms it has make one tick. Whatever may wait for a driver or a server runs on another thread.
 */
export class Alsa implements SoundDevice {
  readonly #options: AlsaOptions;
  readonly #beat = new Beat();
  readonly #microphoneFrame = new Int16Array(FRAME_SAMPLES);
  readonly #playbackFrame = new Int16Array(FRAME_SAMPLES);
  #running: Running | null = null;
  #recovering: Promise<void> | null = null;
  #cancelPoll: () => void = () => undefined;
  #polledMs = 0;
  #soundMs = 0;
  readonly #lost = (cause: unknown): void => this.#fail(cause);

  constructor(options: AlsaOptions) {
    this.#options = options;
  }

  /** What is written now is played so many milliseconds later; without what lies between the card and the air. */
  get delayMs(): number {
    return FRAME_MS + (this.#running?.loudspeaker.fillMs ?? 0);
  }

  async start(tick: Tick, onFailure: (error: AudioError) => void): Promise<void> {
    await using opening = new AsyncDisposableStack();
    const { clock } = this.#options;
    const choice = await chooseDevices(this.#options);
    const microphone = opening.use(await AlsaMicrophone.open({ clock, ...choice, name: choice.capture }));
    const loudspeaker = opening.use(await AlsaLoudspeaker.open(clock, choice.playback));
    const { promise: heard, resolve, reject } = Promise.withResolvers<void>();
    let isHeard = false;
    this.#beat.start(
      (frame, playback) => {
        if (!isHeard) resolve();
        isHeard = true;
        tick(frame, playback);
      },
      (error) => (isHeard ? onFailure(error) : reject(error)),
    );
    await microphone.pcm.start();
    this.#running = { microphone, loudspeaker };
    this.#polledMs = clock.monotonicMs();
    this.#soundMs = this.#polledMs + FIRST_SOUND_MS - STUCK_MS;
    this.#poll();
    await heard.catch((cause: unknown) => {
      this.#running = null;
      throw cause;
    });
    opening.move();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#beat.stop();
    this.#cancelPoll();
    const running = this.#running;
    this.#running = null;
    await this.#recovering?.catch(() => undefined);
    if (running === null) return;
    await Promise.all([running.microphone[Symbol.asyncDispose](), running.loudspeaker[Symbol.asyncDispose]()]);
  }

  #poll(): void {
    const running = this.#running;
    if (running === null || !this.#beat.running) return;
    const { clock } = this.#options;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#polledMs > HELD_UP_MS) this.#soundMs = Math.max(this.#soundMs, nowMs);
    this.#polledMs = nowMs;
    if (this.#recovering === null) this.#take(running);
    if (nowMs - this.#soundMs > STUCK_MS) this.#failWith("capture", ERRNO.ETIMEDOUT);
    if (running.loudspeaker.refusedMs > STUCK_MS) this.#failWith("playback", ERRNO.ETIMEDOUT);
    if (!this.#beat.running) return;
    const waitMs = this.#recovering === null ? running.microphone.dueInMs() : FRAME_MS;
    this.#cancelPoll = clock.after(Math.max(SHORTEST_WAIT_MS, waitMs), () => this.#poll());
  }

  #take({ microphone, loudspeaker }: Running): void {
    for (let frame = 0; frame < MOST_AT_ONCE && this.#beat.running; frame += 1) {
      const taken = microphone.take(this.#microphoneFrame);
      if (taken === -ERRNO.EPIPE || taken === -ERRNO.ESTRPIPE) this.#startAnew(microphone);
      else if (typeof taken === "number") this.#failWith("capture", -taken);
      if (taken !== true) return;
      this.#soundMs = this.#polledMs;
      this.#beat.tick(this.#microphoneFrame, this.#playbackFrame);
      if (!this.#beat.running) return;
      const written = loudspeaker.write(this.#playbackFrame, this.#lost);
      if (written < 0) this.#failWith("playback", -written);
    }
  }

  /** We were too slow for the microphone: what it heard meanwhile is lost. */
  #startAnew({ pcm }: AlsaMicrophone): void {
    this.#recovering = pcm.prepare().then(() => pcm.start());
    this.#recovering.catch(this.#lost).finally(() => {
      this.#recovering = null;
    });
  }

  #failWith(direction: Direction, errno: number): void {
    const running = this.#running;
    const { name } = (direction === "capture" ? running?.microphone : running?.loudspeaker)?.pcm ?? { name: "gone" };
    this.#fail(alsaError(-errno, direction, name));
  }

  #fail(cause: unknown): void {
    this.#beat.fail(
      cause instanceof AudioError ? cause : new AudioError("device-failed", "the sound card failed", {}, cause),
    );
  }
}
