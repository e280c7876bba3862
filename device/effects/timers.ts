import { RIVAL_MS } from "../call/outside.ts";
import type { CallTimer } from "../call/states.ts";
import type { TimerName } from "../events.ts";
import type { Ports } from "../ports.ts";

/** A ring that nobody answers ends by itself, though the caller's unit never said so. */
const RING_MS = 60_000;
const JOIN_MS = 15_000;
/** How often a new path is asked for while nothing comes. */
const RENEW_MS = 4_000;
/** A link to the hub that died with the path takes 20 s to be noticed and made again. */
const LOST_MS = 30_000;
/** Each renewal costs the relay and both units some work. */
const REST_MS = 2_000;
/** Who was ignored does not ring again at once. */
const IGNORED_MS = 60_000;

/** One of each name; a started one replaces its own, and comes back as an event. */
export class Timers {
  readonly #ports: Pick<Ports, "clock" | "dispatch" | "ringBackMs">;
  readonly #running = new Map<TimerName, () => void>();

  constructor(ports: Pick<Ports, "clock" | "dispatch" | "ringBackMs">) {
    this.#ports = ports;
  }

  start(name: TimerName, afterMs: number): void {
    this.stop(name);
    const { clock, dispatch } = this.#ports;
    const cancel = clock.after(afterMs, () => {
      this.#running.delete(name);
      dispatch({ type: "timer", name });
    });
    this.#running.set(name, cancel);
  }

  startOfCall(name: CallTimer): void {
    this.start(name, this.#lengthMs(name));
  }

  stop(name: TimerName): void {
    this.#running.get(name)?.();
    this.#running.delete(name);
  }

  stopAll(): void {
    for (const cancel of this.#running.values()) cancel();
    this.#running.clear();
  }

  #lengthMs(name: CallTimer): number {
    switch (name) {
      case "ring-back":
        return this.#ports.ringBackMs;
      case "ring":
        return RING_MS;
      case "rival":
        return RIVAL_MS;
      case "join":
        return JOIN_MS;
      case "renew":
        return RENEW_MS;
      case "lost":
        return LOST_MS;
      case "rest":
        return REST_MS;
      case "ignored":
        return IGNORED_MS;
    }
  }
}
