import { dirname } from "node:path";
import type { Disk } from "#device/update/disk.ts";

/** What a power cut leaves of what was not synced: nothing; all; names without contents; by chance. */
export type Left = "synced-only" | "everything" | "names-only" | "by-chance";
export const LEFT: readonly Left[] = ["synced-only", "everything", "names-only", "by-chance"];

type File = { kind: "file"; now: Buffer; synced: Buffer; room?: Buffer };
type Link = { kind: "link"; target: string };
type Folder = { kind: "folder"; now: Map<string, Node>; synced: Map<string, Node> };
type Node = File | Link | Folder;

export class PowerCut extends Error {}

const folder = (): Folder => ({ kind: "folder", now: new Map(), synced: new Map() });

/**
 * A disk in memory whose power can be cut before, or half-way through, any change of it. Stricter than Linux's file
 * systems: a file's contents and its name in the folder each last only once they were synced by themselves.
 */
export class CutDisk implements Disk {
  #root: Folder = folder();
  #dead = false;
  /** How many changes there were, and before which one the power goes. */
  changes = 0;
  cutAt = Number.POSITIVE_INFINITY;
  free = 1e9;
  /** A disk that says it synced, and did not: for controls. */
  lies: "sync" | "syncFolder" | null = null;

  get isDead(): boolean {
    return this.#dead;
  }

  /** The same disk once more, all of it synced: where several runs start from. */
  copy(): CutDisk {
    const other = new CutDisk();
    const copyOf = (node: Node): Node => {
      if (node.kind === "link") return node;
      if (node.kind === "file") return { kind: "file", now: node.now, synced: node.now };
      const now = new Map([...node.now].map(([name, each]) => [name, copyOf(each)]));
      return { kind: "folder", now, synced: new Map(now) };
    };
    other.#root = copyOf(this.#root) as Folder;
    return other;
  }

  /** Power is back. */
  restart(left: Left, chance: () => boolean): void {
    this.#dead = false;
    this.cutAt = Number.POSITIVE_INFINITY;
    settle(this.#root, left, chance);
  }

  read(path: string): Uint8Array | null {
    const node = this.#find(path);
    return node?.kind === "file" ? Uint8Array.from(node.now) : null;
  }

  readAt(path: string, at: number, bytes: number): Uint8Array {
    return Uint8Array.from(this.#file(path).now.subarray(at, at + bytes));
  }

  sizeOf(path: string): number | null {
    const node = this.#find(path);
    return node?.kind === "file" ? node.now.length : null;
  }

  list(path: string): readonly string[] {
    const node = this.#find(path);
    return node?.kind === "folder" ? [...node.now.keys()] : [];
  }

  linkOf(path: string): string | null {
    const node = this.#find(path);
    return node?.kind === "link" ? node.target : null;
  }

  freeBytes(): number {
    this.#alive();
    return this.free;
  }

  makeFolder(path: string): void {
    this.#alive();
    let at = this.#root;
    for (const name of partsOf(path)) {
      let next = at.now.get(name);
      if (!next) {
        this.#change();
        next = folder();
        at.now.set(name, next);
      }
      if (next.kind !== "folder") throw new Error(`${path}: not a folder`);
      at = next;
    }
  }

  writeAt(path: string, at: number, bytes: Uint8Array): void {
    this.#change(() => this.#write(path, at, bytes.subarray(0, Math.floor(bytes.length / 2))));
    this.#write(path, at, bytes);
  }

  cut(path: string, bytes: number): void {
    this.#change();
    const file = this.#file(path);
    file.now = file.now.subarray(0, bytes);
  }

  link(target: string, path: string): void {
    this.#change();
    this.#folder(path).now.set(nameOf(path), { kind: "link", target });
  }

  rename(from: string, to: string): void {
    this.#change();
    const node = this.#find(from);
    if (!node) throw new Error(`${from} is missing`);
    this.#folder(from).now.delete(nameOf(from));
    this.#folder(to).now.set(nameOf(to), node);
  }

  remove(path: string): void {
    if (!this.#find(path)) return;
    this.#change();
    this.#folder(path).now.delete(nameOf(path));
  }

  sync(path: string): void {
    this.#change();
    const file = this.#file(path);
    if (this.lies !== "sync") file.synced = file.now;
  }

  syncFolder(path: string): void {
    this.#change();
    const node = this.#find(path);
    if (node?.kind !== "folder") throw new Error(`${path} is no folder`);
    if (this.lies !== "syncFolder") node.synced = new Map(node.now);
  }

  #write(path: string, at: number, bytes: Uint8Array): void {
    const parent = this.#folder(path);
    const node = parent.now.get(nameOf(path)) ?? { kind: "file", now: Buffer.alloc(0), synced: Buffer.alloc(0) };
    if (node.kind !== "file") throw new Error(`${path} is no file`);
    const length = Math.max(node.now.length, at + bytes.length);
    // What was synced shares this memory: it is written to only behind what it holds.
    const hasRoom = at === node.now.length && node.room?.buffer === node.now.buffer && node.room.length >= length;
    const room: Buffer = hasRoom && node.room ? node.room : Buffer.alloc(length * 2);
    if (!hasRoom) room.set(node.now);
    room.set(bytes, at);
    node.room = room;
    node.now = room.subarray(0, length);
    parent.now.set(nameOf(path), node);
  }

  #change(half?: () => void): void {
    this.#alive();
    this.changes += 1;
    if (this.changes !== this.cutAt) return;
    half?.();
    this.#dead = true;
    throw new PowerCut("the power is gone");
  }

  #alive(): void {
    if (this.#dead) throw new PowerCut("the power is gone");
  }

  #find(path: string): Node | null {
    this.#alive();
    let at: Node = this.#root;
    for (const name of partsOf(path)) {
      const next: Node | undefined = at.kind === "folder" ? at.now.get(name) : undefined;
      if (!next) return null;
      at = next;
    }
    return at;
  }

  #file(path: string): File {
    const node = this.#find(path);
    if (node?.kind !== "file") throw new Error(`${path} is no file`);
    return node;
  }

  #folder(path: string): Folder {
    const node = this.#find(dirname(path));
    if (node?.kind !== "folder") throw new Error(`${dirname(path)} is no folder`);
    return node;
  }
}

function settle(at: Folder, left: Left, chance: () => boolean): void {
  const keepsNew = () => left === "everything" || left === "names-only" || (left === "by-chance" && chance());
  const names = new Set([...at.now.keys(), ...at.synced.keys()]);
  const after = new Map<string, Node>();
  for (const name of names) {
    const [fresh, before] = [at.now.get(name), at.synced.get(name)];
    const node = fresh === before ? fresh : keepsNew() ? fresh : before;
    if (node) after.set(name, node);
  }
  at.now = after;
  at.synced = new Map(after);
  for (const node of after.values()) {
    if (node.kind === "folder") settle(node, left, chance);
    if (node.kind !== "file") continue;
    const keepsContent = left === "everything" || (left === "by-chance" && chance());
    if (!keepsContent) node.now = node.synced;
    node.synced = node.now;
  }
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "");
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
