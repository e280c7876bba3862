import type { Scene } from "#hal/hal.ts";
import type { Change } from "./effects/change.ts";
import { changing } from "./effects/change.ts";
import { Effects } from "./effects/run.ts";
import { Timers } from "./effects/timers.ts";
import type { Effect, Event } from "./events.ts";
import type { AccountId } from "./gate/book.ts";
import type { Now } from "./gate/decide.ts";
import { lookup } from "./gate/lookup.ts";
import { turnTo } from "./house.ts";
import type { OwnPorts, Ports } from "./ports.ts";
import { type Context, FIRST, houseState, isAtRest, type Moving, type ResidentId, type State } from "./state.ts";
import { showing, shownFor, step } from "./step.ts";
import type { JournalEntry } from "./store/journal-line.ts";
import type { VoiceSettings } from "./voice/states.ts";
import { newEnvelopeId } from "./wire/envelope.ts";

/** What an owner brings along; `restored`: their book is its copy. */
export type Owner = OwnPorts & Readonly<{ restored?: boolean }>;

/** The ports as they are handed in, those of the first owner among them; the daemon adds the way back to itself. */
export type DaemonOptions = Omit<Ports, "dispatch"> &
  Owner &
  Readonly<{ muted: boolean; voice?: VoiceSettings; household?: readonly Owner[] }>;

/** The brain as one of its owners may work it. */
export type OwnersDaemon = Pick<Daemon, "state" | "change" | "dispatch" | "place">;

/** A clock is set right by small steps, which are no reason to keep anybody out. */
const CLOCK_SLACK_MS = 60_000;
const NO_PIN = { at: "none" } as const;
/** So many lines of the journal are looked at when the owner asks what has happened. */
const TOLD_LINES = 200;

/**
 * The brain. Whatever happens (an envelope, a spoken word, a button, a timer) comes in by `dispatch`, one at a time:
 *
 *     event ─► step (pure: gate, call, dialog, lights) ─► next state + effects ─► effects run
 *
 * Effects answer with events of their own. Nothing else changes the state, and nothing else acts.
 */
export class Daemon {
  /** One of each for every owner, the first owner's first. */
  readonly #owners: readonly Readonly<{ ports: Ports; effects: Effects; change: Change }>[];
  readonly #timers: Timers;
  readonly #ports: Ports;
  readonly #context: Context;
  readonly #waiting: Readonly<{ event: Event; of: ResidentId }>[] = [];
  #state: State;
  #busy = false;
  #scene: Scene | null = null;
  /** By the first owner's control socket: durable before this returns. */
  readonly change: Change;

  constructor(options: DaemonOptions) {
    const { household = [], ...rest } = options;
    this.#ports = { ...rest, dispatch: (event) => this.dispatch(event) };
    this.#timers = new Timers(this.#ports);
    const first = this.#settle(options, FIRST);
    this.#owners = [first, ...household.map((owner, index) => this.#settle(owner, index + 1))];
    this.change = first.change;
    this.#context = {
      unheard: (of) => this.#unheard(of),
      inbox: (of) => this.#storesOf(of)?.inbox.entries() ?? [],
      now: (of) => this.#now(of),
      pin: (of) => this.#owners[of]?.ports.pin?.standing ?? NO_PIN,
      journal: (of) => this.#journalOf(of),
    };
    this.#state = houseState([movingIn(options), ...household.map(movingIn)], options.muted, options.voice);
    // Shows what came before this start.
    for (const of of this.#owners.keys()) this.dispatch({ type: "inbox-changed" }, of);
  }

  #settle({ name = null, network, stores, pin }: OwnPorts, of: ResidentId) {
    const dispatch = (event: Event) => this.dispatch(event, of);
    const { pin: _, ...shared } = this.#ports;
    const ports: Ports = { ...shared, name, network, stores, ...(pin && { pin }), dispatch };
    const change = changing(stores, dispatch);
    return { ports, change, effects: new Effects(ports, change, this.#timers) };
  }

  #storesOf(of: ResidentId): Ports["stores"] {
    return this.#owners[of]?.ports.stores ?? null;
  }

  /** As the first owner sees it. */
  get state(): State {
    return this.#state;
  }

