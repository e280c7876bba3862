import { describe, expect, test } from "vitest";
import type { Book, Person } from "#device/gate/book.ts";
import { quiet } from "#device/voice/outputs.ts";
import { ANA, accountOf, ana, bookWith, MALLORY, mallory } from "#test/house/books.ts";
import { Brain, SIDE } from "#test/house/brain.ts";

/** What an abuser with a friend, an old phone and patience tried, one after the other. */
const ZED = accountOf("zed");
const zed: Person = { ...mallory, id: "zed", name: "Zed", accounts: [ZED], numbers: [], grants: ["ring"] };
/** Mallory and her accomplice Zed may ring until the owner thinks better of it. */
const crowd: Book = bookWith({ people: [ana, { ...mallory, grants: ["ring"] }, zed] });

describe("two callers who use the same id", () => {
  test("cannot keep a blocked one on the line", () => {
    const brain = new Brain(crowd);
    const id = brain.offer(MALLORY);
    brain.offer(ZED, { id });
    brain.command("block that caller");
    expect(brain.daemon.state.call.at).toBe("idle");
    brain.command("answer");
    expect(brain.sent("answer-leg")).toEqual([]);
  });

  test("cannot have a friend's call ended by being blocked themselves", () => {
    const brain = new Brain(crowd);
    const id = brain.offer(ANA);
    brain.offer(ZED, { id });
    brain.command("block zed");
    expect(brain.daemon.state.call).toMatchObject({ at: "ringing", incoming: { peer: ANA } });
  });

  test("cannot spoil a friend's ring with a late offer", () => {
    const brain = new Brain(crowd);
    const id = brain.offer(ANA);
    brain.offer(ZED, { id, fresh: false });
    brain.command("block mallory");
    brain.command("answer");
    expect(brain.sent("answer-leg")).toHaveLength(1);
  });
});

describe("a press of the button", () => {
  test("that answers a ring never takes back the block of a moment ago", () => {
    const brain = new Brain(crowd);
    brain.offer(MALLORY);
    brain.command("block that caller");
    brain.offer(ZED);
    brain.press();
    expect(brain.daemon.state.call.at).toBe("answering");
    brain.press();
    brain.offer(MALLORY);
    expect(brain.journal.at(-1)).toMatchObject({ because: "blocked" });
  });
});

describe("while the disk is full", () => {
  test("a block holds all the same, ends the ring, and the owner is told", () => {
    const brain = new Brain(crowd);
    brain.diskFull = true;
    brain.offer(MALLORY);
    brain.command("block that caller");
    expect(brain.daemon.state.call.at).toBe("idle");
    expect(brain.says().at(-1)).toContain("could not save that");
    brain.forget();
    brain.offer(MALLORY);
    expect(brain.commands).toEqual([]);
  });

  test("what could not be loosened is not loosened, and leaves no undo behind", () => {
    const brain = new Brain(bookWith({ calling: "off" }));
    brain.diskFull = true;
    brain.daemon.dispatch({ type: "button", change: { type: "down" } });
    brain.command("turn calling on");
    expect(brain.daemon.state.book?.calling).toBe("off");
    expect(brain.daemon.state.dialog).toEqual(quiet);
    expect(brain.says().at(-1)).toContain("could not save");
  });

  test("blocking somebody while calling them ends the ring-back too", () => {
    const brain = new Brain(crowd);
    brain.diskFull = true;
    brain.command("call ana");
    brain.command("block ana");
    expect(brain.daemon.state.call.at).toBe("idle");
    expect(brain.sent("stop-tone")).toHaveLength(1);
    expect(brain.sent("close-leg")).toHaveLength(1);
  });
});

