/**
 * The newest samples of an endless stream (mono PCM, signed 16 bit), in memory made once. Old samples are
 * overwritten; nothing is allocated afterwards.
 */
export class RingBuffer {
  readonly #samples: Int16Array;
  #next = 0;
  #held = 0;

  constructor(capacity: number) {
    this.#samples = new Int16Array(capacity);
  }

  get capacity(): number {
    return this.#samples.length;
  }

  /** How many samples `readBack` can reach. */
  get held(): number {
    return this.#held;
  }

  /** Copies `samples` in; of more than the capacity only the newest stay. */
  push(samples: Int16Array): void {
    const capacity = this.#samples.length;
    const kept = samples.length > capacity ? samples.subarray(samples.length - capacity) : samples;
    const untilEnd = Math.min(kept.length, capacity - this.#next);
    if (untilEnd === kept.length) {
      this.#samples.set(kept, this.#next);
    } else {
      this.#samples.set(kept.subarray(0, untilEnd), this.#next);
      this.#samples.set(kept.subarray(untilEnd), 0);
    }
    this.#next = (this.#next + kept.length) % capacity;
    this.#held = Math.min(capacity, this.#held + kept.length);
  }

  /**
   * Fills `out` with the samples that begin `samplesBack` before the end of the stream. False, and `out` untouched,
   * where that reaches before the beginning or past the end.
   */
  readBack(samplesBack: number, out: Int16Array): boolean {
    if (samplesBack > this.#held || out.length > samplesBack) return false;
    const capacity = this.#samples.length;
    const from = (this.#next - samplesBack + capacity) % capacity;
    const untilEnd = Math.min(out.length, capacity - from);
    for (let index = 0; index < untilEnd; index += 1) out[index] = this.#samples[from + index] ?? 0;
    for (let index = untilEnd; index < out.length; index += 1) out[index] = this.#samples[index - untilEnd] ?? 0;
    return true;
  }

  /** Forgets everything, so that nothing heard before can be read again. */
  clear(): void {
    this.#samples.fill(0);
    this.#next = 0;
    this.#held = 0;
  }
}
