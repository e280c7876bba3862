import { describe, expect, test } from "vitest";
import { lookup } from "#device/gate/lookup.ts";
import { messageSoundId, textId } from "#device/sound-ids.ts";
import { ANA, ana, bookWith, MALLORY } from "#test/house/books.ts";
import { corasBook, Household } from "#test/house/household.ts";

const OPEN = { ...ana, id: "mallory", name: "Mallory", accounts: [MALLORY] };

function blocked(house: Household, account: string): string[] {
  return (["ben", "cora"] as const).filter((whose) => lookup(house.bookOf(whose)).blocked(account));
}

describe("what is said about a call", () => {
  test.each([
    ["answer", "answering"],
    ["ignore", "idle"],
    ["hang up", "idle"],
  ])("is about the other owner's where it is hers: %s", (text, at) => {
    const house = new Household();
    house.offer("cora", ANA);
    house.ben.command(text);
    expect(house.at).toBe(at);
    expect(house.ben.listed).toEqual([]);
  });

  test("asks who it is by the book of whom it is for", () => {
    const house = new Household(bookWith({ people: [] }));
    house.offer("cora", ANA);
    house.ben.command("who is it");
    expect(house.ben.says().at(-1)).toBe("Ana is calling.");
  });

  test("blocks the caller in the book of whom it is for, ends the ring, and a press takes it back there", () => {
    const house = new Household();
    house.offer("cora", ANA);
    house.ben.command("block that caller");
    expect(house.at).toBe("idle");
    expect(blocked(house, ANA)).toEqual(["cora"]);
    house.ben.press();
    expect(blocked(house, ANA)).toEqual([]);
  });

  test("means whoever rang last in the room, also when the ring is over", () => {
    const house = new Household(bookWith({ people: [ana, OPEN] }));
    house.end("ben", MALLORY, house.offer("ben", MALLORY));
    house.end("cora", ANA, house.offer("cora", ANA));
    house.ben.command("block that caller");
    expect(blocked(house, ANA)).toEqual(["cora"]);
    expect(blocked(house, MALLORY)).toEqual([]);
  });

  test("is not about somebody who rang for the other one after it was begun to be said", () => {
    const house = new Household(bookWith({ people: [ana, OPEN] }));
    house.end("ben", MALLORY, house.offer("ben", MALLORY));
    house.ben.hear({ type: "wake", score: 1, atMs: 0 });
    house.end("cora", ANA, house.offer("cora", ANA));
    house.ben.hear({ type: "heard", text: "block that caller", score: 0, spoke: true, endOfSpeechMs: 0 });
    expect(blocked(house, ANA)).toEqual([]);
    expect(blocked(house, MALLORY)).toEqual(["ben"]);
  });

  test("never means a call to the other one of which nothing was heard in the room", () => {
    const house = new Household(bookWith({ blocks: [{ account: ANA }], people: [OPEN] }));
    house.end("ben", MALLORY, house.offer("ben", MALLORY));
    house.offer("cora", ANA);
    house.ben.command("block that caller");
    expect(blocked(house, MALLORY)).toEqual(["ben"]);
    expect(blocked(house, ANA)).toEqual(["ben"]);
  });
});