describe("somebody who begins to ring while the owner speaks", () => {
  test("is not let in by an answer that was meant for another", () => {
    const brain = new Brain(crowd);
    const id = brain.offer(ANA);
    brain.hear({ type: "wake", score: 1, atMs: 0 });
    brain.arrive(ANA, { kind: "call.end", body: { offer: id } });
    brain.offer(MALLORY);
    brain.hear({ type: "heard", text: "answer", score: 0, spoke: true, endOfSpeechMs: 0 });
    expect(brain.sent("answer-leg")).toEqual([]);
    expect(brain.says().at(-1)).toBe("Mallory is calling.");
  });

  test("does not have another blocked in their place", () => {
    const brain = new Brain(crowd);
    const id = brain.offer(MALLORY);
    brain.hear({ type: "wake", score: 1, atMs: 0 });
    brain.arrive(MALLORY, { kind: "call.end", body: { offer: id } });
    brain.offer(ANA, { fresh: false });
    brain.hear({ type: "heard", text: "block that caller", score: 0, spoke: true, endOfSpeechMs: 0 });
    expect(brain.daemon.state.book?.blocks).toEqual([{ person: "mallory" }]);
  });
});

describe("a caller who will not take no", () => {
  test("does not ring again right after being ignored, but is listed; a minute later they may", () => {
    const brain = new Brain(crowd);
    brain.offer(ANA);
    brain.command("ignore it");
    brain.forget();
    brain.offer(ANA);
    expect(brain.sent("start-tone")).toEqual([]);
    expect(brain.listed).toMatchObject([{ account: ANA, kind: "missed" }]);
    brain.clock.advance(60_000);
    brain.offer(ANA);
    expect(brain.sent("start-tone")).toHaveLength(1);
  });

  test("cannot have themselves announced over and over, nor ring for longer than a minute", () => {
    const brain = new Brain(crowd);
    for (let offers = 0; offers < 20; offers += 1) {
      brain.offer(ANA);
      brain.clock.advance(2_900);
    }
    expect(brain.says()).toEqual(["Ana is calling."]);
    brain.clock.advance(2_100);
    expect(brain.daemon.state.call.at).toBe("idle");
  });

  test("learns nothing where the owner blocks them between answering and the accept", () => {
    const brain = new Brain(crowd);
    brain.offer(ANA);
    brain.command("answer");
    brain.command("block ana");
    expect(brain.timeline.map(({ event }) => event)).not.toContain("send-end");
    expect(brain.sent("close-leg")).toHaveLength(1);
  });

  test("cannot fill the memory with offers that come late", () => {
    const brain = new Brain(crowd);
    for (let offers = 0; offers < 1_000; offers += 1) brain.offer(ANA, { fresh: false });
    expect(brain.daemon.state.standing.size).toBeLessThan(20);
  });
});

describe("a change by the command line", () => {
  test.each([
    ["a block of who is being called", { type: "block", block: { person: "ana" } }],
    ["turning calling off", { type: "calling", calling: "off" }],
  ] as const)("%s ends the call that goes out", (_, change) => {
    const brain = new Brain(crowd);
    brain.daemon.place(ANA);
    brain.daemon.change(change, "cli", []);
    expect(brain.daemon.state.call.at).toBe("idle");
    brain.daemon.place(ANA);
    expect(brain.daemon.state.call.at).toBe("idle");
  });

  test("of one person leaves the light of another's missed call on", () => {
    const brain = new Brain(crowd);
    brain.offer(ANA, { fresh: false });
    brain.offer(ZED, { fresh: false });
    brain.daemon.change({ type: "block", block: { person: "zed" } }, "cli", []);
    expect(brain.scenes.at(-1)).toBe("missed");
    brain.daemon.change({ type: "block", block: { person: "ana" } }, "cli", []);
    expect(brain.scenes.at(-1)).toBe("off");
  });
});

test("no light flashes for a ring that a block has ended", () => {
  const brain = new Brain(crowd);
  brain.offer(MALLORY);
  brain.command("block that caller");
  expect(brain.scenes).toEqual(["ringing", "listening", "off"]);
});

test("an answer to a call that nobody placed opens nothing", () => {
  const brain = new Brain(crowd);
  const body = { ...SIDE, offer: "11".repeat(16), offerHash: "ab".repeat(32) };
  brain.arrive(ANA, { kind: "call.accept", body });
  expect(brain.commands).toEqual([]);
});
