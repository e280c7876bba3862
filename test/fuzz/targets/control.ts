import { isDeepStrictEqual } from "node:util";
import { noLog } from "#base/log.ts";
import { MAX_LINE_BYTES, splitLines } from "#device/control/lines.ts";
import { controlAnswers } from "#device/control/socket.ts";
import { CALLERS, OWNER } from "../cast.ts";
import { MemoryUnit, storedIn } from "../memory-unit.ts";
import { mutateBytes, mutateText, mutateValue } from "../mutate.ts";
import type { Random } from "../random.ts";
import { broken, type Target } from "../target.ts";

const NAMES = [
  "Ana",
  "Ben",
  "Mallory",
  "mum",
  "Mum",
  "unknown",
  "withheld",
  "ana",
  "mallory",
  "Zoë",
  "Zoe\u0308",
  "1234",
  "Agent 47",
];
const NUMBERS = [
  "020 7946 0018",
  "07700 900123",
  "+44 7700 900123",
  "+54 9 11 2345 6789",
  "0039 06 1234",
  "112",
  "٠٧٧٠٠٩٠٠١٢٣",
  "+",
  "abc",
];
const GRANTS = ["ring", "message", "announce", "drop-in"];
const ACCOUNTS = CALLERS.map(({ sealer }) => sealer.account);
const WINDOW = { from: "17:00", to: "18:00", days: ["mon", "tue"] };
const WORDS = [
  '"',
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  '"id":1',
  '"do":"status"',
  '"do":"__proto__"',
  "null",
  "1e999",
  "\n",
  "\\u0000",
  '"who":',
];

type Fields = Readonly<Record<string, unknown>>;

/** Requests as an owner's tools make them. */
const REQUESTS: Readonly<Record<string, (random: Random) => Fields>> = {
  id: () => ({}),
  status: () => ({}),
  "person-add": (random) => ({
    name: random.pick(NAMES),
    ...(random.chance(0.6) && { accounts: [random.pick(ACCOUNTS)] }),
    ...(random.chance(0.3) && { numbers: [random.pick(NUMBERS)], aliases: [random.pick(NAMES)] }),
    ...(random.chance(0.3) && { grants: [random.pick(GRANTS)], addresses: ["ana@example.org"] }),
  }),
  "person-account": (random) => ({ who: who(random), account: random.pick(ACCOUNTS) }),
  "person-number": (random) => ({ who: who(random), number: random.pick(NUMBERS) }),
  "person-address": (random) => ({ who: who(random), address: random.pick(["a@b", "x", "@", " a@b "]) }),
  "person-unlink": (random) => ({ who: who(random), number: random.pick(NUMBERS) }),
  "import-look": (random) => ({ cards: [card(random)] }),
  import: (random) => ({ cards: [{ ...card(random), bringBack: random.chance(0.3), another: random.chance(0.3) }] }),
  "person-merge": (random) => ({ who: who(random), into: who(random) }),
  "person-hours": (random) => ({
    who: who(random),
    grant: random.pick(GRANTS),
    windows: random.chance(0.5) ? [WINDOW] : [],
  }),
  "person-list": () => ({}),
  "person-remove": (random) => ({ who: who(random) }),
  "person-grant": (random) => ({ who: who(random), grants: [random.pick(GRANTS)] }),
  "person-revoke": (random) => ({ who: who(random), grants: [random.pick(GRANTS)] }),
  block: (random) => ({ who: who(random), ...(random.chance(0.2) && { as: "prefix" }) }),
  unblock: (random) => ({ who: who(random), ...(random.chance(0.2) && { as: "prefix" }) }),
  calling: (random) => ({ calling: random.pick(["on", "off"]) }),
  unknown: (random) => ({ unknown: random.pick(["hold", "drop"]) }),
  kids: (random) => ({ kids: random.chance(0.5) }),
  region: (random) => ({ region: random.pick(["GB", "de", "XX", "IT", "AR"]) }),
  "time-zone": (random) => ({ timeZone: random.pick(["Europe/London", "Asia/Kathmandu", "No/Where", "UTC"]) }),
  "quiet-add": (random) => ({ ...WINDOW, except: random.chance(0.5) ? [who(random)] : [] }),
  "quiet-remove": () => WINDOW,
  "quiet-clear": () => ({}),
  rules: () => ({}),
  journal: (random) => ({ limit: 1 + random.below(200) }),
  "journal-verify": () => ({}),
  "journal-export": (random) => ({ part: random.below(2) }),
  "journal-forget": (random) => ({ who: who(random) }),
  why: () => ({}),
  call: (random) => ({ who: who(random) }),
  answer: () => ({}),
  "hang-up": () => ({}),
  stop: () => ({}),
};