  /** Nobody calls, speaks, is asked, listens to a message or leaves one. */
  get isIdle(): boolean {
    return isAtRest(this.#state);
  }

  /** For one of the owners: what happens is theirs, and nothing of another's can be seen or changed. */
  ownersView(of: ResidentId): OwnersDaemon {
    const stateOf = () => turnTo(this.#state, of);
    return {
      get state() {
        return stateOf();
      },
      change: (...asked) => this.#owners[of]?.change(...asked) ?? null,
      dispatch: (event) => this.dispatch(event, of),
      place: (peer) => this.place(peer, of),
    };
  }

  /** `of`: whose event it is; the button, the ears and the timers are the whole unit's. */
  dispatch(event: Event, of: ResidentId = FIRST): void {
    this.#waiting.push({ event, of });
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) this.#take(next.event, next.of);
      // Once all that follows from it has happened: no light flashes for what a change has ended.
      this.#light();
    } finally {
      this.#busy = false;
    }
  }

  /** The owner calls. */
  place(peer: AccountId, of: ResidentId = FIRST): void {
    this.dispatch({ type: "placed", id: newEnvelopeId(), peer }, of);
  }

  /** Ends what is going on, with a word to whoever is at the other end; resolves when that word is out, or soon. */
  async stop(): Promise<void> {
    for (const of of this.#owners.keys()) this.dispatch({ type: "owner", order: "hang-up" }, of);
    this.#timers.stopAll();
    await Promise.all(this.#owners.map(({ effects }) => effects.settled()));
  }

  #take(event: Event, of: ResidentId): void {
    const { log, tell, clock } = this.#ports;
    const before = this.#state;
    const [state, effects] = step(turnTo(before, of), event, this.#context);
    this.#state = turnTo(state, FIRST);
    // The verdict is told before what follows from it, though its line in the journal is written after: nothing that
    // must be quick waits for the disk.
    for (const effect of effects) {
      if (effect.type === "journal" && effect.line.what === "verdict") tellVerdict(effect, this.#ports);
    }
    if (before.call.at !== state.call.at) {
      log.info({ from: before.call.at, to: state.call.at, because: event.type }, "call");
      tell({ at: clock.nowMs(), event: "call", detail: { at: state.call.at } });
    }
    for (const effect of effects) this.#run(effect, of);
  }

  #run(effect: Effect, of: ResidentId): void {
    this.#owners[effect.resident ?? of]?.effects.run(effect);
  }

  #light(): void {
    const shown = shownFor(this.#state);
    if (shown.scene === this.#scene) return;
    this.#scene = shown.scene;
    this.#run(showing(shown, this.#state), FIRST);
  }

  /** A clock that stands before a time that is known to have been was set back, or lost. */
  #now(of: ResidentId): Now {
    const atMs = this.#ports.clock.nowMs();
    const floorMs = this.#storesOf(of)?.replay.floorMs(true) ?? 0;
    return { atMs, clockTrusted: atMs >= floorMs - CLOCK_SLACK_MS };
  }

  #journalOf(of: ResidentId): readonly JournalEntry[] {
    try {
      return this.#storesOf(of)?.journal.list({ limit: TOLD_LINES }) ?? [];
    } catch {
      this.#ports.log.error("the journal cannot be read");
      return [];
    }
  }

  /** Names that a block keeps out are not spoken, whenever the block came. */
  #unheard(of: ResidentId): string[] {
    const { book } = turnTo(this.#state, of);
    if (!book) return [];
    const entries = this.#storesOf(of)?.calls.unheard({ requests: true }) ?? [];
    return entries.map(({ account }) => account).filter((account) => !lookup(book).blocked(account));
  }
}

function movingIn({ stores, restored = false }: Owner): Moving {
  const lastCaller = stores?.calls.lastIncoming()?.account ?? null;
  return { book: stores?.book.book ?? null, lastCaller, restored, loosened: stores?.untold.loosened ?? 0 };
}

function tellVerdict({ line }: Extract<Effect, { type: "journal" }>, { tell, clock }: Ports): void {
  const detail = { act: line.act ?? null, because: line.because ?? null, kind: line.detail ?? null };
  tell({ at: clock.nowMs(), event: "journal", detail });
}
