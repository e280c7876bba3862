import { describe, expect, test } from "vitest";
import type { Book } from "#device/gate/book.ts";
import { ANA, bookWith, MALLORY, mallory, STRANGER } from "#test/house/books.ts";
import { Brain, SIDE } from "#test/house/brain.ts";

const HASH = "ab".repeat(32);
const OTHER = { ...SIDE, sdp: "v=0\r\na=new\r\n" };

/** Ana called and the owner answered: they talk. */
function answered(book?: Book, from = ANA): { brain: Brain; id: string } {
  const brain = new Brain(book);
  const id = brain.offer(from);
  brain.command("answer");
  brain.hear({ type: "leg-answer", leg: id, ...SIDE });
  brain.hear({ type: "leg-connected", leg: id });
  brain.forget();
  return { brain, id };
}

/** The owner called Ana, who answered: they talk. */
function placed(): { brain: Brain; id: string } {
  const brain = new Brain();
  brain.daemon.place(ANA);
  const { call } = brain.daemon.state;
  const id = call.at === "calling" ? call.id : "";
  brain.daemon.dispatch({ type: "offer-sealed", id, hash: HASH });
  brain.arrive(ANA, { kind: "call.accept", body: { ...SIDE, offer: id, offerHash: HASH } });
  brain.hear({ type: "leg-connected", leg: id });
  brain.forget();
  return { brain, id };
}

function renew(brain: Brain, offer: string, round = 1, changes: Parameters<Brain["arrive"]>[2] = {}, from = ANA) {
  return brain.arrive(from, { kind: "call.renewal", body: { ...OTHER, offer, round } }, changes);
}

function said(brain: Brain): string | undefined {
  return brain.says().at(-1);
}

describe("whoever placed the call", () => {
  test("asks for a new path while nothing comes, again every four seconds, and no more once something does", () => {
    const { brain, id } = placed();
    brain.hear({ type: "leg-silent", leg: id });
    expect(brain.sent("renew-leg")).toMatchObject([{ leg: id, round: 1 }]);
    brain.clock.advance(4_000);
    expect(brain.sent("renew-leg")).toMatchObject([{ round: 1 }, { round: 2 }]);
    brain.hear({ type: "leg-alive", leg: id });
    brain.clock.advance(60_000);
    expect(brain.sent("renew-leg")).toHaveLength(2);
    expect(brain.daemon.state.call.at).toBe("talking");
  });

  test("sends its candidates, and takes the answer to just those, once", () => {
    const { brain, id } = placed();
    brain.hear({ type: "leg-silent", leg: id });
    brain.hear({ type: "leg-renewal", leg: id, round: 1, ...OTHER });
    expect(brain.timeline.map(({ event }) => event)).toContain("send-renewal");
    brain.daemon.dispatch({ type: "renewal-sealed", id, round: 1, hash: HASH });
    const answer = { kind: "call.renewed", body: { ...OTHER, offer: id, renewalHash: HASH } } as const;
    brain.arrive(ANA, { kind: "call.renewed", body: { ...answer.body, renewalHash: "cd".repeat(32) } });
    brain.arrive(MALLORY, answer);
    brain.arrive(ANA, answer, { signature: "invalid" });
    brain.arrive(ANA, answer, { replayed: true });
    brain.arrive(ANA, answer, { fresh: false });
    expect(brain.sent("complete-renewal")).toEqual([]);
    brain.arrive(ANA, answer);
    brain.arrive(ANA, answer);
    expect(brain.sent("complete-renewal")).toEqual([{ type: "complete-renewal", leg: id, round: 1, ...OTHER }]);
  });

  test("takes no answer to a renewal that another has followed", () => {
    const { brain, id } = placed();
    brain.hear({ type: "leg-silent", leg: id });
    brain.daemon.dispatch({ type: "renewal-sealed", id, round: 1, hash: HASH });
    brain.clock.advance(4_000);
    brain.arrive(ANA, { kind: "call.renewed", body: { ...OTHER, offer: id, renewalHash: HASH } });
    expect(brain.sent("complete-renewal")).toEqual([]);
  });

  test("never answers a renewal of the other side: two can not cross", () => {
    const { brain, id } = placed();
    renew(brain, id);
    expect(brain.sent("answer-renewal")).toEqual([]);
    expect(brain.journal).toMatchObject([{ act: "drop", because: "unawaited" }]);
  });
});

