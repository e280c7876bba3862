import type { Command, Report } from "#audio/protocol.ts";
import { noLog } from "#base/log.ts";
import type { TimelineLine } from "#device/control/requests.ts";
import { Daemon } from "#device/daemon.ts";
import type { Book } from "#device/gate/book.ts";
import { lookup } from "#device/gate/lookup.ts";
import type { OwnPorts, Stores } from "#device/ports.ts";
import { FIRST, type ResidentId } from "#device/state.ts";
import type { ChangeResult } from "#device/store/book.ts";
import type { ListedCall } from "#device/store/calls.ts";
import { applyChange, type BookChange, isTightening } from "#device/store/change.ts";
import type { InboxEntry, InboxStore } from "#device/store/inbox.ts";
import type { Forgotten } from "#device/store/journal.ts";
import type { JournalLine } from "#device/store/journal-line.ts";
import { verifyRecords } from "#device/store/journal-verify.ts";
import type { OutgoingMessage } from "#device/store/outbox.ts";
import type { PinStore } from "#device/store/pin.ts";
import { type Envelope, newEnvelopeId } from "#device/wire/envelope.ts";
import type { CallMessage, LeftMessage } from "#device/wire/messages.ts";
import type { Parcel } from "#device/wire/parcel.ts";
import type { Scene } from "#hal/hal.ts";
import { bookWith, OWNER } from "./books.ts";
import { noDayKeys } from "./day-keys.ts";
import { FakeClock } from "./fake-clock.ts";
import { FakeInbox } from "./fake-inbox.ts";
import { noReplay } from "./no-replay.ts";
import { FakeUntold } from "./untold.ts";

export const SIDE = { sdp: "v=0\r\n", fingerprint: Array.from({ length: 32 }, () => "AA").join(":") };

const HEARD = new Uint8Array([1]);
const TEXT: LeftMessage = { kind: "message.text", body: { text: "hello" } };

type Leaving = Partial<Envelope<LeftMessage>> &
  Partial<Pick<Parcel, "part" | "origin" | "data">> & {
    replayed?: boolean;
    fresh?: boolean;
    receipt?: number;
    by?: ResidentId;
  };

/** A brain among fakes that count what reaches them: its ears, its lights, its stores. It has no network. */
export class Brain {
  readonly clock = new FakeClock();
  readonly commands: Command[] = [];
  readonly scenes: Scene[] = [];
  readonly journal: Omit<JournalLine, "atMs">[] = [];
  readonly forgotten: Forgotten[] = [];
  readonly listed: ListedCall[] = [];
  readonly timeline: TimelineLine[] = [];
  readonly inbox = new FakeInbox();
  readonly sentMessages: OutgoingMessage[] = [];
  readonly daemon: Daemon;
  readonly stores: Stores | null;
  /** How many commands had gone to the ears when the disk was asked to save, each time. */
  readonly saves: number[] = [];
  /** True: the disk refuses what is written. */
  diskFull = false;
  /** What the lights showed when it came up. */
  readonly firstScene: Scene | undefined;
  readonly untold: FakeUntold;
  readonly #clockFloorMs: number;
  readonly #realInbox: InboxStore | undefined;
  #ids = 0;

  /** `book` null: it cannot be read. */
  constructor(
    book: Book | null = bookWith(),
    {
      clockFloorMs = 0,
      restored = false,
      realInbox,
      household = [],
      network = null,
      untold = new FakeUntold(),
      pin,
    }: {
      pin?: PinStore;
      clockFloorMs?: number;
      restored?: boolean;
      realInbox?: InboxStore;
      /** Other owners, by name: what of each is used are the stores. */
      household?: readonly (readonly [string, Pick<Brain, "stores"> & OwnPorts])[];
      network?: OwnPorts["network"];
      /** What an earlier brain kept of it. */
      untold?: FakeUntold;
    } = {},
  ) {
    this.untold = untold;
    this.#clockFloorMs = clockFloorMs;
    this.#realInbox = realInbox;
    this.stores = book && this.#stores(book);
    this.daemon = new Daemon({
      clock: this.clock,
      log: noLog,
      ears: { send: (command) => this.commands.push(command) },
      lights: { show: (scene) => this.scenes.push(scene) },
      network,
      stores: this.stores,
      ...(pin && { pin }),
      ringBackMs: 45_000,
      muted: false,
      restored,
      name: household.length === 0 ? null : "Ben",
      household: household.map(([name, { stores, network: theirs }]) => ({ name, network: theirs, stores })),
      tell: (line) => this.timeline.push(line),
    });
    this.hear({ type: "ready" });
    this.firstScene = this.scenes.at(-1);
    this.forget();
  }

  /** What came out so far is no longer looked at. */
  forget(): void {
    for (const list of [this.commands, this.scenes, this.journal, this.listed, this.timeline]) list.length = 0;
  }

