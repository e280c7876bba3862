import { CommandDecoder, type CommandHeard } from "#audio/engines/command-decoder.ts";
import { PRE_ROLL_MS } from "#audio/engines/spoken-grammar.ts";
import { SileroVoice } from "#audio/engines/vad-silero.ts";
import { EmbeddingWake } from "#audio/engines/wake-embedding.ts";
import { FRAME_SAMPLES, RATE_HZ } from "#audio/frame.ts";
import { spoke, startUtterance, stepUtterance } from "#audio/utterance.ts";

/** After the wake word, how long to wait for a command: as on a unit. */
const PATIENCE_MS = 4_000;
/** Sound goes to the decoders in pieces, as on a unit. */
const PIECE_SAMPLES = 800;

export type Listened = Readonly<{
  /** When the wake word was detected, in seconds from the start; empty where it was not looked for. */
  wake: readonly number[];
  text: string | null;
  score: number;
}>;

/** The ears of a unit without its clock: what they would hear, as fast as the machine goes. */
export class Listener implements AsyncDisposable {
  readonly #decoder: CommandDecoder;
  readonly #ears: Readonly<{ wake: EmbeddingWake; voice: SileroVoice }> | null;
  #wakeHeard = false;
  #ended = false;
  #utterance = startUtterance(PATIENCE_MS);

  private constructor(decoder: CommandDecoder, ears: Readonly<{ wake: EmbeddingWake; voice: SileroVoice }> | null) {
    this.#decoder = decoder;
    this.#ears = ears;
    ears?.wake.onWake(() => {
      this.#wakeHeard = true;
    });
    ears?.voice.onProbability((probability) => {
      const { utterance, ended } = stepUtterance(this.#utterance, probability);
      this.#utterance = utterance;
      this.#ended ||= ended !== null;
    });
  }

  static async open(jsgf: string, withWake: boolean): Promise<Listener> {
    const decoder = await CommandDecoder.open();
    decoder.setGrammar(jsgf);
    const ears = withWake ? { wake: await EmbeddingWake.open(), voice: await SileroVoice.open() } : null;
    return new Listener(decoder, ears);
  }

  /** The first command of a recording. Without a wake word to look for, all of it is one utterance. */
  async listen(sound: Int16Array): Promise<Listened> {
    if (this.#ears === null) return { wake: [], ...(await this.#decode(sound)) };
    const { wake, voice } = this.#ears;
    wake.reset();
    const times: number[] = [];
    let command: CommandHeard | null = null;
    let startedAt: number | null = null;
    for (let at = 0; at + FRAME_SAMPLES <= sound.length; at += FRAME_SAMPLES) {
      const frame = sound.subarray(at, at + FRAME_SAMPLES);
      this.#wakeHeard = false;
      wake.push(frame);
      await wake.settled();
      if (this.#wakeHeard) {
        times.push((at + FRAME_SAMPLES) / RATE_HZ);
        // A wake word in between begins anew; one after the command is only noted.
        if (command === null) startedAt = at + FRAME_SAMPLES;
        voice.reset();
        this.#utterance = startUtterance(PATIENCE_MS);
        this.#ended = false;
        continue;
      }
      if (startedAt === null || command !== null) continue;
      voice.push(frame);
      await voice.settled();
      if (this.#ended) command = await this.#command(sound, startedAt, at + FRAME_SAMPLES);
    }
    if (startedAt !== null && command === null) command = await this.#command(sound, startedAt, sound.length);
    return { wake: times, ...(command ?? NOT_HEARD) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#decoder[Symbol.asyncDispose]();
    await this.#ears?.wake[Symbol.asyncDispose]();
    await this.#ears?.voice[Symbol.asyncDispose]();
  }

  async #command(sound: Int16Array, wokenAt: number, end: number): Promise<CommandHeard> {
    if (!spoke(this.#utterance)) return NOT_HEARD;
    return this.#decode(sound.subarray(Math.max(0, wokenAt - (PRE_ROLL_MS * RATE_HZ) / 1_000), end));
  }

  #decode(sound: Int16Array): Promise<CommandHeard> {
    this.#decoder.start();
    for (let at = 0; at < sound.length; at += PIECE_SAMPLES) this.#decoder.feed(sound.subarray(at, at + PIECE_SAMPLES));
    return this.#decoder.finish();
  }
}

const NOT_HEARD = { text: null, score: 0, alike: [], nameMargin: null };
