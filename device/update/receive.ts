import { join } from "node:path";
import * as v from "valibot";
import { type BootState, beginTrial } from "./boot-state.ts";
import { MAX_HEAD_BYTES, readHead } from "./container.ts";
import { type Disk, replaceFile } from "./disk.ts";
import { BUNDLE, type Installed, judgeFile, roomFor } from "./install.ts";
import { MAX_PAYLOAD_BYTES, parseJson } from "./manifest.ts";
import { type Refused, refuse } from "./refusal.ts";
import { Slots } from "./slots.ts";

/** Where the sender should go on. */
export type Taken = Readonly<{ ok: true; offset: number }>;

/**
 * A bundle on its way into the slot that is not running, from whatever line it comes. Whoever sends it needs no trust:
 * nothing that is not signed for this unit gets further than `incoming`.
 */
export interface Updates {
  /** Announces a bundle. `offset`: as much of this very one is here already, on the disk. */
  open(bytes: number, sha256: string): Taken | Refused;
  /** The next bytes. From another offset than the wanted one nothing is taken: the answer says which is wanted. */
  write(offset: number, bytes: Uint8Array): Taken | Refused;
  /** All was sent: into the slot with it. The running firmware is not touched, nor what starts next. */
  finish(): Promise<Installed | Refused>;
  /** From the next start on what was finished is tried, and gives way unless it confirms itself. */
  activate(): Readonly<{ ok: true }> | Refused;
  /** Forgets what was sent so far. */
  abort(): void;
  readonly state: BootState | null;
}

const Announced = v.strictObject({
  bytes: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});
type Announced = v.InferOutput<typeof Announced>;

const MAX_BUNDLE_BYTES = MAX_HEAD_BYTES + MAX_PAYLOAD_BYTES;
/** So much at most has to be sent again after a power cut. */
const SYNC_EVERY_BYTES = 1_048_576;

export type UpdateOptions = Readonly<{
  disk: Disk;
  root: string;
  /** Runs `install` on the same folder, elsewhere than on the caller's loop. */
  install: () => Promise<Installed | Refused>;
}>;

export class BundleReceiver implements Updates {
  readonly #options: UpdateOptions;
  readonly #slots: Slots;
  readonly #path: string;
  #announced: Announced | null = null;
  #at = 0;
  /** How many bytes tell more of the head than is known; infinite once all is known. */
  #headNeeds = 0;
  #installing = false;

  constructor(options: UpdateOptions) {
    this.#options = options;
    this.#slots = new Slots(options.disk, options.root);
    this.#path = join(options.root, BUNDLE);
  }

  get state(): BootState | null {
    return this.#slots.state();
  }

  open(bytes: number, sha256: string): Taken | Refused {
    return this.#guarded(() => {
      const state = this.#slots.state();
      if (!state || !this.#slots.trust()) return refuse("not-set-up");
      if (state.trial || this.#installing) return refuse("busy");
      const announced = v.safeParse(Announced, { bytes, sha256 });
      if (!announced.success) return refuse("malformed", "announced with no length or no SHA-256");
      if (bytes > MAX_BUNDLE_BYTES) return refuse("too-large", `${bytes} bytes`);
      const isSame = this.#isAnnounced(announced.output);
      if (!isSame) this.#begin(announced.output);
      this.#announced = announced.output;
      this.#at = isSame ? this.#keepSynced() : 0;
      this.#headNeeds = 0;
      return this.#judged() ?? { ok: true, offset: this.#at };
    });
  }

