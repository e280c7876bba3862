import { describe, expect, test } from "vitest";
import { PATTERNS, PHRASES } from "#device/voice/phrases.ts";
import * as say from "#device/voice/say.ts";
import { ANA, ana, bookWith, MALLORY, mallory } from "#test/house/books.ts";
import { Brain } from "#test/house/brain.ts";
import { exampleOf } from "./voice/examples.ts";

const carol = { ...mallory, id: "carol", name: "Carol", accounts: ["carol".padEnd(52, "a")], numbers: [], grants: [] };
const book = bookWith({ people: [ana, mallory, carol] });

function button(brain: Brain, type: "down" | "up"): void {
  brain.daemon.dispatch({ type: "button", change: type === "down" ? { type } : { type, heldMs: 900 } });
}

function hold(brain: Brain): void {
  button(brain, "down");
  brain.clock.advance(900);
  button(brain, "up");
}

const bookOf = (brain: Brain) => brain.daemon.state.book;

describe("whatever is said", () => {
  test.each(PHRASES.map(({ intent }) => intent))("%s is answered, and never by an unknown effect", (intent) => {
    const pattern = PATTERNS.find((each) => each.intent === intent);
    if (pattern === undefined) throw new Error("no such row");
    const brain = new Brain(book);
    brain.command(exampleOf(pattern, "ana"));
    const answers = brain.commands.filter(({ type }) => ["say", "start-tone", "offer-leg", "record"].includes(type));
    // The chirp after the wake word is no answer.
    expect(answers.filter((answer) => !("tone" in answer && answer.tone === "chirp")).length).toBeGreaterThan(0);
  });

  test("to a unit whose book cannot be read is answered, too", () => {
    for (const pattern of PATTERNS) {
      const brain = new Brain(null);
      brain.command(exampleOf(pattern, "ana"));
      expect(brain.says().length + brain.sent("start-tone").length).toBeGreaterThan(0);
    }
  });
});

describe("emergency numbers", () => {
  test("are refused plainly, and the owner's own contact is offered, called after a yes", () => {
    const brain = new Brain(bookWith({ people: [{ ...ana, aliases: ["Emergency contact"] }] }));
    brain.command("call nine nine nine");
    expect(brain.says()).toEqual([say.noEmergencyServices(), say.confirmCall("Ana")]);
    expect(brain.daemon.state.call.at).toBe("idle");
    brain.command("yes");
    expect(brain.daemon.state.call.at).toBe("calling");
    const nobody = new Brain(book);
    nobody.command("call an ambulance");
    expect(nobody.says()).toEqual([say.noEmergencyServices()]);
  });

  test("help calls whom the book calls the emergency contact", () => {
    const brain = new Brain(bookWith({ people: [{ ...ana, aliases: ["Emergency contact"] }] }));
    brain.command("i need help");
    expect(brain.daemon.state.call.at).toBe("calling");
    const nobody = new Brain(book);
    nobody.command("i need help");
    expect(nobody.says()).toEqual([say.noEmergencyPerson()]);
  });
});

describe("quiet", () => {
  test("for an hour keeps the ring out at once, lets it in when the hour is over, and a press takes it back", () => {
    const brain = new Brain(book);
    brain.command("leave me alone for an hour");
    brain.offer(ANA);
    expect(brain.daemon.state.call.at).toBe("idle");
    brain.clock.advance(3_600_001);
    brain.offer(ANA);
    expect(brain.daemon.state.call.at).toBe("ringing");
    const undone = new Brain(book);
    undone.command("do not disturb");
    undone.press();
    undone.offer(ANA);
    expect(undone.daemon.state.call.at).toBe("ringing");
  });

  test("until the owner ends it needs the button to end, and leaves the hours of each day", () => {
    const brain = new Brain(book);
    brain.command("quiet from ten till seven");
    brain.clock.advance(11_000);
    brain.command("do not disturb");
    brain.clock.advance(11_000);
    brain.command("stop being quiet");
    expect(bookOf(brain)?.quietHours).toHaveLength(2);
    hold(brain);
    expect(bookOf(brain)?.quietHours).toMatchObject([{ fromMinute: 1_320, toMinute: 420, except: [] }]);
  });

  test("tonight lets one person through", () => {
    const brain = new Brain(bookWith({ people: [ana, { ...mallory, grants: ["ring"] }] }));
    brain.command("only Ana can get through tonight");
    brain.offer(MALLORY);
    expect(brain.daemon.state.call.at).toBe("idle");
    brain.offer(ANA);
    expect(brain.daemon.state.call.at).toBe("ringing");
  });
});

