import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Command } from "#audio/protocol.ts";
import type { OutsideEffect } from "#device/events.ts";
import type { Book } from "#device/gate/book.ts";
import { decide } from "#device/gate/decide.ts";
import { seed } from "#test/fuzz/seed.ts";
import { moments, requests } from "../gate/arbitrary.ts";
import { ACTIONS, type Action, FIRST_BOOK, idOf, SECRET, type Seen, walk } from "./walk.ts";

/**
 * What must always be true, and what holds it. Here: the whole brain on random walks, judged by rules of the test's
 * own, which share no code with the gate.
 *
 *  1 nothing from outside but through the gate   here · architecture.test · gate/decide.test (forged passes) · daemon.test
 *  2 the gate decides first                      here · call/call.test · integration/audio-process, leg
 *  3 the caller learns nothing before an accept  here · call/call.test · integration/hostile-envelopes, hub-timing
 *  4 the gate needs no network                   here (no walk has one) · architecture.test · integration/book-kill
 *  5 it fails closed                             here · fuzz book-rows · store/db.test · daemon.test
 *  6 being known is not being welcome            gate/properties.test · fuzz book-file
 *  7 loosening takes a second factor             here · voice/walk.test · daemon.test
 *  8 no microphone before an answer              here · call/call.test · audio/pipeline.test
 *  9 identity is a signature                     fuzz envelope, sealed, certificate, token · wire/envelope.test
 * 10 no peer learns the owner's address          fuzz sdp · audio/sdp.test · integration/leg
 */
const RUNS = { numRuns: 700, seed: seed() };
const LENGTH = { minLength: 25, maxLength: 60 };
const PATIENCE_MS = 60_000;

function forEveryWalk(look: () => (seen: Seen) => void, book: Book | null = FIRST_BOOK): void {
  fc.assert(
    fc.property(fc.array(ACTIONS, LENGTH), (actions) => walk(actions, look(), book)),
    RUNS,
  );
}

type Rule = (seen: Seen) => void;

/** By the words of the book alone: is this account, or whoever has it, blocked? */
function isBlocked({ people, blocks }: Book, account: string): boolean {
  const owners = people.filter(({ accounts }) => accounts.includes(account));
  return blocks.some((block) => {
    if ("account" in block)
      return block.account === account || owners.some(({ accounts }) => accounts.includes(block.account));
    return "person" in block && owners.some(({ id }) => id === block.person);
  });
}

function mayRing(book: Book, account: string): boolean {
  const isGranted = book.people.some(({ accounts, grants }) => accounts.includes(account) && grants.includes("ring"));
  return isGranted && book.calling === "on" && !isBlocked(book, account);
}

function hasTone(commands: readonly Command[], tone: string): boolean {
  return commands.some((command) => command.type === "start-tone" && command.tone === tone);
}

/** 1: who rings may ring, as the book stands; who is listed may be; no effect got to its end without its pass. */
const onlyThroughTheGate =
  (asBookSays: (book: Book) => Book = (book) => book): Rule =>
  ({ after, commands, events, listed, action }) => {
    const book = asBookSays(after.book ?? FIRST_BOOK);
    expect(events).not.toContain("refused");
    if (after.call.at === "ringing") expect(mayRing(book, after.call.incoming.peer)).toBe(true);
    if (after.call.at === "calling" || after.call.at === "talking")
      expect(isBlocked(book, after.call.peer)).toBe(false);
    if (hasTone(commands, "ring")) expect(after.call.at).toBe("ringing");
    for (const { account, kind } of listed) {
      if (kind === "request") expect(isBlocked(book, account)).toBe(false);
      if (kind === "missed" && action.do === "offer") expect(mayRing(book, account)).toBe(true);
    }
    if (action.do === "offer" && (action.signature === "invalid" || action.replayed || action.to !== book.owner)) {
      expect([commands, listed]).toEqual([[], []]);
    }
  };

/** What is heard or listed, of the owner's own doing. */
const OWN = ["say", "tone", "tone-ended", "tell", "start-ring-back", "list-own", "listen"];
const SOUNDING = ["ring", "tone-ended-guest", "tell-guest", "tell-not-saved", "play-message", "play-request"];

