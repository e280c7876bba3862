import type { Clock } from "#base/clock.ts";
import type { Lights, Scene } from "./hal.ts";
import { HalError } from "./hal-error.ts";

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;

type SceneLightsOptions = Readonly<{
  clock: Clock;
  /** Makes the lights show it; rejects where they refuse. */
  apply: (scene: Scene) => Promise<void>;
  onFault: (fault: HalError | null) => void;
}>;

/** Lights that take a while: one change at a time, the last scene asked for wins, and it is tried until it shows. */
export class SceneLights implements Lights, AsyncDisposable {
  readonly #options: SceneLightsOptions;
  #wanted: Scene = "off";
  #shown: Scene | null = null;
  #working: Promise<void> | null = null;
  #retryMs = FIRST_RETRY_MS;
  #cancelRetry: (() => void) | null = null;
  #over = false;

  constructor(options: SceneLightsOptions) {
    this.#options = options;
  }

  show(scene: Scene): void {
    if (this.#over) return;
    this.#wanted = scene;
    this.#start();
  }

  /** They may show something else than they were told: they are told again, though not all the time. */
  renew(): void {
    if (this.#over) return;
    this.#shown = null;
    this.#retry();
  }

  /** Dark, if they still obey. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#over) return;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.show("off");
    this.#over = true;
    while (this.#working !== null) await this.#working;
  }

  #start(): void {
    if (this.#working !== null || this.#cancelRetry !== null || this.#wanted === this.#shown) return;
    this.#working = this.#work().then((isShown) => {
      this.#working = null;
      if (isShown) this.#start();
    });
  }

  async #work(): Promise<boolean> {
    const scene = this.#wanted;
    try {
      await this.#options.apply(scene);
    } catch (error) {
      this.#failed(error);
      return false;
    }
    this.#shown = scene;
    this.#retryMs = FIRST_RETRY_MS;
    this.#options.onFault(null);
    return true;
  }

  #failed(cause: unknown): void {
    const why = cause instanceof Error ? cause.message : String(cause);
    this.#shown = null;
    this.#options.onFault(
      cause instanceof HalError ? cause : new HalError("board-failed", `the lights do not obey: ${why}`, {}, cause),
    );
    if (this.#over) return;
    this.#retry();
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
  }

  #retry(): void {
    this.#cancelRetry ??= this.#options.clock.after(this.#retryMs, () => {
      this.#cancelRetry = null;
      this.#start();
    });
  }
}
