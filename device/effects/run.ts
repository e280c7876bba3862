import type { Effect, GuestEffect, OwnEffect, Saving } from "../events.ts";
import { type Book, emptyBook, sealsAllAlike } from "../gate/book.ts";
import { honoured } from "../gate/decide.ts";
import { lookup } from "../gate/lookup.ts";
import type { Act } from "../gate/pass.ts";
import type { Ports } from "../ports.ts";
import { grammarFor, listenOnlyFor } from "../voice/grammar.ts";
import * as say from "../voice/say.ts";
import { newEnvelopeId } from "../wire/envelope.ts";
import type { Change } from "./change.ts";
import { detailOf } from "./detail.ts";
import { LegEffects } from "./legs.ts";
import { keepMessage } from "./mail.ts";
import { MessageEffects } from "./messages.ts";
import { checkPin } from "./pin.ts";
import { Post } from "./post.ts";
import type { Timers } from "./timers.ts";

/** What each effect that somebody outside caused may be let in as. */
const ACTS: Readonly<Record<GuestEffect["type"], readonly Act[]>> = {
  ring: ["ring"],
  "answer-leg": ["ring"],
  "send-accept": ["ring"],
  "complete-leg": ["talk"],
  // A call's own pass, on either side: what renews its path adds nobody to it.
  "answer-renewal": ["ring"],
  "send-renewed": ["ring"],
  "complete-renewal": ["talk"],
  "list-guest": ["ring", "entry"],
  "tone-ended-guest": ["ring", "talk"],
  "tell-guest": ["ring", "talk"],
  "list-request": ["request"],
  "show-guest": ["ring", "talk", "entry", "message"],
  // Whoever asks for messages hears also what came while it was to be quiet.
  "play-message": ["message", "entry"],
  "play-request": ["request"],
  "tell-not-saved": ["message"],
  "keep-message": ["message", "entry", "request", "evidence"],
};

/** Does what steps ask for, for one owner. The one place where the brain acts upon the world. */
export class Effects {
  readonly #ports: Ports;
  readonly #change: Change;
  readonly #post: Post | null;
  readonly #legs: LegEffects;
  readonly #messages: MessageEffects;
  readonly #timers: Timers;
  #grammar = "";
  #said = 0;

  constructor(ports: Ports, change: Change, timers: Timers) {
    this.#ports = ports;
    this.#change = change;
    this.#timers = timers;
    this.#messages = new MessageEffects(ports, (sentence) => this.#say(sentence));
    const { network, clock, log, dispatch } = ports;
    this.#post = network && new Post({ ...network, clock, log, dispatch });
    this.#legs = new LegEffects(ports, this.#post);
  }

  run(effect: Effect): void {
    // The book as it is now, whatever it was when the effect was decided on.
    const book = this.#ports.stores?.book.book ?? null;
    if ("pass" in effect) this.#runGuest(effect, book);
    else this.#runOwn(effect, book);
  }