/** 1: what comes from outside sounds by an effect that has a pass, or not at all; so do a leg and a clock in a call. */
const soundsByAPass =
  (own: readonly string[] = OWN): Rule =>
  ({ action, before, events, commands }) => {
    const isOutside = ["offer", "accept", "end"].includes(action.do);
    const isOfTheLine = ["answering", "joining", "talking"].includes(before.call.at);
    if (!isOutside && !(isOfTheLine && (action.do === "leg" || action.do === "wait"))) return;
    const caused = events.filter((event) => own.includes(event));
    expect(caused).toEqual([]);
    const isHeard = commands.some(({ type }) => type === "say" || type === "start-tone" || type === "play-part");
    if (isHeard) expect(events.some((event) => SOUNDING.includes(event))).toBe(true);
  };

/** 2, 3, 8: no SDP of a caller's and no leg, and nothing sent, but for calls that the owner answered or placed. */
function onlyAfterTheOwner(isAnswer: (action: Action) => boolean): Rule {
  const taken = new Set<string>();
  /** Calls of which the other side knows from us: those we placed, and those we said that we accept. */
  const told = new Set<string>();
  return ({ action, before, after, commands, events, senders }) => {
    if (before.call.at === "ringing" && after.call.at === "answering" && isAnswer(action)) taken.add(after.call.id);
    // Both called each other: the owner has asked for just this person.
    const asked = [before.call, after.call].flatMap((call) => (call.at === "calling" ? [call] : []));
    for (const { id, rival } of asked) for (const own of [id, rival?.id ?? id]) taken.add(own);
    if (before.call.at === "calling" && after.call.at === "answering") {
      expect(senders.get(after.call.id)).toBe(before.call.peer);
      taken.add(after.call.id);
    }
    for (const command of commands) {
      if (!command.type.endsWith("-leg") && !JSON.stringify(command).includes(SECRET)) continue;
      const legs = ["answer-leg", "complete-leg", "offer-leg", "close-leg", "renew-leg"];
      expect([...legs, "answer-renewal", "complete-renewal"]).toContain(command.type);
      if (/renew/.test(command.type)) expect(before.call.at).toBe("talking");
      if (before.call.at === "talking" && /renewal/.test(command.type))
        expect(JSON.stringify(command)).toContain(`${SECRET}${before.call.peer}\\r`);
      if ("leg" in command && command.type !== "close-leg") expect(taken.has(command.leg), command.type).toBe(true);
    }
    const known = [idOf(before), idOf(after)];
    if (before.call.at === "calling") told.add(before.call.id);
    if (events.includes("send-end")) expect(told.has(idOf(before)), action.do).toBe(true);
    if (events.some((event) => event.startsWith("send-"))) expect(known.some((id) => taken.has(id))).toBe(true);
    if (events.includes("send-accept")) told.add(idOf(before));
  };
}

const byOwner = (action: Action) =>
  action.do === "answer" || action.do === "press" || (action.do === "say" && action.text === "answer");

/** 7: how open a book is; a change by voice alone may only ever lower each of these. */
function openness({ calling, unknown, kids, people, blocks }: Book): number[] {
  const grants = people.map((person) => person.grants.length).reduce((all, each) => all + each, 0);
  return [calling === "on" ? 1 : 0, unknown === "hold" ? 1 : 0, kids ? 0 : 1, grants, -blocks.length];
}

const voiceOnlyTightens =
  (isAlone: (action: Action) => boolean): Rule =>
  ({ action, before, after }) => {
    if (!isAlone(action) || !before.book || !after.book) return;
    const [was, is] = [openness(before.book), openness(after.book)];
    for (const [at, value] of is.entries()) expect(value).toBeLessThanOrEqual(was[at] ?? 0);
  };

const fromOutside = (action: Action) =>
  ["offer", "accept", "end", "renewal", "renewed", "leg", "wait", "ears-die", "ready"].includes(action.do);
