import { execFileSync } from "node:child_process";
import { createHmac, createSecretKey, generateKeyPairSync } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "#base/clock.ts";
import { type Block, type Book, emptyBook, type Person, type SealOf } from "#device/gate/book.ts";
import { decide, type Now, type Request } from "#device/gate/decide.ts";
import { lookup } from "#device/gate/lookup.ts";
import { toBase32 } from "#device/keys/base32.ts";
import { rawPublicKey, signBytes, verifyBytes } from "#device/keys/signing.ts";
import { openBookStore } from "#device/store/book.ts";
import { type BookFiles, DATABASE, openBookFiles } from "#device/store/book-open.ts";
import type { BookSigner } from "#device/store/book-signature.ts";
import { StoredBook } from "#device/store/book-stored.ts";
import { type Db, openDb } from "#device/store/db.ts";
import { entry } from "./entry.ts";
import { type Bench, type Measured, percentile, timed, usedMb } from "./report.ts";

const SIZES = [1_000, 100_000, 1_000_000];
const STORED = 100_000;
const STORED_SIZES = [100, 10_000, STORED];
const LOAD_BUDGET_MS = 300;
const CHANGES = 50;
/** Blocked when they were deleted: where there are any, each key of a caller is sealed to be compared. */
const DELETED = 1_000;
const DECISIONS = 200_000;
const LOADS = 5;

export const gate = entry({
  summary: "how long a decision takes, at up to a million people and blocks",
  options: {},
  run: benchGate,
});

