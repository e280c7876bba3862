import { join } from "node:path";
import * as v from "valibot";
import {
  type BootState,
  type Choice,
  type Content,
  choose,
  confirm,
  encodeState,
  otherSlot,
  readState,
  type Slot,
} from "./boot-state.ts";
import { type Disk, replaceFile, replaceLink } from "./disk.ts";
import { type Standard, Trust } from "./judge.ts";
import { SIGNATURE_BYTES, type SignedKeyList } from "./key-list.ts";
import { type Manifest, parseJson, readManifest, SLOT_MANIFEST } from "./manifest.ts";

/** How the unit that the launcher starts knows where it runs from. */
export const ROOT_VARIABLE = "PORTER_FIRMWARE";
export const SLOT_VARIABLE = "PORTER_SLOT";

/**
 * The folder of a unit's firmware:
 * `trust.json` (whom it trusts), `keys` (the newest list of keys met, its signature before it), `boot.json` (the state), `slots/a`,
 * `slots/b`, `current` (a link to the confirmed slot, from which the launcher is started), `incoming` (on its way).
 */
export class Slots {
  readonly #disk: Disk;
  readonly #arch: string;
  readonly root: string;

  /** `arch`: the unit's processor, where its folder is made on another machine. */
  constructor(disk: Disk, root: string, arch: string = process.arch) {
    this.#disk = disk;
    this.#arch = arch;
    this.root = root;
  }

  folderOf(slot: Slot): string {
    return join(this.root, "slots", slot);
  }

  /** Null where there is none, or what stands there is none. */
  trust(): Trust | null {
    const bytes = this.#disk.read(join(this.root, "trust.json"));
    const parsed = v.safeParse(Trust, bytes && parseJson(bytes));
    return parsed.success ? parsed.output : null;
  }

  keys(): SignedKeyList | null {
    const bytes = this.#disk.read(join(this.root, "keys"));
    // One file, so that list and signature are of one time: the signature stands first.
    return bytes && { signature: bytes.subarray(0, SIGNATURE_BYTES), bytes: bytes.subarray(SIGNATURE_BYTES) };
  }

  rememberKeys({ bytes, signature }: SignedKeyList): void {
    const both = Buffer.concat([signature, bytes]);
    const before = this.#disk.read(join(this.root, "keys"));
    if (!before || !both.equals(before)) replaceFile(this.#disk, join(this.root, "keys"), both);
  }

  /** Against what a bundle is judged here; null where the folder was not set up. */
  standard(): Standard | null {
    const trust = this.trust();
    if (!trust) return null;
    const { root, development, board } = trust;
    const counter = this.state()?.counter ?? 0;
    return { root, development, board, arch: this.#arch, counter, known: this.keys() };
  }

  /** The state; where its file is lost or damaged, what the link and the slot say. Null where nothing can be started. */
  state(): BootState | null {
    const bytes = this.#disk.read(join(this.root, "boot.json"));
    return (bytes && readState(bytes)) ?? this.#rebuilt();
  }

  save(state: BootState): void {
    replaceFile(this.#disk, join(this.root, "boot.json"), encodeState(state));
  }

  /** `current` leads to the confirmed slot again, whatever came between. */
  mendLink(state: BootState): void {
    const path = join(this.root, "current");
    const target = join("slots", state.confirmed);
    if (this.#disk.linkOf(path) !== target) replaceLink(this.#disk, path, target);
  }

  /**
   * What to start now. A try is on the disk before it begins; where the disk refuses that, the confirmed slot starts,
   * which needs no counting.
   */
  chooseStart(): Choice | null {
    const state = this.state();
    if (!state) return null;
    const choice = choose(state);
    try {
      this.mendLink(state);
      if (choice.next) this.save(choice.next);
      return choice;
    } catch {
      return { slot: state.confirmed, trial: false, next: null };
    }
  }

  /** Durable when it returns; false where `slot` is not on trial. The link follows, now or at the next start. */
  confirm(slot: Slot): boolean {
    const state = this.state();
    const next = state && confirm(state, slot);
    if (!next) return false;
    this.save(next);
    this.mendLink(next);
    return true;
  }

  /** What stands in a slot, by its own word. */
  manifestIn(slot: Slot): Manifest | null {
    const bytes = this.#disk.read(join(this.folderOf(slot), SLOT_MANIFEST));
    const read = bytes && readManifest(bytes);
    return read?.ok === true ? read.manifest : null;
  }

  #rebuilt(): BootState | null {
    const target = this.#disk.linkOf(join(this.root, "current"));
    const slot = target === join("slots", "a") ? "a" : target === join("slots", "b") ? "b" : null;
    const manifest = slot && this.manifestIn(slot);
    if (!slot || !manifest) return null;
    const { version, counter } = manifest;
    const content: Content = { version, counter };
    const slots = { a: null, b: null, [slot]: content, [otherSlot(slot)]: null };
    return { format: 1, confirmed: slot, counter, slots, trial: null, gaveWay: null };
  }
}