const byVoiceAlone = (action: Action) => action.do === "say" && !action.isHeld;

describe("on every walk", () => {
  test(
    "nothing from outside reaches the owner but through the gate",
    () => forEveryWalk(() => onlyThroughTheGate()),
    PATIENCE_MS,
  );

  test(
    "what comes from outside, and what befalls a call, is heard by an effect with a pass, or not at all",
    () => forEveryWalk(() => soundsByAPass()),
    PATIENCE_MS,
  );

  test(
    "no SDP crosses, no leg opens and nothing is sent before the owner answered, or had called just this person",
    () => forEveryWalk(() => onlyAfterTheOwner(byOwner)),
    PATIENCE_MS,
  );

  test(
    "a voice without the held button never loosens anything, and what comes from outside changes no book at all",
    () => {
      forEveryWalk(() => voiceOnlyTightens(byVoiceAlone));
      forEveryWalk(() => ({ action, before, after }) => {
        if (fromOutside(action)) expect(after.book).toBe(before.book);
      });
    },
    PATIENCE_MS,
  );

  test(
    "a unit whose book cannot be read lets nobody in, lists nobody, calls nobody and shows the fault",
    () =>
      forEveryWalk(
        () =>
          ({ after, commands, listed, events }) => {
            expect(after.call.at).toBe("idle");
            expect([hasTone(commands, "ring"), listed, events.filter((event) => event.startsWith("send-"))]).toEqual([
              false,
              [],
              [],
            ]);
            expect(JSON.stringify(commands)).not.toContain(SECRET);
          },
        null,
      ),
    PATIENCE_MS,
  );

  test("the walks come to every state of a call, and to most of what can happen there", () => {
    const met = new Map<string, number>();
    const count = (what: string) => met.set(what, (met.get(what) ?? 0) + 1);
    forEveryWalk(() => ({ after, events, action, before }) => {
      count(after.call.at);
      for (const event of events) count(event);
      if (after.call.at === "idle" && before.call.at !== "idle") count(`${before.call.at} ended by ${action.do}`);
    });
    const wanted = [
      "idle",
      "calling",
      "ringing",
      "answering",
      "joining",
      "talking",
      "ring",
      "list-guest",
      "list-request",
      "tone-ended-guest",
      "tell-guest",
      "renew-leg",
      "answer-renewal",
      "complete-renewal",
    ];
    const sent = ["send-offer", "send-accept", "send-end", "talking ended by change", "ringing ended by change"];
    for (const each of [...wanted, ...sent]) expect(met.get(each) ?? 0, each).toBeGreaterThan(0);
  });
});

describe("the walks find", () => {
  test("a ring that the book does not allow", () => {
    const withoutAna = (book: Book): Book => ({ ...book, people: book.people.filter(({ id }) => id !== "ana") });
    expect(() => forEveryWalk(() => onlyThroughTheGate(withoutAna))).toThrow();
  });

  test("a sound at the end of a call that counts as the owner's own", () => {
    expect(() => forEveryWalk(() => soundsByAPass([...OWN, "tone-ended-guest"]))).toThrow();
    expect(() => forEveryWalk(() => soundsByAPass([...OWN, "tell-guest"]))).toThrow();
  });

  test("no earcon that answers somebody outside: its type keeps it from that", () => {
    // @ts-expect-error -- what somebody outside does may cause no tone of the owner's, by its type
    const earcon: OutsideEffect = { type: "tone", tone: "refused" };
    expect(earcon.type).toBe("tone");
  });

  test("a call that is answered by nobody", () => {
    expect(() => forEveryWalk(() => onlyAfterTheOwner((action) => action.do !== "press" && byOwner(action)))).toThrow();
  });

  test("a voice that loosens", () => {
    expect(() => forEveryWalk(() => voiceOnlyTightens((action) => action.do === "say"))).toThrow();
  });
});

test("without a book every request is dropped, at any time", () => {
  fc.assert(
    fc.property(requests, moments, (request, now) => {
      expect(decide(request, null, now)).toEqual({ act: "drop", because: "fault" });
    }),
    RUNS,
  );
});
