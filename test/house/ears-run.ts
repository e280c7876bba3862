import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { AudioConfig, type Report } from "#audio/protocol.ts";
import { systemClock } from "#base/clock.ts";
import { noLog } from "#base/log.ts";
import { type Ears, type EarsOptions, startEars } from "#device/ears.ts";
import type { Oddity } from "./odd-ears-ways.ts";

const ODD_EARS = fileURLToPath(new URL("./odd-ears.ts", import.meta.url));

type Seen = Readonly<{ atMs: number; what: Report | "death" | "failing" | "steady" }>;

/** The brain's side of an audio process, real or odd, with everything that it was told. */
export class EarsRun implements AsyncDisposable {
  readonly ears: Ears;
  readonly seen: Seen[] = [];
  idle = true;

  constructor(oddity: Oddity | null, options: Partial<EarsOptions> = {}) {
    const see = (what: Seen["what"]): void => {
      this.seen.push({ atMs: performance.now(), what });
    };
    const config = { io: { type: "room" }, ...(oddity !== null && { wakeHead: JSON.stringify(oddity) }) };
    this.ears = startEars({
      config: v.parse(AudioConfig, config),
      data: "",
      clock: systemClock,
      log: noLog,
      onReport: (report) => {
        see(report);
        // As the brain does: it is deaf until it has been told.
        if (report.type === "ready") this.ears.send({ type: "set-mute", engaged: false });
      },
      onDeath: () => see("death"),
      onHealth: (failing) => see(failing ? "failing" : "steady"),
      isIdle: () => this.idle,
      ...(oddity !== null && { program: ODD_EARS }),
      ...options,
    });
  }

  count(what: "death" | "failing" | "steady" | Report["type"]): number {
    return this.seen.filter((each) => nameOf(each) === what).length;
  }

  /** When this was seen for the nth time, from 1; rejects where it does not come. */
  async nth(what: "death" | "failing" | "steady" | Report["type"], nth: number, patienceMs = 15_000): Promise<number> {
    const untilMs = performance.now() + patienceMs;
    for (;;) {
      const found = this.seen.filter((each) => nameOf(each) === what)[nth - 1];
      if (found) return found.atMs;
      if (performance.now() > untilMs) throw new Error(`no ${what} number ${nth}: ${this.seen.map(nameOf).join(" ")}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ears[Symbol.asyncDispose]();
  }
}

function nameOf({ what }: Seen): string {
  return typeof what === "string" ? what : what.type;
}
