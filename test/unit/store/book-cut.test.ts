import { cpSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { DATABASE } from "#device/store/book-open.ts";
import { account, makeBookFolder } from "./fixtures.ts";

// Each opens and closes several encrypted databases, which takes a busy machine its time.
vi.setConfig({ testTimeout: 60_000 });

const MALLORY = account("mallory");

test("wherever a save is cut off, the next start finds the book of before or after it, and after it once it was confirmed", async () => {
  const blocked: string[] = [];
  for (const at of ["written", "prepared", "copied", "committed", "confirmed"] as const) {
    await using place = await makeBookFolder();
    const cut = `${place.folder}-cut`;
    let cutting = false;
    const { store } = place.open({
      onStep: (step) => {
        if (cutting && step === at) cpSync(place.folder, cut, { recursive: true });
      },
    });
    store.change({ type: "block", block: { withheld: true } });
    cutting = true;
    store.change({ type: "block", block: { account: MALLORY } });
    place.close();
    const opened = place.tryOpen({ folder: cut });
    if (!opened.ok) throw new Error(`${at}: ${opened.fault}`);
    expect(opened.restored, at).toBeNull();
    expect(opened.store.book.blocks[0]).toEqual({ withheld: true });
    if (opened.store.book.blocks.length === 2) blocked.push(at);
    // And goes on from there.
    expect(opened.store.change({ type: "kids", kids: true })).not.toHaveProperty("unsaved");
    const { book } = opened.store;
    expect(place.open({ folder: cut }).store.book).toEqual(book);
    place.close();
    await rm(cut, { recursive: true });
  }
  expect(blocked).toEqual(["committed", "confirmed"]);
});

test("a copy that is a change ahead of a damaged database is taken: what was wanted is not lost", async () => {
  await using place = await makeBookFolder();
  const cut = `${place.folder}-cut`;
  const { store } = place.open({
    onStep: (step) => step === "copied" && cpSync(place.folder, cut, { recursive: true }),
  });
  store.change({ type: "block", block: { account: MALLORY } });
  place.close();
  rmSync(join(cut, DATABASE));
  expect(place.open({ folder: cut }).store.book.blocks).toEqual([{ account: MALLORY }]);
  place.close();
  await rm(cut, { recursive: true });
});

test("a loosening that the disk refused does not come back with the next start, however far it came", async () => {
  for (const at of ["written", "prepared", "copied", "committed"] as const) {
    await using place = await makeBookFolder();
    let failing = false;
    const onStep = (step: string) => {
      if (failing && step === at) throw new Error("the disk is full");
    };
    const { store } = place.open({ onStep });
    store.change({ type: "calling", calling: "off" });
    failing = true;
    expect(store.change({ type: "calling", calling: "on" })).toMatchObject({ ok: false, why: { code: "not-saved" } });
    expect(store.book.calling).toBe("off");
    place.close();
    // Neither from the copy nor from the database.
    const cut = `${place.folder}-cut`;
    cpSync(place.folder, cut, { recursive: true });
    rmSync(join(cut, DATABASE));
    expect(place.open({ folder: cut }).store.book.calling, at).toBe("off");
    expect(place.open().store.book.calling, at).toBe("off");
    place.close();
    await rm(cut, { recursive: true });
  }
});
