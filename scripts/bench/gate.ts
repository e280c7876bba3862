import { createHmac, createSecretKey } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Block, type Book, emptyBook, type Person, type SealOf } from "#device/gate/book.ts";
import { decide, type Now, type Request } from "#device/gate/decide.ts";
import { lookup } from "#device/gate/lookup.ts";
import { toBase32 } from "#device/keys/base32.ts";
import { openBookStore } from "#device/store/book.ts";
import { insertBook, saveChange } from "#device/store/book-save.ts";
import { type Db, openDb } from "#device/store/db.ts";
import { type Bench, type Measured, percentile } from "./report.ts";

const SIZES = [1_000, 100_000, 1_000_000];
const STORED = 100_000;
/** Blocked when they were deleted: where there are any, each key of a caller is sealed to be compared. */
const DELETED = 1_000;
const DECISIONS = 200_000;
const LOADS = 5;

/** How long a decision takes and how much a book weighs, at sizes from a household's to far beyond any. */
export async function benchGate(): Promise<Bench> {
  // The store comes first, as on a unit: its first load meets code that was never run.
  const measured = await benchStore();
  for (const size of SIZES) measured.push(...benchSize(size));
  return { name: "gate", measured };
}

function benchSize(size: number): Measured[] {
  const before = usedMb();
  const book = makeBook(size);
  const bare = usedMb();
  const indexMs = timed(() => lookup(book));
  const indexed = usedMb();
  const samples = new Float64Array(DECISIONS);
  const requests = makeRequests(size);
  for (let run = 0; run < DECISIONS; run += 1) {
    const { request, now } = requests[run % requests.length] ?? failing();
    const startMs = performance.now();
    decide(request, book, now);
    samples[run] = (performance.now() - startMs) * 1_000;
  }
  const label = `${size.toLocaleString("en")} people and blocks`;
  const budget = size === STORED ? 50 : null;
  return [
    { what: `decision p50, ${label}`, value: percentile(samples, 50), unit: "µs", budget: null },
    { what: `decision p99, ${label}`, value: percentile(samples, 99), unit: "µs", budget },
    { what: `decision p99.9, ${label}`, value: percentile(samples, 99.9), unit: "µs", budget: null },
    { what: `making its index, ${label}`, value: indexMs, unit: "ms", budget: null },
    { what: `the book in memory, ${label}`, value: bare - before, unit: "MB", budget: null },
    { what: `its index in memory, ${label}`, value: indexed - bare, unit: "MB", budget: null },
  ];
}

