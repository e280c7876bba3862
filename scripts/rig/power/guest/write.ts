import { randomBytes } from "node:crypto";
import { toBase32 } from "#device/keys/base32.ts";
import { Batch, type DayKey, dayOf } from "#device/keys/day-keys.ts";
import type { Keystore } from "#device/keys/keystore.ts";
import type { Stores } from "#device/ports.ts";
import type { BookChange } from "#device/store/change.ts";
import { parseCbor } from "#device/wire/cbor.ts";
import { newEnvelopeId } from "#device/wire/envelope.ts";
import { sealMessage, voiceMessage } from "#device/wire/parcel.ts";
import { soundOf } from "../deeds.ts";
import type { Deed, Left, Plan } from "../messages.ts";
import type { Brain } from "./brain.ts";

export type WriterOptions = Readonly<{
  keystore: Keystore;
  senders: readonly Keystore[];
  stores: Stores;
  brain: Brain;
  random: () => number;
  /** Says that it begins, does it, says that it is done. */
  promise: <T>(deed: Deed, act: () => T) => Promise<T>;
}>;

const MOST_KEPT = 40;
const MOST_PEOPLE = 40;
const VOICE_MS = 4_000;

/** Writes as a unit does that has a busy owner: one thing after the other, each promised when it is on the disk. */
export class Writer {
  readonly #options: WriterOptions;
  readonly #keys: readonly DayKey[];
  /** Voice messages of which some parts came. */
  readonly #unfinished: Plan["unfinished"];
  #names: number;

  constructor(options: WriterOptions, plan: Plan) {
    this.#options = options;
    this.#unfinished = [...plan.unfinished];
    const { keystore, stores } = options;
    const day = dayOf(Date.now());
    const batch = stores.dayKeys.batchOf(day);
    const keys = (batch && parseCbor(Batch, batch.bytes)?.keys) ?? [];
    const { account, unit } = keystore;
    this.#keys = keys.map(({ id, kind, key }) => {
      return { account, unit, day, id: Buffer.from(id).toString("hex"), kind, key };
    });
    this.#names = Math.floor(Date.now() / 10);
  }

  /** The next thing. */
  async next(): Promise<void> {
    const dice = this.#below(100);
    if (dice < 45) return this.#change();
    if (dice < 75) return this.#arrive();
    return dice < 90 ? this.#leave() : this.#remove();
  }

  async #change(): Promise<void> {
    const change = this.#someChange();
    await this.#options.promise({ do: "change", change }, () => {
      const result = this.#options.brain.daemon.change(change, "cli", []);
      if (result === null || (result.ok && "unsaved" in result && result.unsaved)) throw new Error("not saved");
    });
  }

  #someChange(): BookChange {
    const { book } = this.#options.stores.book;
    const person = this.#pick(book.people);
    const sender = this.#pick(this.#options.senders);
    const dice = this.#below(10);
    if (!person || dice < 3) {
      // Senders are people, too, unless they were added already.
      const accounts = sender && this.#below(3) === 0 ? [sender.account] : [toBase32(randomBytes(32))];
      const full = book.people.find((each) => each.name.startsWith("Person"));
      if (full && book.people.length >= MOST_PEOPLE)
        return { type: "remove-person", person: full.id, atMs: Date.now() };
      this.#names += 1;
      const name = `${accounts[0] === sender?.account ? "Sender" : "Person"} ${this.#names}`;
      return { type: "add-person", name, accounts, grants: this.#below(2) === 0 ? ["ring", "message"] : [] };
    }
    const { id } = person;
    if (dice < 5) return { type: "block", block: { person: id } };
    if (dice < 6) return { type: "block", block: { account: sender?.account ?? toBase32(randomBytes(32)) } };
    if (dice < 8) return { type: "unblock", block: this.#pick(book.blocks) ?? { person: id } };
    return { type: dice < 9 ? "grant" : "revoke", person: id, grants: ["ring", "message"] };
  }

  async #arrive(): Promise<void> {
    const known = this.#unfinished[0];
    const message = known?.message ?? this.#newMessage();
    if (!message) return;
    const have = known?.have ?? [];
    const part = Array.from({ length: message.parts }, (_, index) => index).find((index) => !have.includes(index)) ?? 0;
    const parcel = await this.#parcel(message, part);
    if (!parcel) return;
    await this.#options.promise({ do: "arrive", message, part }, () => {
      return this.#options.brain.deliver(message.from, parcel);
    });
    this.#unfinished.shift();
    const came = { message, have: [...have, part] };
    if (came.have.length < message.parts) this.#unfinished.unshift(came);
  }

  #newMessage(): Left | null {
    const { senders, stores } = this.#options;
    const sender = this.#below(senders.length);
    const isVoice = this.#below(5) === 0;
    // One of several parts with a key for one message: the next message must not take that key.
    const fit = this.#keys.filter(({ id, kind }) => kind === "fallback" || (!isVoice && stores.dayKeys.secretOf(id)));
    const key = this.#pick(fit.toSorted((one, other) => one.kind.localeCompare(other.kind)).slice(0, 4));
    const from = senders[sender]?.account;
    if (!key || from === undefined) return null;
    const id = newEnvelopeId();
    const rest = { id, sender, from, atMs: Date.now(), key: key.id, oneTime: key.kind === "one-time" };
    const sound = this.#below(1_000_000);
    return isVoice ? { ...rest, text: null, sound, parts: 2 } : { ...rest, text: `text ${id}`, sound: null, parts: 1 };
  }

  /** As its sender seals it; the same header each time. Null where the key that it was sealed to is gone. */
  async #parcel({ sender, atMs: nowMs, id, key: keyId, text, sound }: Left, part: number): Promise<Uint8Array | null> {
    const key = this.#keys.find((each) => each.id === keyId);
    const who = this.#options.senders[sender];
    if (!key || !who) return null;
    const bytes = sound === null ? null : soundOf(sound);
    const message = bytes
      ? voiceMessage(bytes, VOICE_MS)
      : ({ kind: "message.text", body: { text: text ?? "" } } as const);
    const sealed = await sealMessage({ sender: who, key, message, sound: bytes, nowMs, id });
    return sealed.parcels[part] ?? null;
  }

  async #leave(): Promise<void> {
    const { outbox } = this.#options.stores;
    const waiting = outbox.waiting();
    const first = waiting[0];
    const content = first && outbox.content(first.id);
    if (first && waiting.length >= MOST_KEPT && content?.kind === "text") {
      await this.#options.promise({ do: "withdraw", text: content.text }, () => must(outbox.remove(first.id)));
      return;
    }
    const text = `left ${newEnvelopeId()}`;
    const to = toBase32(randomBytes(32));
    await this.#options.promise({ do: "leave", text }, () => must(outbox.add({ to, kind: "text", text }).ok));
  }

  async #remove(): Promise<void> {
    const { inbox } = this.#options.stores;
    const entries = inbox.entries();
    const oldest = entries.length > this.#below(MOST_KEPT) ? entries[0] : undefined;
    if (!oldest) return;
    const { from, id } = oldest;
    await this.#options.promise({ do: "remove", from, id }, () => must(inbox.remove(id, from)));
  }

  #below(count: number): number {
    return Math.floor(this.#options.random() * count);
  }

  #pick<T>(list: readonly T[]): T | undefined {
    return list[this.#below(list.length)];
  }
}

function must(done: boolean): void {
  if (!done) throw new Error("the disk refuses");
}