  write(offset: number, bytes: Uint8Array): Taken | Refused {
    return this.#guarded(() => {
      if (!this.#announced || this.#installing) return refuse(this.#installing ? "busy" : "not-open");
      if (offset !== this.#at) return { ok: true, offset: this.#at };
      if (this.#at + bytes.length > this.#announced.bytes) return this.#drop(refuse("damaged", "more than announced"));
      for (let done = 0; done < bytes.length; ) {
        const upTo = SYNC_EVERY_BYTES - (this.#at % SYNC_EVERY_BYTES);
        const part = bytes.subarray(done, done + upTo);
        this.#options.disk.writeAt(this.#path, this.#at, part);
        this.#at += part.length;
        done += part.length;
        if (part.length === upTo) this.#options.disk.sync(this.#path);
      }
      return this.#judged() ?? { ok: true, offset: this.#at };
    });
  }

  async finish(): Promise<Installed | Refused> {
    if (!this.#announced || this.#installing) return refuse(this.#installing ? "busy" : "not-open");
    if (this.#at < this.#announced.bytes)
      return refuse("not-open", `${this.#announced.bytes - this.#at} bytes are missing`);
    this.#installing = true;
    try {
      const verdict = await this.#options.install();
      // What holds but met a full disk may be finished once more; everything else has to come anew.
      const keep = !verdict.ok && (verdict.reason === "disk" || verdict.reason === "busy");
      if (!keep) this.abort();
      return verdict;
    } finally {
      this.#installing = false;
    }
  }

  activate(): Readonly<{ ok: true }> | Refused {
    return this.#guarded(() => {
      const state = this.#slots.state();
      if (!state) return refuse("not-set-up");
      if (state.trial || this.#installing) return refuse("busy");
      const next = beginTrial(state);
      if (!next) return refuse("not-open", "the other slot holds nothing newer");
      this.#slots.save(next);
      return { ok: true };
    });
  }

  abort(): void {
    this.#announced = null;
    this.#at = 0;
    this.#guarded(() => {
      this.#options.disk.remove(join(this.#options.root, "incoming"));
      return refuse("not-open");
    });
  }

  /** As soon as the head is here it is judged: a bundle that is refused need not be sent to its end. */
  #judged(): Refused | null {
    const { disk } = this.#options;
    if (!this.#announced || this.#at < this.#headNeeds) return null;
    const start =
      disk.sizeOf(this.#path) === null
        ? new Uint8Array()
        : disk.readAt(this.#path, 0, Math.min(this.#at, MAX_HEAD_BYTES));
    const read = readHead(start);
    if (!read.ok && read.reason === "more") {
      this.#headNeeds = read.bytes;
      return null;
    }
    if (!read.ok) return this.#drop(read);
    this.#headNeeds = Number.POSITIVE_INFINITY;
    const judged = judgeFile(disk, this.#path, this.#slots);
    if (!judged.ok) return this.#drop(judged);
    const { bytes } = judged.head;
    if (bytes !== this.#announced.bytes) return this.#drop(refuse("damaged", "it is not as long as announced"));
    const full = roomFor(disk, this.#slots, judged.manifest, bytes - this.#at);
    return full && this.#drop(full);
  }

  #isAnnounced({ bytes, sha256 }: Announced): boolean {
    const before = this.#options.disk.read(join(this.#options.root, "incoming", "announced.json"));
    const read = v.safeParse(Announced, before && parseJson(before));
    return read.success && read.output.bytes === bytes && read.output.sha256 === sha256;
  }

  #begin(announced: Announced): void {
    const { disk, root } = this.#options;
    disk.remove(join(root, "incoming"));
    disk.makeFolder(join(root, "incoming"));
    disk.writeAt(this.#path, 0, new Uint8Array());
    replaceFile(disk, join(root, "incoming", "announced.json"), Buffer.from(JSON.stringify(announced)));
    disk.syncFolder(root);
  }

  /**
   * What lies before the last whole piece was synced before the byte behind it was written; what lies behind it may be
   * anything after a power cut, and comes again.
   */
  #keepSynced(): number {
    const { disk } = this.#options;
    const there = disk.sizeOf(this.#path);
    if (there === null) disk.writeAt(this.#path, 0, new Uint8Array());
    const kept = Math.floor(Math.max(0, (there ?? 0) - 1) / SYNC_EVERY_BYTES) * SYNC_EVERY_BYTES;
    disk.cut(this.#path, kept);
    return kept;
  }

  #drop(refused: Refused): Refused {
    this.abort();
    return refused;
  }

  #guarded<T extends Taken | Readonly<{ ok: true }>>(act: () => T | Refused): T | Refused {
    try {
      return act();
    } catch (error) {
      return refuse("disk", error instanceof Error ? error.message : String(error));
    }
  }
}
