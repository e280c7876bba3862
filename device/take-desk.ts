import { randomBytes } from "node:crypto";
import type { Report } from "#audio/protocol.ts";
import type { Clock } from "#base/clock.ts";
import type { Event } from "./events.ts";

type Taken = Readonly<{ ok: true; sound: string } | { ok: false; why: "busy" | "deaf" | "interrupted" }>;
export type TakeWords = Extract<Event, { type: "take-asked" }>["say"];

type DeskOptions = Readonly<{
  clock: Pick<Clock, "after">;
  dispatch: (event: Event) => void;
}>;

/** What is said before, the tone and the recording take less. */
const TAKEN_WITHIN_MS = 17_000;

/** Where recordings of a word that is taught are asked for and handed over: one at a time, nothing of it is kept. */
export class TakeDesk {
  readonly #options: DeskOptions;
  #waiting: { id: string; settle: (taken: Taken) => void } | null = null;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  ask(say: TakeWords): Promise<Taken> {
    if (this.#waiting !== null) return Promise.resolve({ ok: false, why: "busy" });
    const { promise, resolve } = Promise.withResolvers<Taken>();
    const id = randomBytes(6).toString("hex");
    const cancel = this.#options.clock.after(TAKEN_WITHIN_MS, () => this.earsDied());
    this.#waiting = {
      id,
      settle: (taken) => {
        cancel();
        this.#waiting = null;
        resolve(taken);
      },
    };
    this.#options.dispatch({ type: "take-asked", id, say });
    return promise;
  }

  hear(report: Report): void {
    if (report.type !== "taken" || report.id !== this.#waiting?.id) return;
    const { why, sound } = report;
    this.#waiting.settle(why === "whole" ? { ok: true, sound } : { ok: false, why });
  }

  earsDied(): void {
    this.#waiting?.settle({ ok: false, why: "interrupted" });
  }
}
