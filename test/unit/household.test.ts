import { describe, expect, test } from "vitest";
import { ANA, ana, blocking, bookWith, MALLORY, OWNER } from "#test/house/books.ts";
import { SIDE } from "#test/house/brain.ts";
import { CORA, corasBook, Household } from "#test/house/household.ts";

const OPEN = { ...ana, id: "mallory", name: "Mallory", accounts: [MALLORY] };
const withMallory = { people: [ana, OPEN] };
const ID = "ee".repeat(16);

function verdicts({ journal }: { journal: Household["ben"]["journal"] }): string[] {
  return journal.flatMap(({ what, act, because }) => (what === "verdict" ? [`${act} ${because}`] : []));
}

describe("a call for one of two owners", () => {
  test("says whom it is for, and is in nobody's lists but theirs", () => {
    const house = new Household();
    house.offer("cora", ANA);
    expect(house.ben.says()).toEqual(["Ana is calling Cora."]);
    house.asOwner("cora").dispatch({ type: "owner", order: "hang-up" });
    expect(house.cora.listed).toMatchObject([{ account: ANA, kind: "missed" }]);
    expect(verdicts(house.cora)).toEqual(["admit granted"]);
    expect([house.ben.listed, house.ben.journal]).toEqual([[], []]);
    house.offer("ben", ANA);
    expect(house.ben.says().at(-1)).toBe("Ana is calling Ben.");
  });

  test("is decided by the book of whom it is for: what the other one grants is nothing to it", () => {
    const house = new Household(bookWith(), corasBook({ people: [] }));
    house.offer("cora", ANA);
    expect(verdicts(house.cora)).toEqual(["hold unknown"]);
    expect(house.ben.commands).toEqual([]);
  });

  test.each(["ben", "cora"] as const)("of an envelope that is addressed to the other one nothing comes (%s)", (to) => {
    const house = new Household();
    house.offer(to, ANA, { to: to === "ben" ? CORA : OWNER });
    expect(verdicts(to === "ben" ? house.ben : house.cora)).toEqual(["drop misaddressed"]);
    expect(house.ben.commands).toEqual([]);
  });

  test("is answered by the button, and only their account sends word of it", async () => {
    const house = new Household();
    const id = house.offer("cora", ANA);
    house.asOwner("ben").dispatch({ type: "owner", order: "answer" });
    house.asOwner("ben").dispatch({ type: "owner", order: "hang-up" });
    expect(house.at).toBe("ringing");
    house.ben.press();
    expect(house.ben.sent("answer-leg")).toHaveLength(1);
    house.ben.hear({ type: "leg-answer", leg: id, ...SIDE });
    house.ben.hear({ type: "leg-connected", leg: id });
    expect(house.at).toBe("talking");
    expect(house.scene).toBe("talking");
    expect(house.cora.listed).toMatchObject([{ account: ANA, kind: "answered" }]);
    expect(house.ben.listed).toEqual([]);
    house.ben.press();
    await new Promise((resolve) => setImmediate(resolve));
    // The accept and the end.
    expect(house.sent).toEqual([
      ["cora", ANA],
      ["cora", ANA],
    ]);
  });

  test("finds the line taken by the other one's, and is missed", () => {
    const house = new Household(bookWith(withMallory));
    house.offer("ben", MALLORY);
    house.offer("cora", ANA);
    expect(house.ben.says()).toEqual(["Mallory is calling Ben."]);
    expect(house.cora.listed).toMatchObject([{ account: ANA, kind: "missed", heard: false }]);
    house.ben.press();
    expect(house.ben.sent("answer-leg")).toHaveLength(1);
  });
});

describe("one caller who calls both owners by one id", () => {
  test("rings for the first, is missed by the other, and ends only the call that he speaks of", () => {
    const house = new Household();
    house.offer("ben", ANA, { id: ID });
    house.offer("cora", ANA, { id: ID });
    expect(house.ben.sent("start-tone")).toHaveLength(1);
    expect(house.cora.listed).toHaveLength(1);
    house.end("cora", ANA, ID);
    expect(house.at).toBe("ringing");
    expect(verdicts(house.cora).at(-1)).toBe("drop unawaited");
    house.end("ben", ANA, ID);
    expect(house.at).toBe("idle");
  });

  test("renews it by the account alone that he called", () => {
    const house = new Household();
    house.offer("ben", ANA, { id: ID });
    house.ben.press();
    house.ben.hear({ type: "leg-answer", leg: ID, ...SIDE });
    house.ben.hear({ type: "leg-connected", leg: ID });
    house.renew("cora", ANA, ID, 1);
    expect(verdicts(house.cora)).toEqual(["drop unawaited"]);
    expect(house.ben.sent("answer-renewal")).toEqual([]);
    house.renew("ben", ANA, ID, 1);
    expect(house.ben.sent("answer-renewal")).toHaveLength(1);
  });

  test("is not answered by what was said while the other call rang", () => {
    const house = new Household();
    house.offer("ben", ANA, { id: ID });
    house.ben.hear({ type: "wake", score: 1, atMs: 0 });
    house.end("ben", ANA, ID);
    house.offer("cora", ANA, { id: ID });
    house.ben.hear({ type: "heard", text: "answer", score: 0, spoke: true, endOfSpeechMs: 0 });
    expect(house.at).toBe("ringing");
    expect(house.ben.says().at(-1)).toBe("Ana is calling Cora.");
  });

  test("keeps his call with one of them, though the other one's book changes", () => {
    const house = new Household();
    house.offer("ben", ANA, { id: ID });
    house.offer("cora", ANA, { id: ID });
    house.change("cora", { type: "revoke", person: "ana", grants: ["ring"] });
    expect(house.at).toBe("ringing");
    expect(house.scene).toBe("ringing");
    house.change("ben", { type: "revoke", person: "ana", grants: ["ring"] });
    expect(house.at).toBe("idle");
  });
});

