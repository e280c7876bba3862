import fc from "fast-check";
import type { Command } from "#audio/protocol.ts";
import type { Book, Grant, Person } from "#device/gate/book.ts";
import type { State } from "#device/state.ts";
import type { BookChange } from "#device/store/change.ts";
import { ANA, ANAS_OLD_PHONE, accountOf, ana, bookWith, MALLORY, mallory, STRANGER } from "#test/house/books.ts";
import { Brain, SIDE } from "#test/house/brain.ts";

/** Random days in the life of a unit: whoever may call calls, the owner does what owners do, things die and run out. */

export const ZED = accountOf("zed");
const zed: Person = { ...mallory, id: "zed", name: "Zed", accounts: [ZED], numbers: [], grants: ["ring"] };
export const FIRST_BOOK: Book = bookWith({ people: [ana, mallory, zed] });
const CALLERS = [ANA, ANAS_OLD_PHONE, MALLORY, ZED, STRANGER];

export type Action =
  | Readonly<{
      do: "offer";
      from: string;
      fresh: boolean;
      replayed: boolean;
      signature: "valid" | "invalid";
      to: string;
    }>
  | Readonly<{ do: "accept" | "end"; from: string; isRight: boolean }>
  | Readonly<{ do: "renewal" | "renewed"; from: string; isRight: boolean; round: number }>
  | Readonly<{ do: "say"; text: string; isHeld: boolean }>
  | Readonly<{ do: "press" | "answer" | "hang-up" | "ears-die" | "ready" | "mute" }>
  /** What would happen next if nobody meddled. */
  | Readonly<{ do: "proceed" }>
  | Readonly<{ do: "place"; to: string }>
  | Readonly<{ do: "change"; change: BookChange }>
  | Readonly<{ do: "leg"; report: LegReport }>
  | Readonly<{ do: "wait"; ms: number }>;

/** What a leg tells, some of it oftener. */
const LEG_REPORTS = [
  ...(["leg-offer", "leg-offer", "sealed", "sealed", "leg-answer", "leg-answer", "leg-failed"] as const),
  ...(["leg-connected", "leg-connected", "leg-connected", "leg-connected"] as const),
  ...(["leg-silent", "leg-alive", "leg-renewal", "leg-renewed"] as const),
];
type LegReport = (typeof LEG_REPORTS)[number];

const TEXTS = [
  "answer",
  "ignore it",
  "hang up",
  "call ana",
  "call mallory",
  "call back",
  "block that caller",
  "block ana",
  "block zed",
  "unblock ana",
  "unblock zed",
  "unblock mallory",
  "turn calling off",
  "turn calling on",
  "who called",
  "who is it",
  "yes",
  "no",
  "cancel",
  "gibberish",
];
const GRANTS: readonly Grant[] = ["ring", "message"];

const caller = fc.constantFrom(ANA, ANA, ...CALLERS);
const person = fc.constantFrom("ana", "mallory", "zed");
const mostly = <T>(usual: T, other: T) => fc.constantFrom(usual, usual, usual, usual, other);

const change: fc.Arbitrary<BookChange> = fc.oneof(
  person.map((id): BookChange => ({ type: "block", block: { person: id } })),
  caller.map((account): BookChange => ({ type: "block", block: { account } })),
  person.map((id): BookChange => ({ type: "unblock", block: { person: id } })),
  person.map((id): BookChange => ({ type: "grant", person: id, grants: GRANTS })),
  person.map((id): BookChange => ({ type: "revoke", person: id, grants: GRANTS })),
  person.map((id): BookChange => ({ type: "remove-person", person: id, atMs: 0 })),
  fc.constant<BookChange>({ type: "add-person", name: "Ana", accounts: [ANA], grants: GRANTS }),
  fc.constantFrom<BookChange>(
    { type: "calling", calling: "off" },
    { type: "calling", calling: "on" },
    { type: "calling", calling: "on" },
  ),
  fc.constantFrom<BookChange>(
    { type: "unknown", unknown: "drop" },
    { type: "unknown", unknown: "hold" },
    { type: "kids", kids: true },
  ),
);

