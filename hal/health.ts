import type { Log } from "#base/log.ts";
import type { HalError } from "./hal-error.ts";

/** What is wrong with the parts of a board, and a line in the log when that changes. */
export class Health<Part extends string> {
  readonly #log: Log;
  readonly #faults = new Map<Part, HalError>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** The oldest of what is wrong. */
  get fault(): HalError | null {
    const [oldest] = this.#faults.values();
    return oldest ?? null;
  }

  set(part: Part, fault: HalError | null): void {
    const before = this.#faults.get(part);
    if (fault === null) {
      if (this.#faults.delete(part)) this.#log.info({ of: part }, "the board is well again");
      return;
    }
    this.#faults.set(part, fault);
    if (before?.message !== fault.message)
      this.#log.error({ of: part, code: fault.code, fault: fault.message }, "the board");
  }
}