/** From the encrypted file to a book that can be decided by, index and checks included. */
async function benchStore(): Promise<Measured[]> {
  const folder = await mkdtemp(join(tmpdir(), "porter-bench-"));
  const options = { path: join(folder, "porter.db"), key: new Uint8Array(32).fill(7) };
  try {
    const book = makeBook(STORED);
    using filling = openOrFail(options);
    saveChange(filling.db, insertBook(filling.db, emptyBook(OWNER, book.region, book.timeZone, seal)), book);
    filling[Symbol.dispose]();
    const opens = new Float64Array(LOADS);
    const loads = new Float64Array(LOADS);
    let changeMs = 0;
    for (let run = 0; run < LOADS; run += 1) {
      let held: ReturnType<typeof openOrFail> | undefined;
      opens[run] = timed(() => {
        held = openOrFail(options);
      });
      using open = held ?? failing();
      let store: ReturnType<typeof openBookStore> | undefined;
      loads[run] = timed(() => {
        store = openBookStore(open.db, OWNER, { seal });
      });
      if (!store?.ok || store.store.book.people.length !== STORED) throw new Error("the book did not load");
      const opened = store.store;
      changeMs = timed(() => opened.change({ type: "unblock", block: { number: blockedNumber(run + 1) } }));
    }
    const first = loads[0] ?? Number.NaN;
    return [
      {
        what: "loading it for the first time in this process",
        value: first,
        unit: "ms",
        budget: null,
      },
      {
        what: "loading a book of 100,000 people and blocks, median",
        value: percentile(loads, 50),
        unit: "ms",
        budget: 300,
      },
      {
        what: "opening and checking its database before that, median",
        value: percentile(opens, 50),
        unit: "ms",
        budget: null,
      },
      { what: "one durable change of it", value: changeMs, unit: "ms", budget: null },
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

function openOrFail(options: Parameters<typeof openDb>[0]): Disposable & { db: Db } {
  const opened = openDb(options);
  if (!opened.ok) throw new Error(opened.detail);
  const { db } = opened;
  return { db, [Symbol.dispose]: () => void (db.open && db.close()) };
}

const OWNER = accountOf(0);
const sealingKey = createSecretKey(Buffer.alloc(32, 7));
const seal: SealOf = (what, key) => createHmac("sha256", sealingKey).update(`${what}\0${key}`).digest("base64url");
const MONDAY_NOON_MS = Date.UTC(2026, 10, 23, 12);
const FOREVER = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** Half of the blocks are numbers, the rest accounts; some people have hours, most have an account and a number. */
function makeBook(size: number): Book {
  const people = Array.from({ length: size }, (_, index): Person => {
    const id = index + 1;
    const hours =
      id % 10 === 0 ? [{ grant: "ring" as const, fromMinute: 540, toMinute: 1_080, days: ["mon" as const] }] : [];
    return {
      id: `person-${id}`,
      name: `Person ${id}`,
      aliases: [],
      accounts: [accountOf(id)],
      numbers: [`+4477${String(id).padStart(8, "0")}`],
      addresses: [],
      grants: id % 2 === 0 ? ["ring", "message"] : [],
      hours,
    };
  });
  const blocks = Array.from({ length: size }, (_, index): Block => {
    if (index === 0) return { prefix: "+44909" };
    return index % 2 === 0 ? { account: accountOf(-index) } : { number: blockedNumber(index) };
  });
  const quietHours = [{ fromMinute: 1_320, toMinute: 420, days: FOREVER, except: ["person-2"] }];
  const deleted = Array.from({ length: DELETED }, (_, index) => ({
    id: index + 1,
    atMs: MONDAY_NOON_MS,
    blocked: true,
    accounts: [seal("account", accountOf(-3 * size - index))],
    numbers: [],
    addresses: [],
    names: [],
  }));
  return { ...emptyBook(OWNER, "GB", "Europe/London", seal), people, blocks, quietHours, deleted };
}

/** Callers of every sort, each at another minute, so that no answer about the time can be kept. */
function makeRequests(size: number): { request: Request; now: Now }[] {
  return Array.from({ length: 1_000 }, (_, index) => {
    const one = 1 + ((index * 7_919) % size);
    const whom = [accountOf(one), accountOf(-one), accountOf(2 * size + one)][index % 3] ?? OWNER;
    const number = index % 2 === 0 ? blockedNumber(one) : `+4478${String(one).padStart(8, "0")}`;
    const request: Request = {
      envelope: "00112233445566778899aabbccddeeff",
      kind: index % 5 === 0 ? "message" : "call",
      from: whom,
      to: OWNER,
      signature: "valid",
      replayed: false,
      fresh: true,
      ...(index % 4 === 0 && { number: { readings: [number, number.slice(0, -1)], attested: null } }),
    };
    return { request, now: { atMs: MONDAY_NOON_MS + index * 60_000, clockTrusted: true } };
  });
}

function blockedNumber(id: number): string {
  return `+4479${String(id).padStart(8, "0")}`;
}

function accountOf(id: number): string {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setInt32(0, id);
  // Put together letter by letter it would weigh twenty times as much as one that was read from somewhere.
  return Buffer.from(toBase32(bytes), "latin1").toString("latin1");
}

function timed(run: () => void): number {
  const startMs = performance.now();
  run();
  return performance.now() - startMs;
}

/** With what is not needed any more swept out, where Node was told to allow it. */
function usedMb(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

function failing(): never {
  throw new Error("a benchmark has no such thing");
}
