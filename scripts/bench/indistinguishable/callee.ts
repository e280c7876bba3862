import type { Command, Report } from "#audio/protocol.ts";
import { systemClock as clock } from "#base/clock.ts";
import type { TimelineLine } from "#device/control/requests.ts";
import type { HubAddress } from "#device/link/link.ts";
import { bookFor, type Seen, type Situation } from "./situations.ts";
import { BenchUnit } from "./unit.ts";

export type CalleeOptions = Readonly<{
  situation: Situation;
  folder: string;
  hub: HubAddress;
  invitation: string;
  callers: readonly string[];
}>;

/** The owner needs a moment to say it. */
const IGNORES_AFTER_MS = [30, 150] as const;
const SPEAKS_MS = 20;

/**
 * A callee's unit in one situation. In place of its audio process stands a listener that makes no sound; it cannot hide
 * what the real one would show the caller, because the real one knows nothing to show it by: until `answer-leg` it gets
 * no SDP, no candidate and no address of anybody's, and opens no socket. So each command that would open a leg is
 * counted, and a single one fails the whole comparison.
 */
export class Callee implements AsyncDisposable {
  readonly #situation: Situation;
  readonly #verdicts: Record<string, number> = {};
  #unit: BenchUnit | null = null;
  #rang = 0;
  #opened = 0;

  private constructor(situation: Situation) {
    this.#situation = situation;
  }

  /** Enrolled and connected; and then switched off, where that is the situation: its session at the hub stays. */
  static async open({ situation, folder, hub, invitation, callers }: CalleeOptions): Promise<[Callee, string]> {
    const callee = new Callee(situation);
    const ears = { send: (command: Command) => callee.#obey(command) };
    const tell = (line: TimelineLine) => callee.#note(line);
    const unit = await BenchUnit.open({ folder, hub, ringBackMs: 45_000, ears, tell });
    callee.#unit = unit;
    const { account } = unit;
    unit.decide(bookFor(situation, callers));
    await unit.enrol(invitation);
    if (situation === "unplugged") await callee[Symbol.asyncDispose]();
    return [callee, account];
  }

  get seen(): Seen {
    return { verdicts: this.#verdicts, rang: this.#rang, opened: this.#opened };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#unit?.[Symbol.asyncDispose]();
    this.#unit = null;
  }

  #obey(command: Command): void {
    switch (command.type) {
      case "answer-leg":
      case "complete-leg":
      case "offer-leg":
        this.#opened += 1;
        return;
      case "start-tone":
        if (command.tone === "ring" && this.#situation === "ignored") this.#ignore();
        return;
      default:
        return;
    }
  }

  /** "Computer, ignore", as the audio process would report it. */
  #ignore(): void {
    const [soonestMs, latestMs] = IGNORES_AFTER_MS;
    const hear = this.#hear.bind(this);
    clock.after(soonestMs + Math.random() * (latestMs - soonestMs), () => {
      hear({ type: "wake", score: 1, atMs: clock.nowMs() });
      clock.after(SPEAKS_MS, () => {
        hear({ type: "heard", text: "ignore", score: 0, spoke: true, endOfSpeechMs: clock.nowMs() });
      });
    });
  }

  #hear(report: Report): void {
    this.#unit?.daemon.dispatch({ type: "report", report });
  }

  #note({ event, detail }: TimelineLine): void {
    if (event === "ring") this.#rang += 1;
    if (event !== "journal" || detail?.kind !== "call.offer") return;
    const verdict = `${String(detail.act)} ${String(detail.because)}`;
    this.#verdicts[verdict] = (this.#verdicts[verdict] ?? 0) + 1;
  }
}