  /** `keep`: said once the audio process is back, should it be down. Of what has a pass only the apology for just that. */
  #say(sentence: string, keep = false): void {
    const id = ++this.#said;
    this.#ports.ears.send({ type: "say", id, text: sentence }, keep);
    this.#ports.tell({ at: this.#ports.clock.nowMs(), event: "says", detail: { sentence, id } });
  }

  /** Resolves when what was to be sent is out, or cannot be. */
  async settled(): Promise<void> {
    await this.#post?.settled();
  }

  /** Asked here, where it happens, and not only where it was decided: does the gate stand behind this now? */
  #runGuest(effect: GuestEffect, book: Book | null): void {
    const { ears, lights, log, stores, tell, clock, dispatch } = this.#ports;
    if (!book || !honoured(effect.pass, ACTS[effect.type], effect.id, book)) {
      log.error({ effect: effect.type }, "refused: no pass stands behind this");
      tell({ at: clock.nowMs(), event: "refused", detail: { effect: effect.type } });
      return;
    }
    switch (effect.type) {
      case "ring":
        ears.send({ type: "start-tone", tone: "ring" });
        this.#say(say.isCalling(lookup(book).person(effect.peer)?.name ?? null, this.#ports.name));
        break;
      case "answer-leg":
      case "complete-leg":
      case "send-accept":
      case "answer-renewal":
      case "complete-renewal":
      case "send-renewed":
        this.#legs.runGuest(effect);
        break;
      case "list-guest": {
        const heard = effect.kind !== "missed";
        const kind = effect.kind === "declined" ? "missed" : effect.kind;
        this.#list({ account: effect.peer, direction: "in", kind, heard });
        break;
      }
      case "tone-ended-guest":
        ears.send({ type: "start-tone", tone: "ended" });
        break;
      case "tell-guest":
        this.#say(toTell(effect.what, lookup(book).person(effect.peer)?.name), effect.what === "apology");
        break;
      case "tell-not-saved":
        this.#say(say.messageNotSaved());
        break;
      case "list-request":
        this.#list({ account: effect.peer, direction: "in", kind: "request", heard: false });
        break;
      case "keep-message":
        if (stores)
          keepMessage(effect, stores, {
            settle: (receipt, became) => this.#settle(receipt, became),
            dispatch: (event) => dispatch(event),
          });
        break;
      case "show-guest":
        lights.show(effect.scene);
        break;
      case "play-message":
      case "play-request":
        this.#messages.play(effect, book);
        break;
    }
    tell({
      at: clock.nowMs(),
      event: effect.type,
      detail: effect.type === "show-guest" ? { scene: effect.scene } : {},
    });
  }

  #runOwn(effect: OwnEffect, book: Book | null): void {
    const { ears, lights, stores, clock, tell, dispatch } = this.#ports;
    switch (effect.type) {
      case "offer-leg":
      case "renew-leg":
      case "close-leg":
      case "send-offer":
      case "send-renewal":
      case "send-end":
        this.#legs.runOwn(effect);
        break;
      case "start-ring-back":
        ears.send({ type: "start-tone", tone: "ring-back" });
        break;
      case "stop-ring-back":
        ears.send({ type: "stop-tone", tone: "ring-back" });
        break;
      case "stop-ring":
        ears.send({ type: "stop-tone", tone: "ring" });
        ears.send({ type: "hush" });
        break;
      case "tone-ended":
        ears.send({ type: "start-tone", tone: "ended" });
        break;
      case "tone":
        ears.send({ type: "start-tone", tone: effect.tone });
        break;
      case "tell":
        this.#say(toTell(effect.what, (book && lookup(book).person(effect.peer)?.name) ?? ""), true);
        break;
      case "say":
        this.#say(effect.sentence);
        break;
      case "listen":
        ears.send({
          type: "listen",
          patienceMs: effect.patienceMs,
          only: effect.answers ? listenOnlyFor(effect.answers) : null,
        });
        break;
      case "set-mute":
        ears.send({ type: "set-mute", engaged: effect.engaged });
        break;
      case "take":
        ears.send({ type: "take", id: effect.id });
        break;
      case "set-voice":
        ears.send({ type: "set-voice", ...effect.voice });
        if (effect.keep) this.#ports.keepVoice?.(effect.voice);
        break;
      case "keep-loosened":
        stores?.untold.keep(effect.count);
        break;
      case "set-grammar":
        this.#setGrammar(book, effect.anew);
        break;
      case "start-timer":
        this.#timers.startOfCall(effect.name);
        break;
      case "start-dialog-timer":
        this.#timers.start(effect.name, effect.afterMs);
        break;
      case "stop-timer":
      case "stop-dialog-timer":
        this.#timers.stop(effect.name);
        break;
      case "place":
        dispatch({ type: "placed", id: newEnvelopeId(), peer: effect.peer });
        break;
      case "change-book":
        this.#change(effect.change, effect.by, effect.afterwards);
        break;
      case "check-pin":
        void checkPin(effect, this.#ports);
        break;
      case "save-book":
        this.#save(effect.saving);
        break;
      case "mark-heard":
        stores?.calls.markHeard(stores.calls.unheard({ requests: true }).map(({ id }) => id));
        break;
      case "list-own":
        this.#list({ account: effect.peer, direction: "out", kind: "made", heard: true });
        break;
      case "journal":
        stores?.journal.append({ atMs: clock.nowMs(), ...effect.line });
        break;
      case "remember":
        this.#remember(effect.envelope);
        break;
      case "settle":
        this.#settle(effect.receipt, "settled");
        break;
      case "show":
        lights.show(effect.scene);
        break;
      default:
        this.#messages.run(effect, book);
        break;
    }
    if (effect.type !== "journal") tell({ at: clock.nowMs(), event: effect.type, detail: detailOf(effect) });
  }

  /** The journal is told after the book is safe; nothing that must be quick waits for either. */
  #save({ lines, forget, ...saving }: Saving): void {
    const { stores, clock, dispatch } = this.#ports;
    if (!stores) return;
    const unsaved = !stores.book.save();
    for (const line of lines) stores.journal.append({ atMs: clock.nowMs(), ...line });
    if (forget) {
      stores.calls.forget(forget.accounts);
      stores.journal.forget(forget.whom, saving.by);
      // What they left goes with them, unless the owner saved it as evidence; and so does what was still to be sent to them.
      for (const account of forget.accounts) stores.outbox.removeAllTo(account);
      stores.inbox.purge(forget.accounts);
    }
    dispatch({ type: "book-saved", unsaved, saving });
  }

  /** A new audio process knows no grammar; an old one is told only what is new. */
  #setGrammar(book: Book | null, anew: boolean): void {
    const jsgf = grammarFor(book ?? NO_BOOK);
    if (jsgf === this.#grammar && !anew) return;
    this.#grammar = jsgf;
    this.#ports.ears.send({ type: "set-grammar", jsgf });
  }

  #list(call: Omit<Parameters<NonNullable<Ports["stores"]>["calls"]["add"]>[0], "atMs">): void {
    this.#ports.stores?.calls.add({ atMs: this.#ports.clock.nowMs(), ...call });
  }

  /** By account, not by unit key: one account may certify any number of keys. */
  #remember({ id, expiresMs, from, certSeq }: Extract<Effect, { type: "remember" }>["envelope"]): void {
    const { stores } = this.#ports;
    if (!stores) return;
    const known = stores.book.personOf(from) !== undefined;
    stores.replay.remember({ account: from, known }, id, expiresMs);
    if (known) stores.replay.rememberSeq(from, certSeq);
  }

  #settle(receipt: number | null, became: "settled" | "left"): void {
    if (receipt !== null) this.#ports.network?.link.settle(receipt, became);
  }
}

/** While the book cannot be read, what needs no name is understood still. */
const NO_BOOK: Book = { ...emptyBook("", "", "UTC", sealsAllAlike), revision: 0, calling: "off", unknown: "drop" };

function toTell(what: "no-answer" | "lost" | "failed" | "apology", name = ""): say.Sentence {
  if (what === "no-answer") return say.nobodyAnswered(name);
  if (what === "failed") return say.noConnection();
  return what === "lost" && name !== "" ? say.connectionLost(name) : say.callWasLost();
}