describe("every other order", () => {
  test.each([
    ["turn calling off", "calling"],
    ["block Mallory", "blocks"],
  ] as const)("is the first owner's, also while the other one's call rings: %s", (text, key) => {
    const house = new Household();
    const before = house.bookOf("cora");
    const his = house.bookOf("ben");
    house.offer("cora", ANA);
    house.ben.command(text);
    expect(house.bookOf("ben")[key]).not.toEqual(his[key]);
    expect(house.bookOf("cora")).toBe(before);
    expect(house.at).toBe("ringing");
  });

  test("does not call while the other one has the line, nor hang up what she placed", () => {
    const house = new Household();
    house.asOwner("cora").place(MALLORY);
    house.ben.command("call Ana");
    expect(house.ben.says().at(-1)).toBe("There is a call already.");
    house.ben.command("block Mallory");
    expect(house.at).toBe("calling");
  });

  test("loosens nothing of the other one's, button held or not", () => {
    const house = new Household(bookWith(), corasBook({ blocks: [{ person: "ana" }], calling: "off" }));
    for (const type of ["down", "press"] as const) house.ben.daemon.dispatch({ type: "button", change: { type } });
    for (const text of ["unblock Ana", "turn calling on", "yes"]) house.ben.command(text);
    expect(house.bookOf("cora")).toMatchObject({ blocks: [{ person: "ana" }], calling: "off" });
  });

  test("tells of the first owner's calls alone", () => {
    const house = new Household(bookWith({ blocks: [{ account: ANA }] }));
    house.offer("cora", ANA);
    house.ben.command("who called");
    expect(house.ben.says()).toEqual(["Nobody called."]);
    house.ben.command("call back");
    expect(house.at).toBe("idle");
    expect(house.scene).toBe("missed");
  });

  test("finds no undo of his under a press once she was spoken for, and none of hers under his", () => {
    const house = new Household(bookWith({ people: [ana, OPEN] }));
    house.ben.command("block Mallory");
    house.offer("cora", ANA);
    house.ben.command("block that caller");
    house.ben.press();
    expect(blocked(house, MALLORY)).toEqual(["ben"]);
    expect(blocked(house, ANA)).toEqual([]);
    house.ben.press();
    expect(blocked(house, MALLORY)).toEqual(["ben"]);
  });
});

describe("what the first owner left open as the other one's call came", () => {
  test("cannot be undone by a press that would have been for the ring", () => {
    const house = new Household();
    house.ben.command("block Mallory");
    house.end("cora", ANA, house.offer("cora", ANA));
    house.ben.press();
    expect(blocked(house, MALLORY)).toEqual(["ben"]);
  });

  test("is deleted where he deleted it, and nowhere else", () => {
    const house = new Household();
    const id = house.leave("ben", ANA);
    house.leave("cora", ANA);
    house.cora.inbox.list = house.cora.inbox.list.map((entry) => ({ ...entry, id }));
    house.ben.command("play my messages");
    house.ben.command("delete it");
    house.end("cora", ANA, house.offer("cora", ANA));
    expect(house.ben.inbox.list).toEqual([]);
    expect(house.cora.inbox.list).toMatchObject([{ id }]);
  });

  test("is kept where he had recorded it, and he is told so by his book", () => {
    const house = new Household(bookWith(), corasBook({ people: [OPEN] }));
    house.ben.command("message Ana");
    house.ben.hear({ type: "wake", score: 1, atMs: 0 });
    house.ben.hear({ type: "recorded", id: "draft-1", durationMs: 2_000, why: "wake" });
    house.ben.forget();
    house.offer("cora", MALLORY);
    expect(house.ben.says().join()).toMatch(/Mallory is calling Cora.*your message for Ana/s);
  });
});

test("what can be said is of the first owner's book: the other one's changes nothing of it", () => {
  const house = new Household();
  house.change("cora", { type: "add-person", name: "Zelda", grants: [] });
  expect(house.ben.sent("set-grammar")).toEqual([]);
  house.change("ben", { type: "add-person", name: "Zelda", grants: [] });
  expect(house.ben.sent("set-grammar")).toHaveLength(1);
});

