import { describe, expect, test } from "vitest";
import { ANA, bookWith } from "#test/house/books.ts";
import { Brain } from "#test/house/brain.ts";

describe("a unit without a book", () => {
  test("lets nobody in, shows the fault and says so", () => {
    const brain = new Brain(null);
    brain.offer(ANA);
    expect(brain.commands).toEqual([]);
    expect(brain.daemon.state.book).toBeNull();
    brain.command("call Ana");
    expect(brain.says().join()).toContain("cannot read your book");
  });

  test("says so whatever the owner says to it, understood or not", () => {
    for (const text of ["who called", "help", null]) {
      const brain = new Brain(null);
      brain.hear({ type: "wake", score: 1, atMs: 0 });
      brain.hear({ type: "heard", text, score: 0, spoke: true, endOfSpeechMs: 0 });
      expect(brain.says().join()).toContain("cannot read your book");
    }
  });

  test("shows the fault light from the start, whatever happens", () => {
    const brain = new Brain(null);
    expect(brain.firstScene).toBe("fault");
    brain.hear({ type: "wake", score: 1, atMs: 0 });
    brain.hear({ type: "heard", text: null, score: 0, spoke: false, endOfSpeechMs: 0 });
    expect(brain.scenes).toEqual([]);
  });
});

describe("a unit whose book was taken from its copy", () => {
  test("shows it and says it once the owner speaks, and only once", () => {
    const brain = new Brain(bookWith(), { restored: true });
    expect(brain.firstScene).toBe("fault");
    brain.command("who called");
    brain.command("who called");
    expect(brain.says().filter((sentence) => sentence.includes("copy"))).toHaveLength(1);
    expect(brain.scenes.at(-1)).toBe("off");
  });

  test("rings and lights up as ever, and does not speak into a call", () => {
    const brain = new Brain(bookWith(), { restored: true });
    brain.offer(ANA);
    expect(brain.scenes).toEqual(["ringing"]);
    brain.command("answer");
    expect(brain.says().join()).not.toContain("copy");
  });
});

describe("a unit whose audio process dies again and again", () => {
  test("shows it until it lives on, but rings and lights up between its deaths", () => {
    const brain = new Brain();
    brain.daemon.dispatch({ type: "ears-health", failing: true });
    expect(brain.scenes).toEqual(["fault"]);
    brain.offer(ANA);
    expect(brain.scenes.at(-1)).toBe("ringing");
    brain.daemon.dispatch({ type: "owner", order: "hang-up" });
    expect(brain.scenes.at(-1)).toBe("fault");
    brain.daemon.dispatch({ type: "ears-health", failing: false });
    expect(brain.scenes.at(-1)).not.toBe("fault");
  });

  test("is at rest only while nobody calls, speaks or is asked", () => {
    const brain = new Brain();
    expect(brain.daemon.isIdle).toBe(true);
    brain.hear({ type: "wake", score: 1, atMs: 0 });
    expect(brain.daemon.isIdle).toBe(false);
    brain.hear({ type: "heard", text: null, score: 0, spoke: false, endOfSpeechMs: 0 });
    expect(brain.daemon.isIdle).toBe(true);
    brain.offer(ANA);
    expect(brain.daemon.isIdle).toBe(false);
  });
});
