import type { Clock } from "#base/clock.ts";
import type { HalError } from "../hal-error.ts";
import { ask, HeldTool, refusal, type Tools } from "./gpiod-tools.ts";

/**
 * gpiomon tells of edges, not of levels, and a line that it holds cannot be read: an edge between reading and holding
 * would be missed. So levels are read anew soon after each start, and from time to time; whatever hangs or has lost
 * an edge (the kernel keeps 16) is put right by that.
 */
const FIRST_CHECK_MS = 1_000;
const CHECK_EACH_MS = 10_000;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;
/** What holds its lines for so long works. */
const SURVIVES_MS = 300;
/** More between two checks is no finger and no bounce: what babbles is let go of for a while. */
const MOST_EDGES = 2_000;

type WatchOptions = Readonly<{
  clock: Clock;
  tools: Tools;
  setpriv: string;
  chip: string;
  offsets: readonly number[];
  /** Null: it cannot be read. `atMs`: when an edge was, by the kernel's clock. */
  onLevel: (offset: number, high: boolean | null, atMs?: number) => void;
  onFault: (fault: HalError | null) => void;
}>;

/** How holding the lines ended: it is time to read them again, or something is wrong. */
type Ended = Readonly<{ how: "check" } | { how: "failed"; why: string }>;

/** Watches the inputs of one chip until it is disposed. */
export class GpiodWatch implements AsyncDisposable {
  /** Resolves once the levels were read for the first time, or could not be. */
  readonly settled: Promise<void>;
  readonly #options: WatchOptions;
  readonly #levels = new Map<number, boolean>();
  readonly #running: Promise<void>;
  #isWell = true;
  #isClosed = false;
  /** Ends what is waited for. */
  #interrupt: () => void = () => undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
    const settled = Promise.withResolvers<void>();
    this.settled = settled.promise;
    this.#running = this.#run(settled.resolve);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#interrupt();
    await this.#running;
  }

  async #run(settle: () => void): Promise<void> {
    let checkMs = FIRST_CHECK_MS;
    let retryMs = FIRST_RETRY_MS;
    while (!this.#isClosed) {
      const why = await this.#read();
      if (this.#isClosed) break;
      if (why === null && this.#isWell) this.#tell();
      if (why === null) settle();
      const ended: Ended = why === null ? await this.#hold(checkMs) : { how: "failed", why };
      if (ended.how === "check") {
        checkMs = CHECK_EACH_MS;
        retryMs = FIRST_RETRY_MS;
        continue;
      }
      this.#lose(ended.why);
      settle();
      await this.#pause(retryMs);
      checkMs = FIRST_CHECK_MS;
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
    }
    settle();
  }

  /** Reads every level; returns what is wrong. */
  async #read(): Promise<string | null> {
    const { tools, chip, offsets } = this.#options;
    const answer = await ask(tools, "gpioget", [chip, ...offsets.map(String)]);
    if (!answer.ok) return answer.why;
    const levels = answer.text.split(" ");
    if (levels.length !== offsets.length || !levels.every((level) => level === "0" || level === "1"))
      return `gpioget says what it should not: ${answer.text.slice(0, 80)}`;
    for (const [index, offset] of offsets.entries()) this.#levels.set(offset, levels[index] === "1");
    return null;
  }

  /** Follows the edges until it is time to check, or something is wrong. */
  async #hold(forMs: number): Promise<Ended> {
    const { clock, tools, setpriv, chip, offsets } = this.#options;
    if (this.#isClosed) return { how: "check" };
    const { promise, resolve } = Promise.withResolvers<Ended>();
    let edges = 0;
    let hasSurvived = false;
    const onLine = (line: string) => {
      const edge = parseEdge(line, offsets);
      edges += 1;
      if (edge === null) resolve({ how: "failed", why: `gpiomon says what it should not: ${line.slice(0, 80)}` });
      else if (edges > MOST_EDGES) resolve({ how: "failed", why: "its lines change all the time" });
      else this.#edge(edge);
    };
    const args = ["-b", "-F", "%e %o %s %n", chip, ...offsets.map(String)];
    const tool = new HeldTool({ setpriv, tools, tool: "gpiomon", args, onLine });
    void tool.ended.then((why) => resolve(hasSurvived ? { how: "check" } : { how: "failed", why }));
    const cancelCheck = clock.after(forMs, () => resolve({ how: "check" }));
    const cancelSurvival = clock.after(SURVIVES_MS, () => {
      hasSurvived = true;
      this.#recover();
    });
    this.#interrupt = () => resolve({ how: "check" });
    const ended = await promise;
    cancelCheck();
    cancelSurvival();
    await tool.stop();
    return ended;
  }

  #edge({ offset, high, atMs }: Edge): void {
    this.#levels.set(offset, high);
    if (this.#isWell) this.#options.onLevel(offset, high, atMs);
  }

  #tell(): void {
    for (const [offset, high] of this.#levels) this.#options.onLevel(offset, high);
  }

  #recover(): void {
    if (this.#isWell) return;
    this.#isWell = true;
    this.#options.onFault(null);
    this.#tell();
  }

  #lose(why: string): void {
    const { chip, offsets, onLevel, onFault } = this.#options;
    this.#isWell = false;
    onFault(refusal(`${chip} cannot be watched`, why));
    for (const offset of offsets) onLevel(offset, null);
  }

  #pause(ms: number): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(ms, resolve);
      this.#interrupt = () => {
        cancel();
        resolve();
      };
    });
  }
}

type Edge = Readonly<{ offset: number; high: boolean; atMs: number }>;

/** What `gpiomon -F "%e %o %s %n"` prints for an edge: 1 rising or 0 falling, the offset, seconds and nanoseconds. */
function parseEdge(line: string, offsets: readonly number[]): Edge | null {
  const match = /^([01]) (\d{1,4}) (\d{1,12}) (\d{1,9})$/.exec(line);
  const [offset, seconds, nanoseconds] = [Number(match?.[2]), Number(match?.[3]), Number(match?.[4])];
  if (match === null || !offsets.includes(offset)) return null;
  return { offset, high: match[1] === "1", atMs: seconds * 1_000 + nanoseconds / 1e6 };
}
