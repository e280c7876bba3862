import { openSync, writeSync } from "node:fs";

/** One thing that was done to a unit, or found out about it. */
export type Step = Readonly<{ what: string; outcome: "ok" | "failed" | "skipped"; detail: string }>;

/** What is said while one unit is worked on: to people on standard error, to a log file as JSON lines. */
export interface Teller {
  step(step: Step): void;
  /** Something under way; `share` from 0 to 1. */
  progress(share: number, text: string): void;
}

export type JournalOptions = Readonly<{
  /** A JSON line an entry is added here. */
  logFile: string | undefined;
  /** Several units at once: every line says whose it is, and there are no bars. */
  several: boolean;
  quiet: boolean;
  err: NodeJS.WritableStream & { isTTY?: boolean };
}>;

const BAR_WIDTH = 30;
/** Where no bar can be drawn, a line is written each time so much more is done. */
const EVERY = 0.05;

export class Journal {
  readonly #options: JournalOptions;
  readonly #file: number | null;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#file = options.logFile === undefined ? null : openSync(options.logFile, "a", 0o600);
  }

  for(port: string): Teller & { readonly steps: readonly Step[] } {
    const steps: Step[] = [];
    let said = -1;
    const { err, several, quiet } = this.#options;
    const prefix = several ? `${port}: ` : "";
    const hasBar = err.isTTY === true && !several && !quiet;
    return {
      steps,
      step: (step) => {
        steps.push(step);
        this.#log({ port, ...step });
        if (quiet) return;
        const mark = { ok: "ok     ", failed: "FAILED ", skipped: "skipped" }[step.outcome];
        err.write(`${hasBar ? "\r\u001b[K" : ""}${prefix}${mark} ${step.what}${step.detail && `: ${step.detail}`}\n`);
      },
      progress: (share, text) => {
        if (share < said + EVERY && share < 1 && share > said && !hasBar) return;
        if (!hasBar && share <= said) return;
        said = share;
        const percent = Math.floor(share * 100);
        if (!hasBar) {
          this.#log({ port, what: "progress", percent, detail: text });
          if (!quiet) err.write(`${prefix}${percent} % ${text}\n`);
          return;
        }
        const bar = "#".repeat(Math.round(share * BAR_WIDTH)).padEnd(BAR_WIDTH, ".");
        err.write(`\r[${bar}] ${percent} % ${text}\u001b[K`);
      },
    };
  }

  #log(entry: Readonly<Record<string, unknown>>): void {
    if (this.#file !== null) writeSync(this.#file, `${JSON.stringify({ at: new Date().toISOString(), ...entry })}\n`);
  }
}
