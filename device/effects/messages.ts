import { LONGEST_MESSAGE_MS, SOUND_PART_BYTES } from "#audio/protocol.ts";
import type { Event, GuestEffect, OwnMessageEffect } from "../events.ts";
import type { Book } from "../gate/book.ts";
import { lookup } from "../gate/lookup.ts";
import type { Draft, MessageRef } from "../inbox/states.ts";
import type { Ports } from "../ports.ts";
import { draftSoundId, messageSoundId, textId } from "../sound-ids.ts";
import type { InboxEntry, InboxStore } from "../store/inbox.ts";
import { readOut } from "../voice/read-out.ts";
import * as say from "../voice/say.ts";
import { spokenTime } from "../voice/when.ts";
import { Drafts } from "./drafts.ts";

type DealtWith = Extract<Event, { type: "messages-dealt-with" }>;
type Play = Extract<GuestEffect, { type: "play-message" | "play-request" }>;

/** The end of a sentence with this id tells nothing. */
const NOBODY_ASKS = 0;

/** What steps ask for about messages: those that came, once the pass was honoured, and the owner's own. */
export class MessageEffects {
  readonly #ports: Ports;
  readonly #say: (sentence: say.Sentence) => void;
  readonly #drafts = new Drafts();

  constructor(ports: Ports, sayIt: (sentence: say.Sentence) => void) {
    this.#ports = ports;
    this.#say = sayIt;
  }

  /** Who and when, then the message. Asked for only with a pass that was honoured. */
  play({ id, from, turn }: Play, book: Book): void {
    const { stores, dispatch, ears } = this.#ports;
    const entry = stores?.inbox.entries().find((each) => each.id === id && each.from === from);
    const sound = entry?.kind === "voice" ? stores?.inbox.sound(id, from) : undefined;
    if (!entry || (entry.kind === "voice" && !sound)) {
      dispatch({ type: "unplayable", turn });
      return;
    }
    this.#say(this.#announcement(entry, book));
    if (sound) {
      this.#sendSound(messageSoundId(turn), sound, entry.durationMs);
      return;
    }
    this.#say(say.writes(lookup(book).person(from)?.name ?? null));
    const pieces = readOut(entry.text ?? "");
    for (const [at, text] of pieces.entries()) {
      // The last one's end is the message's end.
      ears.send({ type: "say", id: at === pieces.length - 1 ? textId(turn) : NOBODY_ASKS, text });
    }
  }

  run(effect: OwnMessageEffect, book: Book | null): void {
    const { ears, stores } = this.#ports;
    switch (effect.type) {
      case "record":
        ears.send({ type: "record", id: effect.draft, maxMs: LONGEST_MESSAGE_MS });
        break;
      case "stop-recording":
        ears.send({ type: "stop-recording", id: effect.draft, keep: effect.keep });
        break;
      case "keep-part":
        this.#drafts.add(effect.part);
        break;
      case "play-draft":
        this.#playDraft(effect.draft, effect.turn);
        break;
      case "stop-draft":
        this.#fallSilent(draftSoundId(effect.turn));
        break;
      case "discard-draft":
        this.#drafts.discard(effect.draft);
        break;
      case "send-draft":
        this.#sendDraft(effect.draft, book);
        break;
      case "stop-message":
        this.#fallSilent(messageSoundId(effect.turn));
        break;
      case "mark-heard-message":
        stores?.inbox.mark(effect.message.id, effect.message.from, "heard");
        this.#changed();
        break;
      case "save-message":
        this.#dealWith("saved", [effect.message], true, (inbox, { id, from }) => inbox.mark(id, from, "saved"));
        break;
      case "remove-messages":
        this.#dealWith("deleted", effect.messages, effect.aloud, (inbox, { id, from }) => inbox.remove(id, from));
        break;
      case "keep-as-evidence":
        this.#dealWith("evidence", [effect.message], true, (inbox, { id, from }) => inbox.moveToEvidence(id, from));
        break;
    }
  }

  /** Who passed it on is named first: it is they whom the owner let in. */
  #announcement({ from, origin, atMs, arrivedMs }: InboxEntry, book: Book): say.Sentence {
    const nowMs = this.#ports.clock.nowMs();
    const nameOf = (account: string) => lookup(book).person(account)?.name ?? null;
    // A sender's clock may run ahead; ours knows when it came.
    const when = spokenTime(Math.min(atMs, arrivedMs), nowMs, book.timeZone);
    const name = nameOf(from);
    if (origin === null) return say.messageFrom(name, when);
    return say.forwardedFrom(name, origin === "unverified" ? null : { name: nameOf(origin) }, when);
  }

  /** What is said with it goes as well. */
  #fallSilent(id: string): void {
    const { ears } = this.#ports;
    ears.send({ type: "stop-playing", id });
    ears.send({ type: "hush" });
  }

  #playDraft(draft: Draft, turn: number): void {
    const sound = this.#drafts.sound(draft.id);
    if (sound) this.#sendSound(draftSoundId(turn), sound, draft.durationMs);
    else this.#ports.dispatch({ type: "report", report: { type: "played", id: draftSoundId(turn), how: "broken" } });
  }

  #sendSound(id: string, sound: Uint8Array, durationMs: number): void {
    const parts = Math.ceil(sound.length / SOUND_PART_BYTES);
    for (let index = 0; index < parts; index += 1) {
      const piece = sound.subarray(index * SOUND_PART_BYTES, (index + 1) * SOUND_PART_BYTES);
      const data = Buffer.from(piece).toString("base64");
      this.#ports.ears.send({ type: "play-part", id, index, last: index === parts - 1, data, durationMs });
    }
  }

  /** The book is asked once more, here where it happens: is it still this person's account, and may it be written to? */
  #sendDraft(draft: Draft, book: Book | null): void {
    const { stores, dispatch } = this.#ports;
    const person = book === null ? undefined : lookup(book).person(draft.to);
    const isMeant = book !== null && person?.id === draft.person && !lookup(book).blocked(draft.to);
    const sound = isMeant ? this.#drafts.sound(draft.id) : null;
    const added = sound && stores?.outbox.add({ to: draft.to, kind: "voice", sound, durationMs: draft.durationMs });
    dispatch({ type: "draft-sent", draft: draft.id, ok: added?.ok === true });
  }

  /** Told only as far as the disk took it. */
  #dealWith(
    what: DealtWith["what"],
    messages: readonly MessageRef[],
    aloud: boolean,
    how: (inbox: InboxStore, message: MessageRef) => boolean,
  ): void {
    const { stores, dispatch } = this.#ports;
    if (!stores) return;
    const done = messages.filter((message) => how(stores.inbox, message));
    const left = messages.filter((message) => !done.includes(message));
    const isHere = ({ id, from }: MessageRef) => stores.inbox.entries().some((e) => e.id === id && e.from === from);
    // What was gone already need not be deleted, but cannot be saved.
    const refused = what === "deleted" ? left.some(isHere) : left.length > 0;
    this.#changed();
    dispatch({ type: "messages-dealt-with", what, done, refused, aloud });
  }

  #changed(): void {
    this.#ports.dispatch({ type: "inbox-changed" });
  }
}