function card(random: Random): Fields {
  const numbers = random.chance(0.5) ? [["+442079460018"]] : [];
  return { name: random.pick(NAMES), aliases: [], accounts: [random.pick(ACCOUNTS)], numbers, addresses: [] };
}

const DO = Object.keys(REQUESTS);
/** They read the whole journal: seldom is enough. */
const SLOW = ["journal", "journal-verify", "journal-export", "journal-forget", "why"];

function who(random: Random): string {
  return random.pick(random.chance(0.6) ? NAMES : [...ACCOUNTS, ...NUMBERS, OWNER]);
}

function wildLine(random: Random): Uint8Array {
  const name = random.pick(DO);
  const what = SLOW.includes(name) && random.chance(0.9) ? "person-add" : name;
  const request = { id: random.below(1_000), do: what, ...REQUESTS[what]?.(random) };
  if (random.chance(0.4)) return Buffer.from(JSON.stringify(request));
  const text = JSON.stringify(mutateValue(random, request)) ?? "";
  if (random.chance(0.5)) return Buffer.from(text);
  return random.chance(0.7) ? Buffer.from(mutateText(random, text, WORDS)) : mutateBytes(random, Buffer.from(text));
}

const RENEWED_EVERY = 1_000;
const CHECKED_EVERY = 100;

/** Bytes of a client of the control socket, cut anywhere, to real handlers on a real book; what is stored is what is known. */
export const control: Target = {
  name: "control",
  meets: ["ok", "bad-request", "no-such-person", "bad-number", "nothing", "too-long"],
  async open() {
    let unit = new MemoryUnit();
    let taken = 0;
    const attack = async (random: Random) => {
      taken += 1;
      if (taken % RENEWED_EVERY === 0) {
        unit[Symbol.dispose]();
        unit = new MemoryUnit();
      }
      const met = await ask(random, unit);
      if (taken % CHECKED_EVERY === 0) assertStored(unit);
      return met;
    };
    return { attack, [Symbol.asyncDispose]: async () => unit[Symbol.dispose]() };
  },
};

type Sent = Readonly<{ id?: unknown; ok?: unknown; error?: { code?: unknown } }>;

async function ask(random: Random, unit: MemoryUnit): Promise<string> {
  const sent: Sent[] = [];
  const answered: Promise<void>[] = [];
  const peer = {
    send: (value: unknown) => sent.push(JSON.parse(JSON.stringify(value))),
    hold: () => undefined,
    letGo: () => undefined,
  };
  const answer = controlAnswers({ handlers: unit.handlers, log: noLog });
  let lines = 0;
  const split = splitLines((line) => {
    lines += 1;
    answered.push(answer(line, peer));
  });
  const bytes = random.chance(0.003) ? Buffer.alloc(MAX_LINE_BYTES + 1, "[") : wildLine(random);
  for (const piece of cut(random, Buffer.concat([bytes, Buffer.of(0x0a)]))) if (!split(piece)) return "too-long";
  await Promise.all(answered);
  unit.commands.length = 0;
  unit.timeline.length = 0;
  if (sent.length !== lines) broken(`${lines} lines, ${sent.length} answers`);
  const [first] = sent;
  if (first === undefined) return "nothing";
  for (const { ok, error } of sent) {
    if (ok !== true && typeof error?.code !== "string") broken("an answer that is none");
    if (error?.code === "internal") broken("a handler threw");
  }
  return first.ok === true ? "ok" : String(first.error?.code);
}

function* cut(random: Random, bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const length = random.chance(0.5) ? bytes.length : 1 + random.below(40);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

function assertStored(unit: MemoryUnit): void {
  const { book, isUnsaved } = unit.stores.book;
  if (isUnsaved) broken("a change was confirmed and is not saved");
  for (const db of [unit.db, unit.copyDb]) {
    const stored = storedIn(db).read();
    if (!stored.ok) broken(`the book on the disk cannot be read: ${stored.detail}`);
    if (!stored.signed || !isDeepStrictEqual({ ...stored.book }, { ...book }))
      broken("the book on the disk is not the one in memory");
  }
}
