import { describe, expect, test } from "vitest";
import { loosened } from "#device/voice/say.ts";
import { ANA, blocking, bookWith } from "#test/house/books.ts";
import { Brain } from "#test/house/brain.ts";

describe("loosening", () => {
  test("is refused to a voice alone", () => {
    const brain = new Brain(blocking({ person: "ana" }));
    brain.command("unblock Ana");
    brain.offer(ANA);
    expect(brain.daemon.state.call.at).toBe("idle");
    expect(brain.says()).toEqual(["To unblock Ana, hold the button."]);
  });

  test("is refused where the button was pressed only after the wake word", () => {
    const brain = new Brain(blocking({ person: "ana" }));
    brain.hear({ type: "wake", score: 1, atMs: 0 });
    brain.daemon.dispatch({ type: "button", change: { type: "down" } });
    brain.hear({ type: "heard", text: "unblock ana", score: 0, spoke: true, endOfSpeechMs: 0 });
    brain.offer(ANA);
    expect(brain.daemon.state.call.at).toBe("idle");
  });

  test("is done once the button is held within ten seconds of asking, and not by a short press", () => {
    const brain = new Brain(blocking({ person: "ana" }));
    const button = (type: "down" | "press") => brain.daemon.dispatch({ type: "button", change: { type } });
    brain.command("unblock Ana");
    button("down");
    brain.clock.advance(400);
    brain.daemon.dispatch({ type: "button", change: { type: "up", heldMs: 400 } });
    brain.clock.advance(1_000);
    expect(brain.daemon.state.book?.blocks).toHaveLength(1);
    button("down");
    brain.clock.advance(900);
    expect(brain.daemon.state.book?.blocks).toHaveLength(0);
    brain.daemon.dispatch({ type: "button", change: { type: "up", heldMs: 900 } });
    brain.command("block Ana");
    brain.command("unblock Ana");
    brain.clock.advance(10_001);
    button("down");
    brain.clock.advance(900);
    expect(brain.daemon.state.book?.blocks).toHaveLength(1);
  });

  test("is told once at the next word, whoever did it, and never into a call", () => {
    const brain = new Brain(blocking({ person: "ana" }));
    brain.daemon.change({ type: "unblock", block: { person: "ana" } }, "cli", []);
    brain.command("who called");
    expect(brain.says()).toEqual(["Nobody called.", loosened(1)]);
    brain.command("who called");
    expect(brain.says()).toHaveLength(3);
  });

  test("is told after a restart too, until it was told", () => {
    const brain = new Brain(blocking({ person: "ana" }));
    brain.daemon.change({ type: "unblock", block: { person: "ana" } }, "cli", []);
    brain.daemon.change({ type: "grant", person: "ana", grants: ["drop-in"] }, "cli", []);
    const { untold } = brain;
    const next = new Brain(bookWith(), { untold });
    next.command("who called");
    expect(next.says()).toEqual(["Nobody called.", loosened(2)]);
    const third = new Brain(bookWith(), { untold });
    third.command("who called");
    expect(third.says()).toEqual(["Nobody called."]);
  });

  test("is told before a question, so that the answer falls into silence", () => {
    const brain = new Brain(bookWith());
    brain.daemon.change({ type: "grant", person: "ana", grants: ["drop-in"] }, "cli", []);
    brain.command("delete ana");
    const [first, question, ...more] = brain.says();
    expect([first, more]).toEqual([loosened(1), []]);
    expect(question).toMatch(/^Shall I delete Ana/);
  });

  test("is done with the button held all along", () => {
    const brain = new Brain(blocking({ person: "ana" }));
    brain.daemon.dispatch({ type: "button", change: { type: "down" } });
    brain.command("unblock Ana");
    brain.offer(ANA);
    expect(brain.daemon.state.call.at).toBe("ringing");
  });
});
