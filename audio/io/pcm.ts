import type { Clock } from "#base/clock.ts";
import { AudioError } from "../audio-error.ts";
import { RATE_HZ } from "../frame.ts";
import { alsaError, ERRNO, thingOf } from "./alsa-error.ts";
import { alsaLibrary, type Direction, INTERLEAVED, NONBLOCK, type Pointer, S16_LE, STREAM } from "./alsa-library.ts";

/** 16 kHz as it is, else what our own resampler brings there in pieces of 10 ms; the first that the device does. */
export const RATES_HZ: readonly number[] = [RATE_HZ, 48_000, 32_000, 96_000, 44_100, 192_000];
/** More channels than any microphone array has: a PCM that offers so many converts them. */
export const MOST_CHANNELS = 32;
/** A server or a driver that answers no call for so long hangs. */
const PATIENCE_MS = 3_000;

export type PcmWish = Readonly<{
  clock: Clock;
  /** As ALSA names it: "default", "plughw:CARD=USB,DEV=0". */
  name: string;
  direction: Direction;
  /** How many channels to ask for; without it one, or as few as there are. */
  channels: number | null;
  /** Milliseconds of sound that the device may hold. */
  bufferMs: number;
}>;

/** What a device can do: nothing of it is converted by ALSA, unless the name asks for it ("plughw", "default"). */
export type PcmLimits = Readonly<{ leastChannels: number; mostChannels: number; ratesHz: readonly number[] }>;

/**
 * One direction of a sound card by libasound: interleaved PCM, signed 16 bit, in pieces of 10 ms. ALSA may convert the
 * format and copy channels, but not the rate: its converter folds what is above 8 kHz into voices.
 */
export class Pcm implements AsyncDisposable {
  readonly name: string;
  readonly direction: Direction;
  readonly #clock: Clock;
  readonly #handle: Pointer;
  /** A call on another thread, which must not find its device closed. */
  #underWay: Promise<unknown> = Promise.resolve();
  #rateHz = RATE_HZ;
  #channels = 1;
  #periodFrames = 0;
  #bufferFrames = 0;

  private constructor(wish: Pick<PcmWish, "clock" | "name" | "direction">, handle: Pointer) {
    this.name = wish.name;
    this.direction = wish.direction;
    this.#clock = wish.clock;
    this.#handle = handle;
  }

  /** Opens and sets it up, ready to start. Rejects with an AudioError that says what to do. */
  static async open(wish: PcmWish): Promise<Pcm> {
    const pcm = await openBare(wish, (handle) => new Pcm(wish, handle));
    try {
      await pcm.#setUp(wish);
      return pcm;
    } catch (cause) {
      await pcm[Symbol.asyncDispose]();
      throw cause;
    }
  }

  /** What it can do, and whether a sound server stands behind it; opens it for a moment. */
  static async probe(wish: Pick<PcmWish, "clock" | "name" | "direction">): Promise<PcmLimits & { served: boolean }> {
    await using pcm = await openBare(wish, (handle) => new Pcm(wish, handle));
    return await pcm.#limits();
  }

  get rateHz(): number {
    return this.#rateHz;
  }
  get channels(): number {
    return this.#channels;
  }
  /** The device hands sound over in pieces of so many frames. */
  get periodFrames(): number {
    return this.#periodFrames;
  }
  get bufferFrames(): number {
    return this.#bufferFrames;
  }

