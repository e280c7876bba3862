import { CALLERS, OWNER } from "./cast.ts";
import type { Random } from "./random.ts";

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
type Fields = Readonly<Record<string, unknown>>;
/** What answers told: the draft and the archive that were begun last, and a message that lies here. */
export type Seen = { draft: string; archive: string; message: string };

/** Requests as an owner's tools make them. */
const REQUESTS: Readonly<Record<string, (random: Random, seen: Seen) => Fields>> = {
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
  messages: (random) => ({ place: random.pick(["inbox", "requests", "evidence"]), limit: 1 + random.below(100) }),
  "message-delete": (random, { message }) => ({ message: named(random, message) }),
  "message-sound": (random, { message }) => ({ message: named(random, message), part: random.below(3) }),
  "message-draft": (random, { draft }) => ({
    ...(random.chance(0.6) && { draft }),
    data: Buffer.from(random.bytes(random.size(2_000))).toString("base64"),
  }),
  "message-send": (random, { draft }) => ({ who: who(random), what: said(random, draft) }),
  "messages-of-blocked": (random) => ({ evidence: random.pick(["keep", "drop"]) }),
  "evidence-list": (random) => ({ ...(random.chance(0.5) && { who: who(random) }), limit: 1 + random.below(100) }),
  "evidence-keep": (random, { message }) => ({ message: named(random, message) }),
  "evidence-export": (random, { message }) => ({
    ...(random.chance(0.3) && { who: who(random) }),
    messages: random.chance(0.5) ? [named(random, message)] : [],
  }),
  "evidence-piece": (random, { archive }) => ({ export: archive, piece: random.below(3) }),
  "messages-unverified": (random) => ({ unverifiedOrigin: random.pick(["admit", "drop"]) }),
};

/** A message's id, or so much of it as may name several. */
function named(random: Random, message: string): string {
  return random.chance(0.7) ? message : message.slice(0, 4 + random.below(4));
}

function said(random: Random, draft: string): Fields {
  if (random.chance(0.5)) return { kind: "text", text: random.pick(["I am late", "\u0007", " ", "z".repeat(2_001)]) };
  return { kind: "voice", draft, durationMs: random.pick([1, 4_000, 120_001]) };
}

function card(random: Random): Fields {
  const numbers = random.chance(0.5) ? [["+442079460018"]] : [];
  return { name: random.pick(NAMES), aliases: [], accounts: [random.pick(ACCOUNTS)], numbers, addresses: [] };
}

const DO = Object.keys(REQUESTS);
/** They read the whole journal: seldom is enough. */
const SLOW = ["journal", "journal-verify", "journal-export", "journal-forget", "why", "evidence-export"];

function who(random: Random): string {
  return random.pick(random.chance(0.6) ? NAMES : [...ACCOUNTS, ...NUMBERS, OWNER]);
}

/** One of them, whole. */
export function wildRequest(random: Random, seen: Seen): Fields {
  const name = random.pick(DO);
  const what = SLOW.includes(name) && random.chance(0.9) ? "person-add" : name;
  return { id: random.below(1_000), do: what, ...REQUESTS[what]?.(random, seen) };
}
