import { describe, expect, test } from "vitest";
import type { Book } from "#device/gate/book.ts";
import { ANA, ana, blocking, bookWith, MALLORY, mallory, STRANGER } from "#test/house/books.ts";
import { Brain } from "#test/house/brain.ts";
import { finish, MUM, mum, played, soundOf } from "#test/house/talk.ts";

const family: Book = bookWith({ people: [ana, mum, mallory] });
const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const ALL_DAY = { fromMinute: 0, toMinute: 0, days, except: [] };

describe("a message that came", () => {
  test("makes a light and no sound, and is not played before the owner asks", () => {
    const brain = new Brain(family);
    brain.left(ANA);
    brain.clock.advance(24 * 3_600_000);
    expect(brain.commands).toEqual([]);
    expect(brain.scenes).toEqual(["message"]);
  });

  test("is announced by who and when, and then played; once heard the light goes out", () => {
    const brain = new Brain(family);
    brain.clock.advance(Date.UTC(2026, 10, 23, 16, 10) - brain.clock.nowMs());
    const message = brain.left(ANA);
    brain.command("play my messages");
    expect(brain.says()).toEqual(["Ana, today at ten past four."]);
    expect(played(brain)).toEqual([soundOf(message)]);
    finish(brain);
    expect(brain.inbox.entries()).toMatchObject([{ standing: "heard" }]);
    expect(brain.scenes.at(-1)).toBe("off");
    brain.clock.advance(1_000);
    expect(brain.says().at(-1)).toBe("That was the last message.");
    expect(brain.journal).toMatchObject([{ what: "message", detail: "played", person: "ana" }]);
  });

  test.each<[string, Book, string]>([
    ["from somebody blocked since", { ...family, blocks: [{ person: "ana" }] }, ANA],
    [
      "from somebody deleted since, where strangers are turned away",
      { ...family, people: [mum], unknown: "drop" },
      ANA,
    ],
    ["from somebody without the grant", family, MALLORY],
    ["from a stranger", family, STRANGER],
    ["while calling is off", { ...family, calling: "off" }, ANA],
  ])("%s is not lit, counted, named or played", (_, book, from) => {
    const brain = new Brain(book);
    brain.left(from);
    brain.left(from, { kind: "text", text: "Mallory was here" });
    const quietScene = book.calling === "off" ? [] : ["listening", "off"];
    for (const text of ["any messages", "play my messages", "messages from mum", "next", "repeat"]) brain.command(text);
    expect(new Set(brain.scenes)).toEqual(new Set(book.calling === "off" ? ["listening", "calling-off"] : quietScene));
    expect(played(brain)).toEqual([]);
    expect(brain.says().join(" ")).not.toMatch(/Ana|Mallory|book/);
  });

  test("of an account that shares its id with another's is not taken for the other's", () => {
    const brain = new Brain(family);
    const theirs = brain.left(STRANGER, { id: "ab".repeat(16) });
    brain.inbox.sounds.set(`${STRANGER} ${theirs.id}`, Buffer.from("stranger"));
    brain.left(ANA, { id: theirs.id });
    brain.inbox.sounds.set(`${ANA} ${theirs.id}`, Buffer.from("ana"));
    brain.command("play my messages");
    finish(brain);
    brain.clock.advance(1_000);
    expect(played(brain)).toEqual(["ana"]);
    brain.command("delete it");
    brain.clock.advance(11_000);
    expect(brain.inbox.entries()).toMatchObject([{ from: STRANGER, standing: "new" }]);
  });

  test("that came while it was to be quiet may be listened to: the owner asks", () => {
    const brain = new Brain({ ...family, quietHours: [ALL_DAY] });
    const message = brain.left(ANA);
    brain.command("play my messages");
    expect(played(brain)).toEqual([soundOf(message)]);
    expect(brain.timeline.filter(({ event }) => event === "refused")).toEqual([]);
  });

  test("whose sound is gone is said to be so, and the next is played", () => {
    const brain = new Brain(family);
    const broken = brain.left(ANA);
    brain.inbox.sounds.set(`${ANA} ${broken.id}`, null);
    const good = brain.left(MUM);
    brain.command("play my messages");
    expect(brain.says()).toEqual(["That message cannot be played."]);
    brain.clock.advance(1_000);
    expect(played(brain)).toEqual([soundOf(good)]);
    expect(brain.inbox.entries().find(({ id }) => id === broken.id)?.standing).toBe("new");
  });

  test("that was passed on is judged by who spoke it first as well, and never played where nobody knows who did", () => {
    const brain = new Brain({ ...family, blocks: [{ person: "mallory" }] });
    brain.left(ANA, { origin: MALLORY });
    brain.left(ANA, { origin: "unverified" });
    brain.command("play my messages");
    expect(played(brain)).toEqual([]);
    brain.left(ANA, { origin: MUM });
    brain.command("play my messages");
    expect(brain.says().at(-1)).toMatch(/^Ana, today at .*, passing on a message, first from Mum\.$/);
  });
});

