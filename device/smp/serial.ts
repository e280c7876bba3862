import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import { type Line, openLine } from "./line.ts";
import type { Rights } from "./rights.ts";
import { type Command, SmpServer } from "./server.ts";

export type SerialOptions = Readonly<{
  port: string;
  baudRate: number;
  commands: readonly Command[];
  rights: Rights;
  clock: Clock;
  log: Log;
}>;

const LONGEST_WAIT_MS = 30_000;

/** Answers on a serial line for as long as it is not disposed; a line that ends, or is not there yet, is opened again. */
export class SerialService implements AsyncDisposable {
  readonly #options: SerialOptions;
  #line: Line | null = null;
  #server: SmpServer | null = null;
  #cancelWait: (() => void) | null = null;
  #over = false;

  constructor(options: SerialOptions) {
    this.#options = options;
    void this.#open(1_000);
  }

  get counts(): Readonly<Record<string, number>> {
    return this.#server?.counts ?? {};
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true;
    this.#cancelWait?.();
    await this.#line?.[Symbol.asyncDispose]();
  }

  async #open(waitMs: number): Promise<void> {
    const { port, baudRate, commands, rights, clock, log } = this.#options;
    const opened = await openLine(port, baudRate);
    if (!opened.ok) {
      if (this.#over) return;
      log.warn({ why: opened.why }, "the serial line cannot be opened");
      const next = Math.min(waitMs * 2, LONGEST_WAIT_MS);
      this.#cancelWait = clock.after(waitMs, () => void this.#open(next));
      return;
    }
    const { line } = opened;
    if (this.#over) return line[Symbol.asyncDispose]();
    const server = new SmpServer({ commands, rights, log, send: (bytes) => line.write(bytes) });
    this.#line = line;
    this.#server = server;
    line.onBytes((bytes) => server.receive(bytes));
    line.onEnd((why) => {
      this.#line = null;
      if (this.#over) return;
      log.warn({ why }, "the serial line ended");
      this.#cancelWait = clock.after(1_000, () => void this.#open(1_000));
    });
    log.info("the serial line is open");
  }
}
