import { execFileSync } from "node:child_process";
import { closeSync, cpSync, fsyncSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { account, makeBookFolder } from "./fixtures.ts";

// Each opens and closes several encrypted databases, which takes a busy machine its time.
vi.setConfig({ testTimeout: 60_000 });

const MALLORY = account("mallory");

/** A file system of 4 MB over a folder of its own; null where this process may mount none. */
function mountSmall(folder: string) {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m,mode=700", "porter-test", folder], { stdio: "ignore" });
  } catch {
    return null;
  }
  const filler = join(folder, "filler");
  return {
    fill() {
      const file = openSync(filler, "w");
      for (const size of [65_536, 4_096, 1]) {
        try {
          for (;;) writeSync(file, Buffer.alloc(size));
        } catch {
          fsyncSync(file);
        }
      }
      closeSync(file);
    },
    makeRoom: () => rmSync(filler),
    remount: (how: "ro" | "rw") => execFileSync("mount", ["-o", `remount,${how}`, folder]),
    [Symbol.dispose]: () => execFileSync("umount", ["-l", folder]),
  };
}

const mayMount = process.getuid?.() === 0;

test.skipIf(!mayMount)(
  "on a disk that is full a block holds, a loosening is refused, and room is all it needs",
  async (context) => {
    await using place = await makeBookFolder();
    using disk = mountSmall(place.folder);
    if (!disk) return context.skip();
    const { store } = place.open();
    store.change({ type: "add-person", name: "Ana", accounts: [account("ana")], grants: ["ring"] });
    disk.fill();
    let unsaved = 0;
    for (let at = 0; at < 400; at += 1) {
      const result = store.change({ type: "block", block: { account: account(`stranger ${at}`) } });
      expect(result).toMatchObject({ ok: true, changed: true });
      if (result.ok && result.unsaved) unsaved += 1;
    }
    expect(unsaved).toBeGreaterThan(0);
    expect(store.change({ type: "grant", person: "ana", grants: ["drop-in"] })).toMatchObject({ ok: false });
    expect(store.isUnsaved).toBe(true);
    const { book } = store;
    expect(book.blocks).toHaveLength(400);
    // The power goes: what was confirmed is there, and the book is whole.
    const cut = `${place.folder}-cut`;
    cpSync(place.folder, cut, { recursive: true, filter: (path) => !path.endsWith("filler") });
    disk.makeRoom();
    place.clock.advance(10_000);
    expect(store.isUnsaved).toBe(false);
    expect(place.open().store.book).toMatchObject({ blocks: book.blocks, people: book.people });
    const later = place.open({ folder: cut });
    expect(later.restored).toBeNull();
    expect(later.store.book.blocks).toHaveLength(400 - unsaved);
    place.close();
    rmSync(cut, { recursive: true });
  },
);

test.skipIf(!mayMount)(
  "from a disk that takes no writing the book is read, and nothing seems to be saved",
  async (context) => {
    await using place = await makeBookFolder();
    using disk = mountSmall(place.folder);
    if (!disk) return context.skip();
    place.open().store.change({ type: "block", block: { account: MALLORY } });
    place.close();
    disk.remount("ro");
    const { store, restored, readOnly } = place.open();
    expect(readOnly).toBe(true);
    expect(restored).toBeNull();
    expect(store.book.blocks).toEqual([{ account: MALLORY }]);
    expect(store.change({ type: "block", block: { unknown: true } })).toMatchObject({ ok: true, unsaved: true });
    expect(store.change({ type: "unblock", block: { account: MALLORY } })).toMatchObject({
      ok: false,
      why: { code: "not-saved" },
    });
    place.close();
    disk.remount("rw");
    expect(place.open().store.book.blocks).toEqual([{ account: MALLORY }]);
    place.close();
  },
);
