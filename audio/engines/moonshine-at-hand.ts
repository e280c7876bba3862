import { existsSync } from "node:fs";
import { AudioError } from "../audio-error.ts";
import { MOONSHINE_FILES, Moonshine } from "./moonshine.ts";

/** It holds some 60 MB and takes 0.3 s to load: kept for a dialog's next answer, and no longer. */
const KEPT_MS = 60_000;

/** Moonshine while somebody speaks to the unit. */
export class MoonshineAtHand implements AsyncDisposable {
  readonly #keptMs: number;
  #opened: Promise<Moonshine> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #uses = 0;

  /** An AudioError `model-missing` where it is not installed. */
  constructor(keptMs: number = KEPT_MS) {
    for (const file of Object.values(MOONSHINE_FILES)) {
      if (existsSync(file)) continue;
      throw new AudioError("model-missing", `${file} is missing: the npm package @moonshine-ai/moonshine-js has it`, {
        file,
      });
    }
    this.#keptMs = keptMs;
  }

  get isLoaded(): boolean {
    return this.#opened !== null;
  }

  /** Somebody begins to speak: it is loaded until they are done. */
  prepare(): void {
    if (this.#opened === null) {
      const opened = Moonshine.open();
      this.#opened = opened;
      // Whoever asks for evidence gets the error; the next utterance tries again.
      opened.catch(() => {
        if (this.#opened === opened) this.#opened = null;
      });
    }
    this.#keep();
  }

  /** As `Moonshine.evidence`. */
  async evidence(sound: Int16Array, sentences: readonly string[]): Promise<number[] | null> {
    this.prepare();
    this.#uses += 1;
    try {
      const moonshine = await this.#opened;
      return (await moonshine?.evidence(sound, sentences)) ?? null;
    } finally {
      this.#uses -= 1;
      this.#keep();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#letGo();
  }

  #keep(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#uses === 0) void this.#letGo();
    }, this.#keptMs);
    this.#timer.unref();
  }

  async #letGo(): Promise<void> {
    const opened = this.#opened;
    this.#opened = null;
    const moonshine = await opened?.catch(() => null);
    await moonshine?.[Symbol.asyncDispose]();
  }
}