const offer: fc.Arbitrary<Action> = fc.record({
  do: fc.constant("offer"),
  from: caller,
  fresh: mostly(true, false),
  replayed: mostly(false, true),
  signature: mostly<"valid" | "invalid">("valid", "invalid"),
  to: mostly(FIRST_BOOK.owner, ANA),
});

export const ACTIONS: fc.Arbitrary<Action> = fc.oneof(
  { arbitrary: offer, weight: 6 },
  {
    arbitrary: fc.record({ do: fc.constantFrom("accept", "end"), from: caller, isRight: mostly(true, false) }),
    weight: 3,
  },
  {
    arbitrary: fc.record({
      do: fc.constantFrom("renewal", "renewal", "renewed"),
      from: caller,
      isRight: mostly(true, false),
      round: fc.constantFrom(1, 2, 3),
    }),
    weight: 2,
  },
  {
    arbitrary: fc.record({ do: fc.constant("say"), text: fc.constantFrom(...TEXTS), isHeld: fc.boolean() }),
    weight: 4,
  },
  {
    arbitrary: fc.record({ do: fc.constantFrom("press", "answer", "answer", "hang-up", "ears-die", "ready", "mute") }),
    weight: 3,
  },
  { arbitrary: fc.record({ do: fc.constant("place"), to: caller }), weight: 3 },
  { arbitrary: change.map((each): Action => ({ do: "change", change: each })), weight: 2 },
  {
    arbitrary: fc.record({ do: fc.constant("leg"), report: fc.constantFrom(...LEG_REPORTS) }),
    weight: 5,
  },
  { arbitrary: fc.constant<Action>({ do: "proceed" }), weight: 4 },
  { arbitrary: fc.record({ do: fc.constant("wait"), ms: fc.constantFrom(1_000, 16_000, 61_000) }), weight: 2 },
);

/** One action and what came of it. */
export type Seen = Readonly<{
  action: Action;
  before: State;
  after: State;
  commands: readonly Command[];
  events: readonly string[];
  listed: Brain["listed"];
  /** Who sent which offer. */
  senders: ReadonlyMap<string, string>;
}>;

/** What a caller's SDP is known by wherever it turns up. */
export const SECRET = "a=from:";

/** Takes a brain through the actions and shows each. */
export function walk(actions: readonly Action[], look: (seen: Seen) => void, book: Book | null = FIRST_BOOK): void {
  const brain = new Brain(book);
  const senders = new Map<string, string>();
  for (const action of actions) {
    const before = brain.daemon.state;
    brain.forget();
    perform(brain, action, senders);
    const events = brain.timeline.map(({ event }) => event);
    const [commands, listed] = [[...brain.commands], [...brain.listed]];
    look({ action, before, after: brain.daemon.state, commands, events, listed, senders });
  }
}