describe("whoever was called", () => {
  test("asks for nothing, and answers with its own candidates, naming what it answers", () => {
    const { brain, id } = answered();
    brain.hear({ type: "leg-silent", leg: id });
    brain.clock.advance(8_000);
    expect(brain.sent("renew-leg")).toEqual([]);
    renew(brain, id);
    expect(brain.sent("answer-renewal")).toMatchObject([{ leg: id, round: 1, ...OTHER }]);
    brain.hear({ type: "leg-renewed", leg: id, round: 1, ...SIDE });
    expect(brain.timeline.map(({ event }) => event)).toContain("send-renewed");
    expect(brain.timeline.map(({ event }) => event)).not.toContain("refused");
  });

  test("takes one renewal in two seconds, however many come, and then the newest of them", () => {
    const { brain, id } = answered();
    for (let round = 1; round <= 500; round += 1) renew(brain, id, round);
    expect(brain.sent("answer-renewal")).toMatchObject([{ round: 1 }]);
    brain.clock.advance(2_000);
    expect(brain.sent("answer-renewal")).toMatchObject([{ round: 1 }, { round: 500 }]);
    brain.clock.advance(10_000);
    expect(brain.sent("answer-renewal")).toHaveLength(2);
  });

  test("takes no renewal that is older than one it has taken", () => {
    const { brain, id } = answered();
    renew(brain, id, 2);
    brain.clock.advance(3_000);
    renew(brain, id, 1);
    renew(brain, id, 2);
    expect(brain.sent("answer-renewal")).toMatchObject([{ round: 2 }]);
  });
});

describe("a renewal", () => {
  test.each<[string, Parameters<Brain["arrive"]>[2], string]>([
    ["that is not signed by the account it names", { signature: "invalid" }, ANA],
    ["that was seen before", { replayed: true }, ANA],
    ["that comes too late", { fresh: false }, ANA],
    ["that is meant for another account", { to: MALLORY }, ANA],
    ["from another account, with the right id", {}, MALLORY],
    ["from a stranger, with the right id", {}, STRANGER],
  ])("%s reaches no audio process and is told to nobody", (_, changes, from) => {
    const { brain, id } = answered();
    renew(brain, id, 1, changes, from);
    expect(brain.sent("answer-renewal")).toEqual([]);
    expect(brain.timeline.map(({ event }) => event)).toEqual(["journal"]);
    expect(brain.journal).toMatchObject([{ act: "drop" }]);
  });

  test("of whoever was blocked a moment ago gets nothing, and the call is over", () => {
    const { brain, id } = answered(bookWith({ people: [{ ...mallory, grants: ["ring"] }] }), MALLORY);
    renew(brain, id, 1, {}, MALLORY);
    renew(brain, id, 2, {}, MALLORY);
    brain.forget();
    brain.daemon.change({ type: "block", block: { account: MALLORY } }, "cli", []);
    expect(brain.daemon.state.call.at).toBe("idle");
    brain.clock.advance(5_000);
    renew(brain, id, 3, {}, MALLORY);
    brain.hear({ type: "leg-renewed", leg: id, round: 1, ...SIDE });
    expect(brain.sent("answer-renewal")).toEqual([]);
    expect(brain.timeline.map(({ event }) => event)).not.toContain("send-renewed");
  });

  test("of a call that rings gets nothing: no candidate crosses before the owner answers", () => {
    const brain = new Brain();
    const id = brain.offer(ANA);
    brain.forget();
    renew(brain, id);
    expect(brain.commands).toEqual([]);
  });
});

describe("a call of which nothing comes any more", () => {
  test.each([["placed", placed] as const, ["answered", () => answered()] as const])(
    "ends after thirty seconds, and the owner is told to whom the connection was lost: %s",
    (_, talk) => {
      const { brain, id } = talk();
      brain.hear({ type: "leg-silent", leg: id });
      brain.clock.advance(29_000);
      expect(brain.daemon.state.call.at).toBe("talking");
      brain.clock.advance(1_100);
      expect(brain.daemon.state.call.at).toBe("idle");
      expect(brain.sent("close-leg")).toHaveLength(1);
      expect(said(brain)).toBe("The connection to Ana was lost.");
    },
  );

  test("goes on where something comes again in time, and counts anew at the next silence", () => {
    const { brain, id } = answered();
    for (let outage = 0; outage < 3; outage += 1) {
      brain.hear({ type: "leg-silent", leg: id });
      brain.clock.advance(20_000);
      brain.hear({ type: "leg-alive", leg: id });
    }
    brain.clock.advance(60_000);
    expect(brain.daemon.state.call.at).toBe("talking");
  });

  test("ends by a word of the owner at once", () => {
    const { brain, id } = placed();
    brain.hear({ type: "leg-silent", leg: id });
    brain.command("hang up");
    expect(brain.daemon.state.call.at).toBe("idle");
    brain.clock.advance(60_000);
    expect(brain.sent("renew-leg")).toHaveLength(1);
  });
});
