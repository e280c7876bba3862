import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import * as v from "valibot";
import { type BookRequest, toChange, viewPerson, viewRules } from "#device/control/book-requests.ts";
import { type Ask, ControlClient } from "#device/control/client.ts";
import { ControlRequest, type PersonView, type RulesView } from "#device/control/requests.ts";
import { type Book, emptyBook } from "#device/gate/book.ts";
import { toBase32 } from "#device/keys/base32.ts";
import { applyChange } from "#device/store/change.ts";
import { Random } from "#test/fuzz/random.ts";
import { testSeal } from "./books.ts";

/** How a unit is started whose control socket stands in `folder`. */
export type Start = (folder: string) => Readonly<{ command: string; parameters: readonly string[] }>;
export type Kills = Readonly<{
  rounds: number;
  seed: number;
  folder: string;
  start: Start;
  onRound?: (round: number, counts: Counts) => void;
}>;
/** `sent` and `acknowledged`: changes, over all rounds; `during`: kills that fell among changes that were under way. */
export type Counts = { sent: number; acknowledged: number; changed: number; during: number; whileStarting: number };

const UP_WITHIN_MS = 20_000;
/** Asked for before the first is answered: a unit that confirmed ahead of the disk would be ahead by as many. */
const UNDER_WAY = 4;
const LONGEST_MS = 220;

/** The smaller unit; `early`: one that confirms before it has saved. */
export function bookUnit(early = false): Start {
  const main = fileURLToPath(new URL("book-unit.ts", import.meta.url));
  return (folder) => ({
    command: process.execPath,
    parameters: [main, "--folder", folder, ...(early ? ["--early"] : [])],
  });
}

/**
 * Has the book changed through the control socket and kills the unit in the middle, over and over. After each kill the
 * book must be what it was after all acknowledged changes, and perhaps some of those that were under way, in their
 * order; and the journal must hold, with a line for each. Throws where it is not so.
 *
 * This shows that nothing is acknowledged before SQLite has taken it. It cannot show that it is on the disk: what a
 * killed process has written outlives it in the page cache. Only a machine's power cut tells.
 */
export async function killWhileChanging({ rounds, seed, folder, start, onRound }: Kills): Promise<Counts> {
  const random = new Random(seed);
  const counts: Counts = { sent: 0, acknowledged: 0, changed: 0, during: 0, whileStarting: 0 };
  let possible: readonly Book[] = [emptyBook("", "GB", Intl.DateTimeFormat().resolvedOptions().timeZone, testSeal)];
  let leastLine = 1;
  for (let round = 0; round <= rounds; round += 1) {
    await using unit = new KilledUnit(start(folder));
    if (round < rounds && random.chance(0.1)) {
      await sleep(random.below(500));
      counts.whileStarting += 1;
      continue;
    }
    await using client = await unit.connect(join(folder, "control.sock"));
    const found = await lookAt(client);
    const book = possible.find((each) => isDeepStrictEqual(viewsOf(each), found.views));
    if (!book) throw new Error(`round ${round}: the book is none of the ${possible.length} that it may be`);
    if (!found.holds) throw new Error(`round ${round}: the journal does not hold`);
    if (found.lastLine < leastLine) throw new Error(`round ${round}: the journal lost lines`);
    if (round === rounds) break;
    const done = await changeUntilKilled(client, random, unit, book);
    possible = done.possible;
    leastLine = found.lastLine + done.changed + 1; // and one for its next start
    counts.sent += done.sent;
    counts.acknowledged += done.acknowledged;
    counts.changed += done.changed;
    if (done.sent > done.acknowledged) counts.during += 1;
    onRound?.(round, counts);
  }
  return counts;
}

type Done = Readonly<{ sent: number; acknowledged: number; changed: number; possible: readonly Book[] }>;

