import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { systemClock as clock } from "#base/clock.ts";
import { noLog as log } from "#base/log.ts";
import { type Book, emptyBook, type Person } from "#device/gate/book.ts";
import { placeOf } from "#device/judge-message.ts";
import { toBase32 } from "#device/keys/base32.ts";
import { type Db, openDb } from "#device/store/db.ts";
import { type ArrivedPart, type InboxStore, openInbox } from "#device/store/inbox.ts";
import { openReplayStore } from "#device/store/replay.ts";
import { type Parcel, voiceMessage } from "#device/wire/parcel.ts";
import { type Measured, percentile, timed, usedMb } from "./report.ts";

const MESSAGES = 10_000;
/** One in so many has a sound: of 10 s. */
const VOICE_EVERY = 10;
const SOUND_BYTES = 28_000;
const SOUND_MS = 10_000;
const PEOPLE = 100;
const RUNS = 9;
/** As for the book: what the start can spare. */
const LOAD_MS = 300;
/** "Any messages?" is answered within 700 ms of the end of the words: a list must not be what takes long. */
const LIST_MS = 50;
const MEMORY_MB = 20;
const KEEP_MS = 50;
/** There is room for some 14,000 texts; with sound, for less. */
const ROOM = { allMs: Number.MAX_SAFE_INTEGER };
const ROOMS = { inbox: ROOM, requests: ROOM, evidence: ROOM };

/** An inbox of 10,000 messages, one in ten with a sound. */
export function benchInbox(folder: string): Measured[] {
  const path = join(folder, "inbox.db");
  fill(path);
  const loads = new Float64Array(RUNS);
  for (let run = 0; run < RUNS; run += 1) {
    using db = openFile(path);
    loads[run] = timed(() => openStore(db.db)[Symbol.dispose]());
  }
  using db = openFile(path);
  const before = usedMb();
  using inbox = openStore(db.db);
  if (inbox.entries().length !== MESSAGES) throw new Error("not all of them are there");
  const memory = usedMb() - before;
  const book = makeBook();
  const [lists, keeps, reads] = [new Float64Array(RUNS), new Float64Array(RUNS), new Float64Array(RUNS)];
  for (let run = 0; run < RUNS; run += 1) {
    keeps[run] = timed(() => keepOrFail(inbox, MESSAGES + run * VOICE_EVERY));
    const [first] = inbox.entries().filter(({ kind }) => kind === "voice");
    // A change makes the list anew; then the gate is asked about each.
    if (first) inbox.mark(first.id, first.from, run % 2 === 0 ? "heard" : "new");
    let shown = 0;
    lists[run] = timed(() => {
      shown = inbox.entries().filter((entry) => placeOf(entry, book) === "inbox").length;
    });
    if (shown !== MESSAGES + run + 1) throw new Error("not all of them are listed");
    reads[run] = timed(() => first && inbox.sound(first.id, first.from));
  }
  const many = `${MESSAGES.toLocaleString("en")} messages`;
  const median = (samples: Float64Array) => percentile(samples, 50);
  return [
    { what: `loading ${many}, median`, value: median(loads), unit: "ms", budget: LOAD_MS, proposed: true },
    { what: `${many} in memory`, value: memory, unit: "MB", budget: MEMORY_MB, proposed: true },
    {
      what: `listing ${many}, each asked of the gate, median`,
      value: median(lists),
      unit: "ms",
      budget: LIST_MS,
      proposed: true,
    },
    {
      what: `keeping one more of 10 s, durably, median`,
      value: median(keeps),
      unit: "ms",
      budget: KEEP_MS,
      proposed: true,
    },
    { what: "reading a sound of 10 s, median", value: median(reads), unit: "ms", budget: null },
  ];
}

function fill(path: string): void {
  using db = openFile(path);
  using inbox = openStore(db.db);
  // One write to the disk for all: each for itself would take minutes.
  db.db.transaction(() => {
    for (let index = 0; index < MESSAGES; index += 1) keepOrFail(inbox, index + 1);
  })();
}

function keepOrFail(inbox: InboxStore, index: number): void {
  const kept = inbox.keep(arrival(index));
  if (kept !== "kept") throw new Error(`a message was not kept: ${kept}`);
}

function arrival(index: number): ArrivedPart {
  const data = index % VOICE_EVERY === 0 ? new Uint8Array(randomBytes(SOUND_BYTES)) : null;
  const message: Parcel["envelope"]["message"] = data
    ? voiceMessage(data, SOUND_MS)
    : { kind: "message.text", body: { text: `I shall be some ${index} minutes late.` } };
  const nowMs = clock.nowMs();
  const envelope: Parcel["envelope"] = {
    id: randomBytes(16).toString("hex"),
    from: accountOf(index % PEOPLE),
    to: OWNER,
    atMs: nowMs,
    expiresMs: nowMs + 30 * 86_400_000,
    hash: randomBytes(32).toString("hex"),
    signature: "valid",
    certSeq: 1,
    unitKey: "",
    message,
  };
  // As long as real ones.
  const header = { signed: new Uint8Array(400), cert: new Uint8Array(269), sig: new Uint8Array(64) };
  const parcel: Parcel = { envelope, keyId: "", part: 0, data: data ?? new Uint8Array(), origin: null, header };
  return { parcel, shelf: "inbox", known: true };
}

function openFile(path: string): Disposable & { db: Db } {
  const opened = openDb({ path, key: new Uint8Array(32).fill(7) });
  if (!opened.ok) throw new Error(opened.detail);
  const { db } = opened;
  return { db, [Symbol.dispose]: () => void db.close() };
}

function openStore(db: Db): InboxStore {
  const replay = openReplayStore({ db, clock, log });
  const inbox = openInbox({
    db,
    owner: OWNER,
    clock,
    log,
    replay,
    spend: () => undefined,
    sharerOf: (account) => account,
    rooms: ROOMS,
  });
  return inbox;
}

function makeBook(): Book {
  const people = Array.from({ length: PEOPLE }, (_, index): Person => {
    const names = {
      id: `person-${index}`,
      name: `Person ${index}`,
      aliases: [],
      numbers: [],
      addresses: [],
      hours: [],
    };
    return { ...names, accounts: [accountOf(index)], grants: ["message"] };
  });
  return { ...emptyBook(OWNER, "GB", "Europe/London", () => ""), people };
}

function accountOf(index: number): string {
  return toBase32(createHash("sha256").update(`person ${index}`).digest());
}

const OWNER = accountOf(-1);