/** How long a decision takes and how much a book weighs, at sizes from a household's to far beyond any. */
async function benchGate(): Promise<Bench> {
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

/** From the encrypted file to a book that can be decided by, index and proofs included; and what changes of it cost. */
async function benchStore(): Promise<Measured[]> {
  const folder = await mkdtemp(join(tmpdir(), "porter-bench-"));
  const { privateKey } = generateKeyPairSync("ed25519");
  const publicKey = rawPublicKey(privateKey);
  const signer: BookSigner = {
    account: OWNER,
    signBook: (what, bytes) => signBytes(`porter/1 book ${what}`, bytes, privateKey),
    holdsBook: (what, bytes, signature) => verifyBytes(`porter/1 book ${what}`, bytes, signature, publicKey),
  };
  const filesOf = (size: number): BookFiles => ({
    folder: join(folder, String(size)),
    signer,
    databaseKey: new Uint8Array(32).fill(7),
    copyKey: new Uint8Array(32).fill(8),
    seal,
    place: { region: "GB", timeZone: "Europe/London" },
    nowMs: MONDAY_NOON_MS,
  });
  try {
    const fillMs = new Map<number, number>();
    for (const size of STORED_SIZES) {
      await mkdir(filesOf(size).folder);
      const opened = openOrFail(filesOf(size));
      const made = makeBook(size);
      // Room is left for the blocks that are measured.
      const book = { ...made, blocks: made.blocks.slice(CHANGES), revision: 2 };
      fillMs.set(
        size,
        timed(() => opened.kept.save(book)),
      );
      opened.close();
    }
    // The parts first, and the first of all is what a unit does at its start: code that was never run yet.
    const loads = [...benchLoadsAlone(filesOf(STORED), publicKey), ...benchLoads(filesOf(STORED), LOADS)];
    const whole = timed(() => openOrFail(filesOf(STORED)).close());
    return [
      ...loads,
      { what: "opening it as a unit does: database, book, copy and record", value: whole, unit: "ms", budget: null },
      {
        what: "writing all of it, database and copy",
        value: fillMs.get(STORED) ?? Number.NaN,
        unit: "ms",
        budget: null,
      },
      ...STORED_SIZES.flatMap((size) => benchChanges(filesOf(size), size)),
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Each in a process of its own, which does nothing before: as at the start of a unit. */
function benchLoadsAlone({ folder, databaseKey }: BookFiles, publicKey: Uint8Array): Measured[] {
  const script = fileURLToPath(new URL("load-once.ts", import.meta.url));
  const hex = (key: Uint8Array) => Buffer.from(key).toString("hex");
  const given = [script, join(folder, DATABASE), hex(databaseKey), OWNER, hex(publicKey)];
  const loads = Float64Array.from({ length: LOADS }, () =>
    Number(execFileSync(process.execPath, given, { encoding: "utf8" })),
  );
  const what = `loading a book of ${STORED.toLocaleString("en")} people and blocks, as the first thing a process does`;
  return [
    { what: `${what}, median`, value: percentile(loads, 50), unit: "ms", budget: LOAD_BUDGET_MS },
    { what: `${what}, worst of ${LOADS}`, value: percentile(loads, 100), unit: "ms", budget: null },
  ];
}

function benchLoads({ folder, databaseKey: key, signer, place }: BookFiles, runs: number): Measured[] {
  const opens = new Float64Array(runs);
  const loads = new Float64Array(runs);
  const indexes = new Float64Array(runs);
  for (let run = 0; run < runs; run += 1) {
    let db: Db | null = null;
    opens[run] = timed(() => {
      const opened = openDb({ path: join(folder, DATABASE), key, mayCreate: false });
      if (!opened.ok) throw new Error(opened.detail);
      db = opened.db;
    });
    const open: Db = db ?? failing();
    loads[run] = timed(() => {
      const read = new StoredBook({ db: open, signer, place, seal }).read();
      if (!read.ok || read.book.people.length !== STORED) throw new Error("the book did not load");
      indexes[run] = timed(() => lookup({ ...read.book }));
    });
    loads[run] = (loads[run] ?? 0) - (indexes[run] ?? 0);
    open.close();
  }
  const label = `a book of ${STORED.toLocaleString("en")} people and blocks`;
  return [
    {
      what: `loading ${label}, first where it was made`,
      value: loads[0] ?? Number.NaN,
      unit: "ms",
      budget: LOAD_BUDGET_MS,
    },
    {
      what: `loading ${label}, where it was made, median`,
      value: percentile(loads, 50),
      unit: "ms",
      budget: LOAD_BUDGET_MS,
    },
    { what: "of that, its index, median", value: percentile(indexes, 50), unit: "ms", budget: null },
    {
      what: "opening and checking its database before that, first",
      value: opens[0] ?? Number.NaN,
      unit: "ms",
      budget: null,
    },
    {
      what: "opening and checking its database before that, median",
      value: percentile(opens, 50),
      unit: "ms",
      budget: null,
    },
  ];
}

/** Blocks: in memory, where they count at once, and then on the disk. */
function benchChanges(files: BookFiles, size: number): Measured[] {
  const opened = openOrFail(files);
  using store = openBookStore(opened.book, opened.kept, systemClock);
  const counts = new Float64Array(CHANGES);
  const saves = new Float64Array(CHANGES);
  for (let run = 0; run < CHANGES; run += 1) {
    const person = `person-${1 + ((run * 7_919) % size)}`;
    counts[run] = timed(() => {
      const result = store.apply({ type: "block", block: { person } });
      if (!result.ok || !result.changed) throw new Error("nothing was changed");
    });
    saves[run] = timed(() => {
      if (!store.save()) throw new Error("it was not saved");
    });
  }
  opened.close();
  const label = `${size.toLocaleString("en")} people`;
  return [
    { what: `a change counts in memory, ${label}, median`, value: percentile(counts, 50), unit: "ms", budget: null },
    { what: `a change counts in memory, ${label}, worst`, value: percentile(counts, 100), unit: "ms", budget: 20 },
    { what: `and is on the disk thrice, ${label}, median`, value: percentile(saves, 50), unit: "ms", budget: null },
    { what: `and is on the disk thrice, ${label}, worst`, value: percentile(saves, 100), unit: "ms", budget: null },
  ];
}

function openOrFail(files: BookFiles) {
  const opened = openBookFiles(files);
  if (!opened.ok) throw new Error(opened.fault);
  return opened;
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

function failing(): never {
  throw new Error("a benchmark has no such thing");
}