describe("what another owner decides", () => {
  test("makes of a call a missed one, with a light, and tells him nothing of it", () => {
    const house = new Household(blocking({ account: ANA }));
    house.offer("cora", ANA);
    expect(house.ben.commands).toEqual([]);
    expect(house.cora.listed).toMatchObject([{ account: ANA, kind: "missed", heard: false }]);
    expect(verdicts(house.cora)).toEqual(["take-message house"]);
    expect(house.scene).toBe("missed");
    expect([house.ben.listed, house.ben.journal]).toEqual([[], []]);
  });

  test("silences what rings, and leaves it as missed", () => {
    const house = new Household();
    house.offer("cora", ANA);
    house.change("ben", { type: "block", block: { account: ANA } });
    expect(house.at).toBe("idle");
    expect(house.cora.listed).toMatchObject([{ account: ANA, kind: "missed" }]);
    expect(house.scene).toBe("missed");
  });

  test("ends what they talk about in his house, with the tone that says so", () => {
    const house = new Household();
    const id = house.offer("cora", ANA);
    house.ben.press();
    house.ben.hear({ type: "leg-answer", leg: id, ...SIDE });
    house.ben.hear({ type: "leg-connected", leg: id });
    house.ben.forget();
    house.change("ben", { type: "block", block: { account: ANA } });
    expect(house.at).toBe("idle");
    expect(house.ben.commands.map(({ type }) => type)).toEqual(expect.arrayContaining(["close-leg", "start-tone"]));
  });

  test("lets nobody in: neither what he grants nor what he lifts makes another's caller ring", () => {
    const house = new Household(blocking({ account: MALLORY }), corasBook({ unknown: "drop" }));
    house.change("ben", { type: "unblock", block: { account: MALLORY } });
    house.change("ben", { type: "grant", person: "mallory", grants: ["ring"] });
    house.offer("cora", MALLORY);
    expect(house.ben.commands.filter(({ type }) => type !== "set-grammar")).toEqual([]);
    expect(verdicts(house.cora)).toEqual(["drop not-granted"]);
  });

  test("does not drop messages: they wait", () => {
    const house = new Household(blocking({ account: ANA }));
    house.leave("cora", ANA);
    expect(house.cora.inbox.list).toHaveLength(1);
    expect(verdicts(house.cora)).toEqual(["take-message house"]);
    expect(house.scene).toBe("message");
  });

  test("does not end whom somebody called herself", () => {
    const house = new Household();
    house.asOwner("cora").place(ANA);
    house.change("ben", { type: "block", block: { account: ANA } });
    house.change("ben", { type: "calling", calling: "off" });
    expect(house.at).toBe("calling");
    house.change("cora", { type: "block", block: { account: ANA } });
    expect(house.at).toBe("idle");
  });

  test("is about people: that he blocks the other owner's own account is nothing to her callers", () => {
    const house = new Household(blocking({ account: CORA }));
    house.offer("cora", ANA);
    expect(house.at).toBe("ringing");
  });
});

describe("two owners who call", () => {
  test("share one line: the second is not connected, and hangs up nobody", () => {
    const house = new Household();
    house.asOwner("cora").place(ANA);
    house.asOwner("ben").place(ANA);
    expect(house.cora.listed).toMatchObject([{ direction: "out" }]);
    expect(house.ben.listed).toEqual([]);
    house.asOwner("ben").dispatch({ type: "owner", order: "hang-up" });
    expect(house.at).toBe("calling");
  });

  test("each other, on the same unit, leave a missed call, not a ring", () => {
    const cora = { ...ana, id: "cora", name: "Cora", accounts: [CORA] };
    const ben = { ...ana, id: "ben", name: "Ben", accounts: [OWNER] };
    const house = new Household(bookWith({ people: [cora] }), corasBook({ people: [ben] }));
    house.asOwner("cora").place(OWNER);
    house.offer("ben", CORA);
    expect(house.at).toBe("calling");
    expect(house.ben.listed).toMatchObject([{ account: CORA, kind: "missed" }]);
  });
});

describe("an owner whose book cannot be read", () => {
  test("gets nobody through, and costs the first owner nothing but a light while nothing goes on", () => {
    const house = new Household(bookWith(), null);
    expect(house.ben.firstScene).toBe("fault");
    house.offer("cora", ANA);
    expect(house.at).toBe("idle");
    house.offer("ben", ANA);
    expect([house.at, house.scene]).toEqual(["ringing", "ringing"]);
    house.end("ben", ANA, house.offer("ben", MALLORY));
    house.ben.press();
    expect(house.ben.sent("answer-leg")).toHaveLength(1);
  });

  test("and is the first one keeps nobody from the other, who is answered by voice", () => {
    const house = new Household(null);
    house.offer("ben", ANA);
    expect(house.at).toBe("idle");
    house.offer("cora", ANA);
    expect(house.scene).toBe("ringing");
    house.ben.command("answer");
    expect(house.ben.sent("answer-leg")).toHaveLength(1);
  });

  test("shows the fault, and says so, where it is everybody's", () => {
    const house = new Household(null, null);
    expect(house.ben.firstScene).toBe("fault");
    house.ben.command("call Ana");
    expect(house.ben.says().join()).toContain("cannot read your book");
  });
});
