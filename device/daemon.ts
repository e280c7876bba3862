import type { Scene } from "#hal/hal.ts";
import type { Change } from "./effects/change.ts";
import { changing } from "./effects/change.ts";
import { Effects } from "./effects/run.ts";
import type { Effect, Event } from "./events.ts";
import type { AccountId } from "./gate/book.ts";
import type { Now } from "./gate/decide.ts";
import { lookup } from "./gate/lookup.ts";
import type { Ports } from "./ports.ts";
import { type Context, firstState, isAtRest, type State } from "./state.ts";
import { showing, shownFor, step } from "./step.ts";
import { newEnvelopeId } from "./wire/envelope.ts";

/** The ports as they are handed in; the daemon adds the way back to itself. */
export type DaemonOptions = Omit<Ports, "dispatch"> & Readonly<{ muted: boolean; restored?: boolean }>;

/** A clock is set right by small steps, which are no reason to keep anybody out. */
const CLOCK_SLACK_MS = 60_000;

/**
 * The brain. Whatever happens (an envelope, a spoken word, a button, a timer) comes in by `dispatch`, one at a time:
 *
 *     event ─► step (pure: gate, call, dialog, lights) ─► next state + effects ─► effects run
 *
 * Effects answer with events of their own. Nothing else changes the state, and nothing else acts.
 */
export class Daemon {
  readonly #effects: Effects;
  readonly #ports: Ports;
  readonly #context: Context;
  readonly #waiting: Event[] = [];
  #state: State;
  #busy = false;
  #scene: Scene | null = null;
  /** By the control socket: durable before this returns. */
  readonly change: Change;

  constructor(options: DaemonOptions) {
    this.#ports = { ...options, dispatch: (event) => this.dispatch(event) };
    const { stores } = options;
    this.change = changing(stores, this.#ports.dispatch);
    this.#effects = new Effects(this.#ports, this.change);
    const inbox = () => stores?.inbox.entries() ?? [];
    this.#context = { unheard: () => this.#unheard(), inbox, now: () => this.#now() };
    this.#state = firstState(stores?.book.book ?? null, options.muted, stores?.calls.lastIncoming()?.account ?? null);
    if (options.restored) this.#state = { ...this.#state, restored: true };
    // Shows what came before this start.
    this.dispatch({ type: "inbox-changed" });
  }

  get state(): State {
    return this.#state;
  }

  /** Nobody calls, speaks, is asked, listens to a message or leaves one. */
  get isIdle(): boolean {
    return isAtRest(this.#state);
  }

  dispatch(event: Event): void {
    this.#waiting.push(event);
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) this.#take(next);
      // Once all that follows from it has happened: no light flashes for what a change has ended.
      this.#light();
    } finally {
      this.#busy = false;
    }
  }

  /** The owner calls. */
  place(peer: AccountId): void {
    this.dispatch({ type: "placed", id: newEnvelopeId(), peer });
  }

  /** Ends what is going on, with a word to whoever is at the other end; resolves when that word is out, or soon. */
  async stop(): Promise<void> {
    this.dispatch({ type: "owner", order: "hang-up" });
    this.#effects.stopTimers();
    await this.#effects.settled();
  }

  #take(event: Event): void {
    const { log, tell, clock } = this.#ports;
    const before = this.#state;
    const [state, effects] = step(before, event, this.#context);
    this.#state = state;
    // The verdict is told before what follows from it, though its line in the journal is written after: nothing that
    // must be quick waits for the disk.
    for (const effect of effects) {
      if (effect.type === "journal" && effect.line.what === "verdict") tellVerdict(effect, this.#ports);
    }
    if (before.call.at !== state.call.at) {
      log.info({ from: before.call.at, to: state.call.at, because: event.type }, "call");
      tell({ at: clock.nowMs(), event: "call", detail: { at: state.call.at } });
    }
    for (const effect of effects) this.#effects.run(effect);
  }

  #light(): void {
    const shown = shownFor(this.#state);
    if (shown.scene === this.#scene) return;
    this.#scene = shown.scene;
    this.#effects.run(showing(shown));
  }

  /** A clock that stands before a time that is known to have been was set back, or lost. */
  #now(): Now {
    const atMs = this.#ports.clock.nowMs();
    const floorMs = this.#ports.stores?.replay.floorMs(true) ?? 0;
    return { atMs, clockTrusted: atMs >= floorMs - CLOCK_SLACK_MS };
  }

  /** Names that a block keeps out are not spoken, whenever the block came. */
  #unheard(): string[] {
    const { book } = this.#state;
    if (!book) return [];
    const entries = this.#ports.stores?.calls.unheard({ requests: true }) ?? [];
    return entries.map(({ account }) => account).filter((account) => !lookup(book).blocked(account));
  }
}

function tellVerdict({ line }: Extract<Effect, { type: "journal" }>, { tell, clock }: Ports): void {
  const detail = { act: line.act ?? null, because: line.because ?? null, kind: line.detail ?? null };
  tell({ at: clock.nowMs(), event: "journal", detail });
}
