import { readlinkSync } from "node:fs";
import { join } from "node:path";
import { systemClock as clock } from "#base/clock.ts";
import { noLog as log } from "#base/log.ts";
import { decide } from "#device/gate/decide.ts";
import { dayOf } from "#device/keys/day-keys.ts";
import type { Keystore } from "#device/keys/keystore.ts";
import type { Stores } from "#device/ports.ts";
import { DATABASE } from "#device/store/book-open.ts";
import { openDb } from "#device/store/db.ts";
import { openInbox } from "#device/store/inbox.ts";
import { openOutbox } from "#device/store/outbox.ts";
import { openReplayStore } from "#device/store/replay.ts";
import { realDisk } from "#device/update/disk.ts";
import { firstWrong } from "#device/update/install.ts";
import { ROOT_VARIABLE, SLOT_VARIABLE, Slots } from "#device/update/slots.ts";
import { newEnvelopeId } from "#device/wire/envelope.ts";
import { sha256, viewOf } from "../deeds.ts";
import { type Found, type FoundFirmware, nameOf, type Plan } from "../messages.ts";

/** Looks at all that was promised, in the stores as they were opened. */
export async function look(
  keystore: Keystore,
  stores: Stores,
  plan: Plan,
  warnings: readonly string[],
): Promise<Found> {
  const { book, replay, dayKeys, journal } = stores;
  const known = (account: string) => book.personOf(account) !== undefined;
  const isSeen = (from: string, id: string) => replay.seen({ account: from, known: known(from) }, id);
  return {
    account: keystore.account,
    fault: null,
    warnings: [...warnings],
    book: viewOf(book.book),
    journalHolds: (await journal.verify()).holds,
    keys: dayKeys.batchOf(dayOf(Date.now())) !== null,
    ...mailIn(stores),
    unseen: plan.seen.filter(({ from, id }) => !isSeen(from, id)).map(({ from, id }) => nameOf(from, id)),
    unspent: plan.spent.filter((key) => dayKeys.secretOf(key) !== null),
    verdicts: plan.callers.map((from) => verdictOn(from, keystore, stores)),
  };
}

/** Of a unit that lets nobody in: what rows are left in its database, if it can be read. */
export function lookBehind(keystore: Keystore, folder: string, fault: string): Found {
  const { account: owner } = keystore;
  const nothing = { account: owner, fault, warnings: [], book: "", journalHolds: false, keys: false };
  const found = { ...nothing, unseen: [], unspent: [], verdicts: [] };
  const opened = openDb({ path: join(folder, DATABASE), key: keystore.databaseKey(), mayCreate: false });
  if (!opened.ok) return { ...found, inbox: [], outbox: [] };
  const store = { db: opened.db, owner, clock, log };
  const inbox = openInbox({
    ...store,
    replay: openReplayStore(store),
    spend: () => undefined,
    sharerOf: (account) => account,
  });
  const mail = mailIn({ inbox, outbox: openOutbox(store) });
  inbox[Symbol.dispose]();
  return { ...found, ...mail };
}

function mailIn({ inbox, outbox }: Pick<Stores, "inbox" | "outbox">): Pick<Found, "inbox" | "outbox"> {
  return {
    inbox: inbox.entries().map(({ from, id, text }) => {
      const sound = text === null ? inbox.sound(id, from) : null;
      return { from, id, content: text ?? (sound ? sha256(sound) : "nothing") };
    }),
    outbox: outbox.waiting().map(({ id }) => {
      const content = outbox.content(id);
      return content?.kind === "text" ? content.text : "nothing";
    }),
  };
}

function verdictOn(from: string, { account }: Keystore, { book }: Stores): string {
  const request = { envelope: newEnvelopeId(), kind: "call", from, to: account } as const;
  const sound = { signature: "valid", replayed: false, fresh: true } as const;
  const verdict = decide({ ...request, ...sound }, book.book, { atMs: Date.now(), clockTrusted: true });
  return `${verdict.act} ${verdict.because}`;
}

export function openSlots(): Readonly<{ slots: Slots; slot: "a" | "b" }> {
  const { [ROOT_VARIABLE]: root, [SLOT_VARIABLE]: slot } = process.env;
  if (root === undefined || (slot !== "a" && slot !== "b")) throw new Error("not started by the launcher");
  return { slots: new Slots(realDisk, root), slot };
}

export function lookAtFirmware(): FoundFirmware {
  const { slots, slot } = openSlots();
  const wrongIn = (which: "a" | "b") => {
    const manifest = slots.manifestIn(which);
    const wrong = manifest && firstWrong(realDisk, slots.folderOf(which), manifest);
    return manifest && (wrong === null ? [] : [wrong]);
  };
  const state = Buffer.from(realDisk.read(join(slots.root, "boot.json")) ?? []).toString();
  return { slot, state, link: readlinkSync(join(slots.root, "current")), wrong: { a: wrongIn("a"), b: wrongIn("b") } };
}
