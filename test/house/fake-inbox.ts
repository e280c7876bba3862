import type { ArrivedPart, InboxEntry, InboxStore, Kept } from "#device/store/inbox.ts";

/** An inbox in memory: what is kept is complete with its first part. */
export class FakeInbox implements InboxStore {
  list: readonly InboxEntry[] = [];
  readonly sounds = new Map<string, Uint8Array | null>();
  /** What the next parts are answered with, in place of being kept. */
  answers: Kept = "kept";
  readonly kept: ArrivedPart[] = [];
  /** True: the disk refuses every change. */
  refuses = false;

  entries(): readonly InboxEntry[] {
    return this.list;
  }

  /** `sound`: what is to be played of it; null: it is gone. */
  put(entry: InboxEntry, sound: Uint8Array | null = Buffer.from(`${entry.from} ${entry.id}`)): void {
    this.list = [...this.list, entry];
    this.sounds.set(`${entry.from} ${entry.id}`, sound);
  }

  sound(id: string, from: string): Uint8Array | null {
    const sound = this.sounds.get(`${from} ${id}`);
    return sound === undefined ? new Uint8Array([1]) : sound;
  }

  header(): null {
    return null;
  }

  keep(part: ArrivedPart): Kept {
    const { envelope, origin } = part.parcel;
    const { id, from, atMs, message } = envelope;
    if (this.#find(id, from)) return "again";
    if (this.answers !== "kept") return this.answers;
    this.kept.push(part);
    const isVoice = message.kind === "message.voice";
    const entry: InboxEntry = {
      id,
      from,
      origin: origin && (origin.account ?? "unverified"),
      atMs,
      arrivedMs: atMs,
      kind: isVoice ? "voice" : "text",
      durationMs: isVoice ? message.body.durationMs : 0,
      text: isVoice ? null : message.body.text,
      standing: "new",
      shelf: part.shelf,
    };
    this.list = [...this.list, entry];
    return "kept";
  }

  mark(id: string, from: string, standing: InboxEntry["standing"]): boolean {
    const isSaved = this.#find(id, from)?.standing === "saved";
    return this.#change(id, from, isSaved && standing === "heard" ? {} : { standing });
  }

  moveToEvidence(id: string, from: string): boolean {
    return this.#change(id, from, { shelf: "evidence" });
  }

  remove(id: string, from: string): boolean {
    return this.#drop((entry) => entry.id === id && entry.from === from) === 1;
  }

  removeAllFrom(account: string): number {
    return this.#drop((entry) => entry.from === account && entry.shelf !== "evidence");
  }

  purge(accounts: readonly string[]): number {
    return this.#drop(({ from, origin, shelf }) => {
      return shelf !== "evidence" && accounts.some((account) => account === from || account === origin);
    });
  }

  [Symbol.dispose](): void {
    this.list = [];
  }

  #find(id: string, from: string): InboxEntry | undefined {
    return this.list.find((entry) => entry.id === id && entry.from === from);
  }

  #change(id: string, from: string, fields: Partial<InboxEntry>): boolean {
    const found = this.refuses ? undefined : this.#find(id, from);
    this.list = this.list.map((entry) => (entry === found ? { ...entry, ...fields } : entry));
    return found !== undefined;
  }

  #drop(isGone: (entry: InboxEntry) => boolean): number {
    const before = this.list.length;
    if (this.refuses) return 0;
    this.list = this.list.filter((entry) => !isGone(entry));
    return before - this.list.length;
  }
}