  arrive(
    from: string,
    message: CallMessage,
    changes: Partial<Envelope> & { replayed?: boolean; fresh?: boolean; by?: ResidentId } = {},
  ): string {
    const { replayed = false, fresh = true, by = FIRST, ...rest } = changes;
    const id = (++this.#ids).toString(16).padStart(32, "0");
    const envelope: Envelope = {
      id,
      from,
      to: OWNER,
      atMs: this.clock.nowMs(),
      expiresMs: this.clock.nowMs() + 60_000,
      hash: "ab".repeat(32),
      signature: "valid",
      certSeq: 1,
      unitKey: "cd".repeat(32),
      message,
      ...rest,
    };
    this.daemon.dispatch({ type: "envelope", envelope, replayed, fresh }, by);
    return envelope.id;
  }

  /** Somebody left a message: one part of it comes out of its parcel. */
  leave(from: string, message: LeftMessage = TEXT, changes: Leaving = {}): string {
    const {
      replayed = false,
      fresh = true,
      by = FIRST,
      part = 0,
      origin = null,
      receipt = null,
      data = HEARD,
      ...rest
    } = changes;
    const envelope: Envelope<LeftMessage> = {
      id: (++this.#ids).toString(16).padStart(32, "0"),
      from,
      to: OWNER,
      atMs: this.clock.nowMs(),
      expiresMs: this.clock.nowMs() + 30 * 86_400_000,
      hash: this.#ids.toString(16).padStart(64, "0"),
      signature: "valid",
      certSeq: 1,
      unitKey: "cd".repeat(32),
      message,
      ...rest,
    };
    const header = { signed: new Uint8Array(), cert: new Uint8Array(), sig: new Uint8Array(64) };
    const parcel: Parcel = { envelope, keyId: "ef".repeat(16), part, data, origin, header };
    this.daemon.dispatch({ type: "message-part", parcel, replayed, fresh, receipt }, by);
    return envelope.id;
  }

  offer(from: string, changes: Parameters<Brain["arrive"]>[2] = {}): string {
    return this.arrive(from, { kind: "call.offer", body: SIDE }, changes);
  }

  hear(report: Report): void {
    this.daemon.dispatch({ type: "report", report });
  }

  /** The owner says it, after the wake word. */
  command(text: string, score = 0): void {
    this.hear({ type: "wake", score: 1, atMs: this.clock.nowMs() });
    this.hear({ type: "heard", text, score, spoke: true, endOfSpeechMs: this.clock.nowMs() });
  }

  sent(type: Command["type"]): Command[] {
    return this.commands.filter((command) => command.type === type);
  }

  readonly says = () => this.commands.flatMap((command) => (command.type === "say" ? [command.text] : []));

  /** A message that lies here since before. */
  left(from: string, changes: Partial<InboxEntry> = {}): InboxEntry {
    const atMs = this.clock.nowMs();
    const entry: InboxEntry = {
      id: (++this.#ids).toString(16).padStart(32, "0"),
      from,
      origin: null,
      atMs,
      arrivedMs: atMs,
      kind: "voice",
      durationMs: 4_000,
      text: null,
      standing: "new",
      shelf: "inbox",
      ...changes,
    };
    this.inbox.put(entry);
    this.daemon.dispatch({ type: "inbox-changed" });
    return entry;
  }

  press(): void {
    this.daemon.dispatch({ type: "button", change: { type: "press" } });
  }

  #apply(change: BookChange, book: Book, take: (next: Book, isUnsaved: boolean) => void): ChangeResult {
    const applied = applyChange(book, change);
    if (!applied.ok || !applied.changed) return applied;
    if (!isTightening(change)) {
      if (this.diskFull) return { ok: false, why: { code: "not-saved", detail: "full" } };
      take(applied.book, false);
      return applied;
    }
    take(applied.book, true);
    return { ...applied, unsaved: true };
  }

  #stores(first: Book): Stores {
    let book = first;
    let isUnsaved = false;
    const calls = this.listed;
    const nothing = () => undefined;
    return {
      book: {
        get book() {
          return book;
        },
        get isUnsaved() {
          return isUnsaved;
        },
        apply: (change) =>
          this.#apply(change, book, (next, isLeft) => {
            book = next;
            isUnsaved = isLeft;
          }),
        save: () => {
          this.saves.push(this.commands.length);
          isUnsaved &&= this.diskFull;
          return !isUnsaved;
        },
        change: (change) =>
          this.#apply(change, book, (next) => {
            book = next;
          }),
        personOf: (account) => lookup(book).person(account),
      },
      journal: {
        append: (line) => this.journal.push(line),
        list: () => [],
        verify: async () => verifyRecords({ account: OWNER, lines: [], checkpoints: [] }),
        exported: async () => null,
        forget: (whom) => this.forgotten.push(whom),
        flush: nothing,
        [Symbol.dispose]: nothing,
      },
      calls: {
        add: (call) => calls.push(call),
        lastIncoming: () => undefined,
        unheard: () => calls.filter(({ heard }) => !heard).map((call, id) => ({ ...call, id, count: 1 })),
        list: () => [],
        markHeard: nothing,
        forget: nothing,
        flush: nothing,
        [Symbol.dispose]: nothing,
      },
      replay: noReplay(this.#clockFloorMs),
      dayKeys: noDayKeys,
      untold: this.untold,
      inbox: this.#realInbox ?? this.inbox,
      outbox: {
        add: (message) => {
          if (this.diskFull) return { ok: false, reason: "not-saved" };
          this.sentMessages.push(message);
          return { ok: true, id: newEnvelopeId() };
        },
        waiting: () => [],
        removeAllTo: () => 0,
        onAdded: nothing,
        content: () => null,
        seal: () => true,
        parcels: () => [],
        accepted: () => true,
        remove: () => true,
      },
    };
  }
}