function perform(brain: Brain, action: Action, senders: Map<string, string>): void {
  const { daemon } = brain;
  const callId = idOf(daemon.state);
  const { call } = daemon.state;
  const farEnd = call.at === "calling" || call.at === "talking" ? call.peer : ANA;
  switch (action.do) {
    case "offer": {
      const { do: _, from, ...rest } = action;
      const body = { ...SIDE, sdp: `v=0\r\n${SECRET}${from}\r\n` };
      senders.set(brain.arrive(from, { kind: "call.offer", body }, rest), from);
      break;
    }
    case "accept": {
      const offerHash = action.isRight ? "ab".repeat(32) : "cd".repeat(32);
      const from = action.isRight ? farEnd : action.from;
      const body = { ...SIDE, sdp: `v=0\r\n${SECRET}${from}\r\n`, offer: callId, offerHash };
      brain.arrive(from, { kind: "call.accept", body });
      break;
    }
    case "end":
      brain.arrive(action.isRight ? farEnd : action.from, {
        kind: "call.end",
        body: { offer: action.isRight ? callId : "ff".repeat(16) },
      });
      break;
    case "renewal":
    case "renewed":
      mend(brain, action.do, action.isRight ? farEnd : action.from, action.round);
      break;
    case "proceed":
      proceed(brain);
      break;
    case "say":
      if (action.isHeld) daemon.dispatch({ type: "button", change: { type: "down" } });
      brain.command(action.text);
      if (action.isHeld) daemon.dispatch({ type: "button", change: { type: "up", heldMs: 3_000 } });
      break;
    case "press":
      brain.press();
      break;
    case "answer":
    case "hang-up":
      daemon.dispatch({ type: "owner", order: action.do });
      break;
    case "ears-die":
      daemon.dispatch({ type: "ears-died" });
      break;
    case "ready":
      brain.hear({ type: "ready" });
      break;
    case "mute":
      daemon.dispatch({ type: "mute", engaged: !daemon.state.muted });
      break;
    case "place":
      daemon.place(action.to);
      break;
    case "change":
      daemon.change(action.change, "cli", []);
      break;
    case "leg":
      report(brain, action.report, callId);
      break;
    case "wait":
      brain.clock.advance(action.ms);
      break;
  }
}

function mend(brain: Brain, what: "renewal" | "renewed", from: string, round: number): void {
  const side = { ...SIDE, sdp: `v=0\r\n${SECRET}${from}\r\n`, offer: idOf(brain.daemon.state) };
  if (what === "renewal") brain.arrive(from, { kind: "call.renewal", body: { ...side, round } });
  else brain.arrive(from, { kind: "call.renewed", body: { ...side, renewalHash: "ab".repeat(32) } });
}

function proceed(brain: Brain): void {
  const { call } = brain.daemon.state;
  switch (call.at) {
    case "idle":
    case "ringing":
      break;
    case "calling":
      if (call.hash === null) report(brain, "sealed", call.id);
      else perform(brain, { do: "accept", from: call.peer, isRight: true }, new Map());
      break;
    case "answering":
    case "joining":
      report(brain, call.at === "joining" || call.told ? "leg-connected" : "leg-answer", call.id);
      break;
    case "talking":
      if (!call.silent) report(brain, "leg-silent", call.id);
      else if (!call.placed) mend(brain, "renewal", call.peer, call.renewal.round + 1);
      else if (call.renewal.hash === null) report(brain, "sealed", call.id);
      else mend(brain, "renewed", call.peer, 1);
  }
}

function report(brain: Brain, what: LegReport, leg: string): void {
  switch (what) {
    case "leg-offer":
    case "leg-answer":
      brain.hear({ type: what, leg, ...SIDE });
      break;
    case "leg-connected": {
      // A leg does not connect to somebody who was told nothing.
      const { call } = brain.daemon.state;
      if (call.at === "answering" && !call.told) break;
      brain.hear({ type: what, leg });
      break;
    }
    case "leg-failed":
      brain.hear({ type: what, leg, why: "internal" });
      break;
    case "leg-silent":
    case "leg-alive":
      brain.hear({ type: what, leg });
      break;
    case "leg-renewal":
    case "leg-renewed": {
      const { call } = brain.daemon.state;
      brain.hear({ type: what, leg, round: call.at === "talking" ? Math.max(1, call.renewal.round) : 1, ...SIDE });
      break;
    }
    case "sealed":
      brain.daemon.dispatch({ type: "offer-sealed", id: leg, hash: "ab".repeat(32) });
      brain.daemon.dispatch({ type: "renewal-sealed", id: leg, round: 1, hash: "ab".repeat(32) });
      break;
  }
}

export function idOf({ call }: State): string {
  if (call.at === "idle") return "00".repeat(16);
  return call.at === "ringing" ? call.incoming.id : call.id;
}