describe("counting", () => {
  test("names who left new messages, each once", () => {
    const brain = new Brain(family);
    brain.command("any messages");
    brain.left(ANA);
    brain.command("any messages");
    brain.left(MUM);
    brain.left(ANA);
    brain.left(STRANGER);
    brain.command("any messages");
    expect(brain.says()).toEqual([
      "You have no new messages.",
      "You have one new message, from Ana.",
      "You have three new messages, from Ana and Mum.",
    ]);
  });

  test("tells of requests only where the owner asks for just those, and plays them only then", () => {
    const brain = new Brain(family);
    const request = brain.left(STRANGER, { shelf: "requests" });
    brain.command("any messages");
    brain.command("play my messages");
    expect(played(brain)).toEqual([]);
    brain.command("any requests");
    brain.command("play my requests");
    expect(brain.says().slice(-2)).toEqual([
      "There is one request, from somebody who is not in your book.",
      expect.stringMatching(/^Somebody who is not in your book, today/),
    ]);
    expect(played(brain)).toEqual([soundOf(request)]);
    expect(brain.scenes).not.toContain("message");
  });
});

describe("playback stops at once", () => {
  function playing(): Brain {
    const brain = new Brain(family);
    brain.left(ANA);
    brain.left(ANA);
    brain.command("play my messages");
    brain.forget();
    return brain;
  }
  const stops: [string, (brain: Brain) => void][] = [
    ["the wake word", (brain) => brain.hear({ type: "wake", score: 1, atMs: 0 })],
    ["a ring", (brain) => void brain.offer(MUM, {})],
    ["the mute switch", (brain) => brain.daemon.dispatch({ type: "mute", engaged: true })],
    ["a press of the button", (brain) => brain.press()],
    [
      "a block of who speaks",
      (brain) => void brain.daemon.change({ type: "block", block: { person: "ana" } }, "cli", []),
    ],
    ["calling being turned off", (brain) => void brain.daemon.change({ type: "calling", calling: "off" }, "cli", [])],
  ];
  test.each(stops)("for %s, before anything else sounds, and does not go on by itself", (_, stop) => {
    const brain = new Brain({ ...family, people: [ana, { ...mum, grants: ["ring"] }] });
    brain.left(ANA);
    brain.left(ANA);
    brain.command("play my messages");
    brain.forget();
    stop(brain);
    const first = brain.commands.findIndex(({ type }) => ["say", "start-tone"].includes(type));
    const silent = brain.commands.findIndex(({ type }) => type === "stop-playing");
    expect(silent).toBeGreaterThan(-1);
    expect(brain.commands.findLastIndex(({ type }) => type === "hush")).toBeLessThan(first === -1 ? Infinity : first);
    brain.clock.advance(10_000);
    expect(brain.sent("play-part")).toEqual([]);
  });

  test("and a late report of its end moves nothing on", () => {
    const brain = playing();
    brain.hear({ type: "wake", score: 1, atMs: 0 });
    brain.hear({ type: "played", id: "message-1", how: "whole" });
    brain.hear({ type: "said", id: -1 });
    brain.clock.advance(5_000);
    expect(brain.sent("play-part")).toEqual([]);
    expect(brain.inbox.entries()).toMatchObject([{ standing: "new" }, { standing: "new" }]);
  });

  test("when the audio process dies, and a new one plays nothing by itself", () => {
    const brain = playing();
    brain.daemon.dispatch({ type: "ears-died" });
    brain.hear({ type: "ready" });
    brain.clock.advance(700_000);
    expect(brain.sent("play-part")).toEqual([]);
    expect(brain.says()).toEqual([]);
  });
});

test("a block while the light is on puts it out, and unblocking lights it again", () => {
  const brain = new Brain(blocking());
  brain.left(ANA);
  brain.daemon.change({ type: "block", block: { person: "ana" } }, "cli", []);
  brain.daemon.change({ type: "unblock", block: { person: "ana" } }, "cli", []);
  expect(brain.scenes).toEqual(["message", "off", "message"]);
  expect(brain.timeline.filter(({ event }) => event === "refused")).toEqual([]);
});
