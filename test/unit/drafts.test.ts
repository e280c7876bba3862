import { describe, expect, test } from "vitest";
import { ANA, accountOf, MALLORY } from "#test/house/books.ts";
import { Brain } from "#test/house/brain.ts";
import { answer, family, MUM, part, recorded, recordingOf, SPOKEN, speak } from "#test/house/talk.ts";

describe("after the question", () => {
  test("nothing heard twice keeps it as a draft, which is said, and 'send it' asks again by name", () => {
    const brain = recorded();
    answer(brain, null);
    expect(brain.says().at(-1)).toBe("Say send, play it, again, or discard.");
    answer(brain, null);
    expect(brain.says().at(-1)).toBe("I keep your message for Ana. To go on with it, say send it, or discard it.");
    brain.clock.advance(3_600_000);
    brain.command("send it");
    expect(brain.says().at(-1)).toBe("Message for Ana. Shall I send it?");
    expect(brain.sentMessages).toEqual([]);
    answer(brain, "yes");
    expect(brain.sentMessages).toHaveLength(1);
  });

  test("a question that nothing comes back from ends, and keeps it", () => {
    const brain = recorded();
    brain.clock.advance(20_000);
    expect(brain.says().at(-1)).toMatch(/^I keep your message/);
    answer(brain, "yes");
    expect(brain.sentMessages).toEqual([]);
  });

  test("it can be played back, which asks again", () => {
    const brain = recorded();
    answer(brain, "play it");
    const [sent] = brain.sent("play-part");
    expect(sent?.type === "play-part" && Buffer.from(sent.data, "base64")).toEqual(SPOKEN);
    expect(brain.says().filter((said) => said.includes("Shall I send it"))).toHaveLength(1);
    if (sent?.type === "play-part") brain.hear({ type: "played", id: sent.id, how: "whole" });
    expect(brain.says().at(-1)).toBe("Message for Ana. Shall I send it?");
    answer(brain, "send");
    expect(brain.sentMessages).toHaveLength(1);
  });

  test("its playback is cut short by the wake word, though the end of it is told first; then it is asked about", () => {
    const brain = recorded();
    answer(brain, "play it");
    const [sent] = brain.sent("play-part");
    if (sent?.type === "play-part") brain.hear({ type: "played", id: sent.id, how: "stopped" });
    brain.hear({ type: "wake", score: 1, atMs: 0 });
    answer(brain, "send it");
    expect(brain.sentMessages).toEqual([]);
    expect(brain.says().filter((said) => said.includes("Shall I send it"))).toHaveLength(2);
    answer(brain, "yes");
    expect(brain.sentMessages).toHaveLength(1);
  });

  test("it can be spoken again, which throws the first one away", () => {
    const brain = recorded();
    answer(brain, "again");
    expect(brain.sent("record")).toHaveLength(2);
    const id = recordingOf(brain);
    brain.hear(part(id, 0, true, Buffer.from("OggS better")));
    brain.hear({ type: "recorded", id, durationMs: 2_000, why: "stop" });
    answer(brain, "yes");
    expect(brain.sentMessages).toMatchObject([{ to: ANA, durationMs: 2_000 }]);
    brain.command("send it");
    expect(brain.says().at(-1)).toBe("There is no message to send.");
  });

  test("what the disk refuses is not said to be sent, and can be sent later", () => {
    const brain = recorded();
    brain.diskFull = true;
    answer(brain, "yes");
    expect(brain.says().at(-1)).toMatch(/^Sorry, I could not save your message for Ana, so it was not sent\./);
    expect(brain.journal).toEqual([]);
    brain.diskFull = false;
    brain.command("send it");
    answer(brain, "yes");
    expect(brain.sentMessages).toHaveLength(1);
  });

  test("an unsent one is not lost to another, up to four", () => {
    const brain = new Brain(family);
    for (const name of ["ana", "mum", "ana", "mum"]) {
      brain.command(`message ${name}`);
      speak(brain);
      answer(brain, "stop");
    }
    brain.command("message ana");
    expect(brain.says().at(-1)).toMatch(/^Too many messages wait/);
    for (let left = 4; left > 0; left -= 1) {
      brain.command("send it");
      answer(brain, "yes");
    }
    expect(brain.sentMessages.map(({ to }) => to)).toEqual([MUM, ANA, MUM, ANA]);
  });
});

describe("a message never goes to anybody else than was read back", () => {
  test.each<[string, Parameters<Brain["daemon"]["change"]>[0]]>([
    ["who was blocked meanwhile", { type: "block", block: { person: "ana" } }],
    ["who was deleted meanwhile", { type: "remove-person", person: "ana", atMs: 0 }],
    ["whose entry became another's", { type: "merge-people", person: "ana", into: "mum" }],
  ])("nor to somebody %s", (_, change) => {
    const brain = recorded();
    brain.daemon.change(change, "cli", []);
    answer(brain, "yes");
    expect(brain.sentMessages).toEqual([]);
    brain.command("send it");
    answer(brain, "yes");
    expect(brain.sentMessages).toEqual([]);
  });

  test("a reply goes to who left the message that was played, and to nobody who is not in the book", () => {
    const brain = new Brain(family);
    brain.left(MUM);
    brain.left(ANA);
    brain.command("play my messages");
    brain.command("reply");
    expect(brain.says().at(-1)).toBe("Message for Mum. Speak after the tone.");
    speak(brain);
    answer(brain, "yes");
    expect(brain.sentMessages).toMatchObject([{ to: MUM }]);
    brain.left(accountOf("stranger"));
    brain.command("play my requests");
    brain.command("reply");
    expect(brain.says().at(-1)).toBe("There is nobody to leave a message for.");
  });
});

describe("after a call that nobody answered", () => {
  test("a message is offered in the same words whoever it was, and goes to them", () => {
    for (const [name, account] of [
      ["ana", ANA],
      ["mum", MUM],
    ] as const) {
      const brain = new Brain(family);
      brain.daemon.place(account);
      brain.clock.advance(45_000);
      expect(brain.says().at(-1)?.toLowerCase()).toBe(
        `${name} did not answer. to leave a message, say leave a message.`,
      );
      brain.command("leave a message");
      speak(brain);
      answer(brain, "yes");
      expect(brain.sentMessages).toMatchObject([{ to: account }]);
    }
  });

  test("a call that was placed since is not who is meant any more", () => {
    const brain = new Brain(family);
    brain.daemon.place(ANA);
    brain.clock.advance(45_000);
    brain.daemon.place(MUM);
    brain.daemon.dispatch({ type: "owner", order: "hang-up" });
    brain.command("leave a message");
    expect(brain.says().at(-1)).toBe("There is nobody to leave a message for.");
  });
});

test("nothing is recorded in a call, and nobody outside causes a recording", () => {
  const brain = new Brain(family);
  brain.offer(ANA);
  brain.command("message mum");
  brain.command("answer");
  brain.command("message mum");
  brain.hear({ type: "recorded", id: "draft-1", durationMs: 3_000, why: "silence" });
  brain.left(MALLORY);
  expect(brain.sent("record")).toEqual([]);
});