describe("messages for an owner who is not the first", () => {
  function withMessage() {
    const house = new Household();
    const id = house.leave("cora", ANA);
    return { house, id };
  }

  test("light the light, and no voice hears of them", () => {
    const { house } = withMessage();
    expect(house.scene).toBe("message");
    for (const text of ["any messages", "play my messages", "messages from Ana", "any requests"])
      house.ben.command(text);
    expect(house.ben.says().join()).not.toMatch(/Ana, |one new message/);
    expect(house.ben.sent("play-part")).toEqual([]);
    expect(house.cora.inbox.list).toMatchObject([{ standing: "new" }]);
  });

  test("are played where she asks for them by her socket, once the gate let each in, and are heard then", () => {
    const { house, id } = withMessage();
    house.asOwner("cora").dispatch({ type: "play-asked", pile: "messages", messages: [{ id, from: ANA }] });
    expect(house.ben.says()[0]).toBe("Ana, today at noon.");
    house.ben.hear({ type: "said", id: textId(1) });
    house.ben.clock.advance(1_000);
    expect(house.cora.inbox.list).toMatchObject([{ standing: "heard" }]);
    expect(house.cora.journal.at(-1)).toMatchObject({ what: "message", detail: "played", by: "cli" });
    expect(house.ben.journal).toEqual([]);
    expect(house.scene).not.toBe("message");
  });

  test("fall silent at the wake word; nothing that is said then is about them, nor about one of his of that id", () => {
    const { house, id } = withMessage();
    house.ben.left(ANA, { id, standing: "heard" });
    house.asOwner("cora").dispatch({ type: "play-asked", pile: "messages", messages: [{ id, from: ANA }] });
    for (const text of ["delete it", "repeat", "save that as evidence", "reply", "next"]) house.ben.command(text);
    house.ben.clock.advance(60_000);
    expect(house.cora.inbox.list).toMatchObject([{ id, standing: "new", shelf: "inbox" }]);
    expect(house.ben.inbox.list).toMatchObject([{ id, standing: "heard", shelf: "inbox" }]);
    expect(house.ben.says().filter((sentence) => sentence.startsWith("Ana, "))).toHaveLength(1);
    expect(house.ben.sent("record")).toEqual([]);
  });

  test("are not those of the first one, whatever ids their senders chose: his are neither played nor marked", () => {
    const { house, id } = withMessage();
    house.ben.left(ANA, { id });
    house.asOwner("cora").dispatch({ type: "play-asked", pile: "messages", messages: [{ id, from: ANA }] });
    house.ben.hear({ type: "said", id: textId(1) });
    house.ben.clock.advance(1_000);
    expect(house.ben.inbox.list).toMatchObject([{ standing: "new" }]);
    house.ben.command("play my messages");
    house.ben.hear({ type: "played", id: messageSoundId(1), how: "whole" });
    expect(house.ben.inbox.list).toMatchObject([{ standing: "new" }]);
    house.ben.hear({ type: "played", id: messageSoundId(2), how: "whole" });
    expect(house.ben.inbox.list).toMatchObject([{ standing: "heard" }]);
  });

  test("play neither into a call nor into somebody's speech, and stop at a ring", () => {
    const { house, id } = withMessage();
    const ask = () =>
      house.asOwner("cora").dispatch({ type: "play-asked", pile: "messages", messages: [{ id, from: ANA }] });
    house.ben.hear({ type: "wake", score: 1, atMs: 0 });
    ask();
    house.ben.hear({ type: "heard", text: null, score: 0, spoke: false, endOfSpeechMs: 0 });
    expect(house.ben.says()).toEqual([]);
    ask();
    house.offer("ben", ANA);
    expect(house.ben.sent("stop-playing")).toHaveLength(1);
    house.ben.forget();
    ask();
    expect(house.ben.commands).toEqual([]);
  });

  test("fall silent when she blocks who left them, and not when he does", () => {
    const { house, id } = withMessage();
    house.asOwner("cora").dispatch({ type: "play-asked", pile: "messages", messages: [{ id, from: ANA }] });
    house.change("ben", { type: "block", block: { account: ANA } });
    expect(house.ben.sent("stop-playing")).toEqual([]);
    house.change("cora", { type: "block", block: { account: ANA } });
    expect(house.ben.sent("stop-playing")).toHaveLength(1);
  });

  test("that she sent and that never left are for her journal, not for the room", () => {
    const house = new Household();
    house.asOwner("cora").dispatch({ type: "message-lost", to: ANA });
    expect(house.ben.says()).toEqual([]);
    expect(house.cora.journal).toMatchObject([{ what: "message", account: ANA, detail: "not delivered" }]);
  });
});

test("who is seen in the list of her calls is heard of: the light goes out, and only hers", () => {
  const house = new Household(bookWith({ blocks: [{ account: ANA }] }));
  house.offer("cora", ANA);
  house.asOwner("ben").dispatch({ type: "calls-heard-of" });
  expect(house.scene).toBe("missed");
  house.asOwner("cora").dispatch({ type: "calls-heard-of" });
  expect(house.scene).toBe("off");
});
