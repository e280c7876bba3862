import { describe, expect, test } from "vitest";
import { CONFIDENCE } from "#device/voice/confidence.ts";
import { ANA } from "#test/house/books.ts";
import { Brain } from "#test/house/brain.ts";
import { answer, family, MUM, part, recorded, recordingOf, SPOKEN, speak } from "#test/house/talk.ts";

describe("recording a message", () => {
  test("says for whom, records, reads the name back, and sends it at a yes", () => {
    const brain = recorded();
    expect(brain.says()).toEqual(["Message for Ana. Speak after the tone.", "Message for Ana. Shall I send it?"]);
    expect(brain.sentMessages).toEqual([]);
    answer(brain, "yes");
    expect(brain.sentMessages).toMatchObject([{ to: ANA, kind: "voice", durationMs: 3_000 }]);
    const [message] = brain.sentMessages;
    expect(message?.kind === "voice" && Buffer.from(message.sound)).toEqual(SPOKEN);
    expect(brain.says().at(-1)).toBe("Your message is on its way to Ana.");
    expect(brain.journal).toMatchObject([{ what: "message", detail: "sent", account: ANA, person: "ana" }]);
  });

  test.each([
    ["yes", 1],
    ["send it", 1],
    ["no", 0],
    ["discard it", 0],
    ["don't send it", 0],
    ["cancel", 0],
    ["stop", 0],
    ["who called", 0],
  ])("an answer of %j sends %d", (text, count) => {
    const brain = recorded();
    answer(brain, text);
    expect(brain.sentMessages).toHaveLength(count);
    brain.clock.advance(3_600_000);
    brain.command("yes");
    expect(brain.sentMessages).toHaveLength(count);
  });

  test.each([
    ["message mallory", "Mallory is blocked. Unblock them first."],
    ["message plumber", "I have no way to send Plumber a message."],
    ["message zoe", "I do not know that name."],
    ["leave a message", "There is nobody to leave a message for."],
  ])("%j records nothing and says why", (text, sentence) => {
    const brain = new Brain(family);
    brain.command(text);
    expect(brain.sent("record")).toEqual([]);
    expect(brain.says()).toEqual([sentence]);
  });

  test("for a name that was not surely heard asks before it records, and a no records nothing", () => {
    const brain = new Brain(family);
    brain.command("message ana", CONFIDENCE.accept);
    expect([brain.says(), brain.sent("record")]).toEqual([["Shall I record a message for Ana?"], []]);
    answer(brain, "no");
    expect(brain.sent("record")).toEqual([]);
    brain.command("message ana", CONFIDENCE.accept);
    answer(brain, "yes");
    expect(brain.sent("record")).toHaveLength(1);
  });

  test("while calling is off is done, and says that no answer will get through", () => {
    const brain = new Brain({ ...family, calling: "off" });
    brain.command("message ana");
    expect(brain.says()).toEqual([
      "Message for Ana. Calling is off, so no answer will get through. Speak after the tone.",
    ]);
    speak(brain);
    answer(brain, "yes");
    expect(brain.sentMessages).toMatchObject([{ to: ANA }]);
  });

  test("of nothing leaves nothing", () => {
    const brain = new Brain(family);
    brain.command("message ana");
    speak(brain, "nothing", 0);
    expect(brain.says().at(-1)).toBe("I heard nothing, so there is no message.");
    brain.command("send it");
    expect(brain.says().at(-1)).toBe("There is no message to send.");
  });

  test("ends at a press, and asks then", () => {
    const brain = new Brain(family);
    brain.command("message ana");
    brain.press();
    expect(brain.sent("stop-recording")).toMatchObject([{ keep: true }]);
    speak(brain, "asked");
    expect(brain.says().at(-1)).toBe("Message for Ana. Shall I send it?");
  });

  test.each(["stop", "send it", null])("ends at the wake word, and %j after it brings the question", (text) => {
    const brain = new Brain(family);
    brain.command("message ana");
    brain.hear({ type: "wake", score: 1, atMs: 0 });
    speak(brain, "wake");
    expect(brain.says()).toHaveLength(1);
    answer(brain, text, true);
    expect(brain.says().at(-1)).toBe("Message for Ana. Shall I send it?");
    expect(brain.sentMessages).toEqual([]);
  });

  test("is discarded by the wake word and discard, before or after the audio process has handed it over", () => {
    for (const isLate of [false, true]) {
      const brain = new Brain(family);
      brain.command("message ana");
      brain.hear({ type: "wake", score: 1, atMs: 0 });
      if (!isLate) speak(brain, "wake");
      answer(brain, "discard it");
      if (isLate) speak(brain, "wake");
      brain.command("send it");
      expect(brain.says().slice(-2)).toEqual(["The message is discarded.", "There is no message to send."]);
    }
  });

  test("that the microphone switch ended is kept, and not asked about: nobody could be heard", () => {
    const brain = new Brain(family);
    brain.command("message ana");
    brain.daemon.dispatch({ type: "mute", engaged: true });
    speak(brain, "deaf");
    expect(brain.says().at(-1)).toMatch(/^I keep your message for Ana\./);
    expect(brain.sent("listen")).toEqual([]);
  });

  test("gives way to a ring, and is kept", () => {
    const brain = new Brain(family);
    brain.command("message ana");
    const before = brain.commands.length;
    brain.offer(MUM);
    const types = brain.commands.slice(before).map(({ type }) => type);
    expect(types.indexOf("stop-recording")).toBeGreaterThan(-1);
    expect(types.indexOf("start-tone")).toBeGreaterThan(types.indexOf("stop-recording"));
    speak(brain, "asked");
    expect(brain.says().at(-1)).toMatch(/^I keep your message for Ana\./);
    brain.command("ignore it");
    brain.command("send it");
    answer(brain, "yes");
    expect(brain.sentMessages).toMatchObject([{ to: ANA }]);
  });

  test("that is lost with the audio process is said to be so, and no half of it is ever sent", () => {
    const brain = new Brain(family);
    brain.command("message ana");
    const id = recordingOf(brain);
    brain.hear(part(id, 0, false));
    brain.daemon.dispatch({ type: "ears-died" });
    brain.hear({ type: "ready" });
    expect(brain.says().at(-1)).toBe("Sorry, the recording was lost.");
    brain.hear({ type: "recorded", id, durationMs: 3_000, why: "silence" });
    brain.command("send it");
    expect(brain.says().at(-1)).toBe("There is no message to send.");
  });

  test("of which a part is missing, or that is too long, is not sent", () => {
    for (const parts of [[1], [0, 2], [0, 0], Array.from({ length: 40 }, (_, index) => index)]) {
      const brain = new Brain(family);
      brain.command("message ana");
      const id = recordingOf(brain);
      for (const [at, index] of parts.entries()) {
        brain.hear(part(id, index, at === parts.length - 1, Buffer.alloc(24_576, 1)));
      }
      brain.hear({ type: "recorded", id, durationMs: 120_000, why: "limit" });
      answer(brain, "yes");
      expect(brain.sentMessages).toEqual([]);
      expect(brain.says().at(-1)).toMatch(/^Sorry, I could not save your message for Ana/);
    }
  });
});