/** `possible`: the book after what was acknowledged, and after each further change that was under way. */
async function changeUntilKilled(client: ControlClient, random: Random, unit: KilledUnit, before: Book): Promise<Done> {
  const books = [before];
  let acknowledged = 0;
  let changed = 0;
  /** Ends when the connection does. */
  const change = async (): Promise<void> => {
    for (;;) {
      const ask = randomChange(random);
      books.push(bookAfter(books.at(-1) ?? before, ask));
      const reply = await client.ask(ask);
      acknowledged += 1;
      if (reply.ok && "changed" in reply.answer && reply.answer.changed) changed += 1;
    }
  };
  const writers = Array.from({ length: UNDER_WAY }, () => change().catch(() => undefined));
  await sleep(random.below(LONGEST_MS));
  await unit.kill();
  await Promise.all(writers);
  return { sent: books.length - 1, acknowledged, changed, possible: books.slice(acknowledged) };
}

type BookAsk = Extract<Ask, { do: BookRequest["do"] }>;

/** As the unit should take it; the same book where it refuses. */
function bookAfter(book: Book, ask: BookAsk): Book {
  const request = v.parse(ControlRequest, { id: 1, ...ask }) as BookRequest;
  const wanted = toChange(request, book, Date.now());
  const applied = wanted.ok ? applyChange(book, wanted.change) : wanted;
  return applied.ok ? applied.book : book;
}

const NAMES = Array.from({ length: 30 }, (_, index) => `Person ${index}`);
const NUMBERS = ["020 7946 0018", "07700 900123", "+44 909 8790000", "+49 30 901820"];

function randomChange(random: Random): BookAsk {
  const who = random.pick(NAMES);
  const account = () => toBase32(random.bytes(32));
  switch (random.below(12)) {
    case 0:
    case 1:
    case 2:
      return { do: "person-add", name: who, accounts: [account()], grants: random.chance(0.5) ? ["ring"] : [] };
    case 3:
      return { do: "block", who };
    case 4:
      return { do: "block", who: random.chance(0.5) ? account() : random.pick(NUMBERS) };
    case 5:
      return { do: "unblock", who: random.chance(0.5) ? who : random.pick(NUMBERS) };
    case 6:
      return { do: "person-grant", who, grants: ["ring", "message"] };
    case 7:
      return { do: "person-revoke", who, grants: ["ring"] };
    case 8:
      return { do: "person-merge", who, into: random.pick(NAMES) };
    case 9:
      return { do: "person-remove", who };
    case 10:
      return { do: "calling", calling: random.chance(0.5) ? "on" : "off" };
    default:
      return { do: "person-account", who, account: account() };
  }
}

/** As the control socket tells it, but for when somebody was deleted. */
function viewsOf(book: Book): unknown {
  return timeless({ people: book.people.map((each) => viewPerson(book, each)), rules: viewRules(book) });
}

function timeless({ people, rules }: { people: PersonView[]; rules: RulesView }): unknown {
  return { people, rules: { ...rules, blocks: rules.blocks.map(({ kind, who }) => ({ kind, who })) } };
}

async function lookAt(client: ControlClient) {
  const [people, rules, verified, journal] = [
    await client.ask({ do: "person-list" }),
    await client.ask({ do: "rules" }),
    await client.ask({ do: "journal-verify" }),
    await client.ask({ do: "journal", limit: 1 }),
  ];
  if (!people.ok || !rules.ok || !verified.ok || !journal.ok) throw new Error("the unit does not say what it holds");
  const views = timeless({ people: people.answer.people, rules: rules.answer });
  return { views, holds: verified.answer.holds, lastLine: journal.answer.lines[0]?.id ?? 0 };
}

class KilledUnit implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #gone: Promise<unknown>;

  constructor({ command, parameters }: ReturnType<Start>) {
    this.#child = spawn(command, parameters, { stdio: ["ignore", "ignore", "inherit"] });
    this.#gone = once(this.#child, "exit");
  }

  /** Asks again until it is up. A socket that the one before left behind answers nobody. */
  async connect(path: string): Promise<ControlClient> {
    for (const startedMs = performance.now(); ; ) {
      const client = await ControlClient.connect(path).catch((error: unknown) => error);
      if (client instanceof ControlClient) return client;
      if (this.#child.exitCode !== null || performance.now() - startedMs > UP_WITHIN_MS) throw client;
      await sleep(10);
    }
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