describe("people", () => {
  test("are deleted after a yes, and a blocked one only with the button held", () => {
    const brain = new Brain(book);
    brain.command("delete Carol");
    brain.command("yes");
    expect(bookOf(brain)?.people.map(({ id }) => id)).toEqual(["ana", "mallory"]);
    const blocked = new Brain(bookWith({ blocks: [{ person: "mallory" }] }));
    blocked.command("delete Mallory");
    blocked.command("yes");
    expect(bookOf(blocked)?.people).toHaveLength(2);
  });

  test("get another name after a yes, unless somebody has it", () => {
    const brain = new Brain(book);
    brain.command("call Ana Nan from now on");
    brain.command("yes");
    brain.command("call Nan");
    expect(brain.says().at(-1)).toBe("Calling Ana.");
    const other = new Brain(book);
    other.command("call Ana Nan from now on");
    other.command("yes");
    other.command("call Mallory Nan from now on");
    expect(other.says().at(-1)).toBe(say.nameIsTaken("nan"));
  });

  test("lose the ring at once and gain messages with the button", () => {
    const brain = new Brain(bookWith({ people: [{ ...ana, grants: ["ring"] }] }));
    brain.command("let Ana message but not ring");
    expect(bookOf(brain)?.people[0]?.grants).toEqual([]);
    hold(brain);
    expect(bookOf(brain)?.people[0]?.grants).toEqual(["message"]);
  });

  test("lose drop in all together, and a press gives it back", () => {
    const brain = new Brain(
      bookWith({
        people: [
          { ...ana, grants: ["drop-in"] },
          { ...mallory, grants: ["drop-in"] },
        ],
      }),
    );
    const grants = () => bookOf(brain)?.people.flatMap((each) => each.grants);
    brain.command("turn off drop in");
    expect(grants()).toEqual([]);
    brain.press();
    expect(grants()).toEqual(["drop-in", "drop-in"]);
  });
});

describe("a number", () => {
  test("calls whoever of the book has it, and nobody else", () => {
    const brain = new Brain(book);
    for (const text of ["call a number", "020 7946 0018", "yes"]) brain.command(text);
    expect(brain.says().at(-1)).toBe("Calling Ana.");
    expect(brain.daemon.state.call.at).toBe("calling");
    const stranger = new Brain(bookWith({ blocks: [{ person: "mallory" }] }));
    for (const number of ["020 7946 0999", "07700 900123"]) {
      for (const text of ["call a number", number, "yes"]) stranger.command(text);
      expect(stranger.says().at(-1)).toBe(say.cannotCallNumber());
      expect(stranger.daemon.state.call.at).toBe("idle");
    }
  });
});

describe("how it speaks", () => {
  test("is set by voice, kept within bounds, and told to a new audio process", () => {
    const brain = new Brain(book);
    for (let times = 0; times < 12; times += 1) brain.command("quieter");
    expect(brain.sent("set-voice").at(-1)).toMatchObject({ volume: 1 });
    expect(brain.says().at(-1)).toBe("Volume one.");
    brain.command("volume eight");
    brain.command("speak slower");
    brain.command("wait longer for me");
    brain.forget();
    brain.hear({ type: "ready" });
    expect(brain.sent("set-voice")).toEqual([{ type: "set-voice", volume: 8, wordsPerMinute: 140, waitMs: 1_000 }]);
  });
});