  /** Frames that can be read, or written; a negative errno where it does not run. */
  available(): number {
    return alsaLibrary().available(this.#handle);
  }

  /** Reads `frames` frames; answers how many, or a negative errno. */
  read(samples: Int16Array, frames: number): number {
    return alsaLibrary().read(this.#handle, samples, frames);
  }

  write(samples: Int16Array, frames: number): number {
    return alsaLibrary().write(this.#handle, samples, frames);
  }

  /** After it ran over or dry, or was suspended. What it held is lost. */
  async prepare(): Promise<void> {
    this.#check(await this.#inTime(alsaLibrary().prepare(this.#handle)));
  }

  async start(): Promise<void> {
    this.#check(await this.#inTime(alsaLibrary().start(this.#handle)));
  }

  /** Gives up waiting for a server that hangs: what it holds is freed when it goes on. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#underWay.then(() => alsaLibrary().close(this.#handle));
    await within(this.#clock, closed);
  }

  async #setUp(wish: PcmWish): Promise<void> {
    const alsa = alsaLibrary();
    await this.#withHardware(async (hardware) => {
      this.#check(alsa.setAccess(this.#handle, hardware, INTERLEAVED));
      this.#check(alsa.setFormat(this.#handle, hardware, S16_LE));
      this.#channels = this.#chooseChannels(wish.channels, hardware);
      this.#check(alsa.setChannels(this.#handle, hardware, this.#channels));
      this.#rateHz = this.#chooseRate(hardware);
      this.#check(alsa.setRate(this.#handle, hardware, this.#rateHz, 0));
      const period: [number] = [this.#rateHz / 100];
      const buffer: [number] = [(this.#rateHz * wish.bufferMs) / 1_000];
      this.#check(alsa.setPeriod(this.#handle, hardware, period, null));
      this.#check(alsa.setBuffer(this.#handle, hardware, buffer));
      this.#check(await this.#inTime(alsa.applyHardware(this.#handle, hardware)));
      [this.#periodFrames, this.#bufferFrames] = [period[0], buffer[0]];
    });
    this.#startOnlyWhenTold();
  }

  /** What the device can do, to be narrowed to what we want of it; ALSA's own converter of rates left out. */
  async #withHardware<T>(use: (hardware: Pointer) => T | Promise<T>): Promise<T> {
    const alsa = alsaLibrary();
    const box: [Pointer] = [null];
    this.#check(alsa.newHardware(box));
    const [hardware] = box;
    try {
      this.#check(alsa.anyHardware(this.#handle, hardware));
      this.#check(alsa.allowResampling(this.#handle, hardware, 0));
      return await use(hardware);
    } finally {
      // A call that hangs still reads them.
      void this.#underWay.then(() => alsa.freeHardware(hardware));
    }
  }

  #chooseChannels(wished: number | null, hardware: Pointer): number {
    const alsa = alsaLibrary();
    const least: [number] = [1];
    this.#check(alsa.leastChannels(hardware, least));
    const channels = wished ?? least[0];
    if (alsa.testChannels(this.#handle, hardware, channels) === 0) return channels;
    const most: [number] = [1];
    this.#check(alsa.mostChannels(hardware, most));
    throw new AudioError(
      "device-failed",
      `the ${thingOf(this.direction)} (${this.name}) has ${least[0]} to ${most[0]} channels, not ${channels}: say another "channel", or "channels"`,
    );
  }

  #chooseRate(hardware: Pointer): number {
    const rateHz = this.#ratesOf(hardware)[0];
    if (rateHz !== undefined) return rateHz;
    throw new AudioError(
      "wrong-rate",
      `the ${thingOf(this.direction)} (${this.name}) has no rate that Porter can use (${RATES_HZ.join(", ")} Hz): name another device, or one that converts, such as "plug:'${this.name}'"`,
    );
  }

  #ratesOf(hardware: Pointer): number[] {
    return RATES_HZ.filter((rateHz) => alsaLibrary().testRate(this.#handle, hardware, rateHz, 0) === 0);
  }

  /** A loudspeaker would start by itself with the first frame, and run dry. */
  #startOnlyWhenTold(): void {
    const alsa = alsaLibrary();
    const box: [Pointer] = [null];
    this.#check(alsa.newSoftware(box));
    const [software] = box;
    try {
      this.#check(alsa.currentSoftware(this.#handle, software));
      this.#check(alsa.setStart(this.#handle, software, 2 ** 30));
      this.#check(alsa.applySoftware(this.#handle, software));
    } finally {
      alsa.freeSoftware(software);
    }
  }

  #limits(): Promise<PcmLimits & { served: boolean }> {
    const alsa = alsaLibrary();
    return this.#withHardware((hardware) => {
      const [least, most]: [[number], [number]] = [[1], [1]];
      this.#check(alsa.leastChannels(hardware, least));
      this.#check(alsa.mostChannels(hardware, most));
      const served = alsa.typeName(alsa.typeOf(this.#handle)) === "IOPLUG";
      return { leastChannels: least[0], mostChannels: most[0], ratesHz: this.#ratesOf(hardware), served };
    });
  }

  #check(answer: number): void {
    if (answer < 0) throw alsaError(answer, this.direction, this.name);
  }

  async #inTime(answer: Promise<number>): Promise<number> {
    this.#underWay = answer.catch(() => undefined);
    const came = await within(this.#clock, answer);
    if (came === null) throw alsaError(-ERRNO.ETIMEDOUT, this.direction, this.name);
    return came;
  }
}

async function openBare(
  wish: Pick<PcmWish, "clock" | "name" | "direction">,
  make: (handle: Pointer) => Pcm,
): Promise<Pcm> {
  const alsa = alsaLibrary();
  const box: [Pointer] = [null];
  const opening = alsa.open(box, wish.name, STREAM[wish.direction], NONBLOCK);
  const answer = await within(wish.clock, opening);
  if (answer === null) {
    // Should it open after all, nobody wants it any more.
    void opening.then(async (late) => late < 0 || alsa.close(box[0]));
    throw alsaError(-ERRNO.ETIMEDOUT, wish.direction, wish.name);
  }
  if (answer < 0) throw alsaError(answer, wish.direction, wish.name);
  return make(box[0]);
}

/** Null where the answer is not there in time. */
async function within(clock: Clock, answer: Promise<number>): Promise<number | null> {
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  const cancel = clock.after(PATIENCE_MS, () => resolve(null));
  answer.then(resolve, reject);
  return promise.finally(cancel);
}
