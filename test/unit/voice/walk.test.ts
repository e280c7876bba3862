import { beforeAll, describe, expect, test } from "vitest";
import type { Book } from "#device/gate/book.ts";
import { CONFIDENCE } from "#device/voice/confidence.ts";
import { quiet, step } from "#device/voice/dialog.ts";
import { parse } from "#device/voice/intent.ts";
import { isPersonBlocked, resolve } from "#device/voice/resolve.ts";
import type { Dialog, DialogInput, DialogOutput, MessageOrder, Order, Situation } from "#device/voice/states.ts";
import { bookOf, person, STILL } from "./books.ts";

/**
 * A unit of which only the dialog is real: every input in every state that can be reached within DEPTH inputs, with
 * a book that follows the orders.
 */
const DEPTH = 4;
type World = Readonly<{ dialog: Dialog; now: Situation & Readonly<{ book: Book }> }>;
type Taken = Readonly<{ before: World; input: DialogInput; after: World; outputs: readonly DialogOutput[] }>;

const PEOPLE = [person("ana", "Ana"), person("smith", "Dave Smith"), person("jones", "Dave Jones")];
const TEXTS = [
  "call ana",
  "call dave",
  "call back",
  "block ana",
  "block dave",
  "block that caller",
  "unblock ana",
  "unblock dave",
  "turn calling off",
  "turn calling on",
  "answer",
  "ignore",
  "hang up",
  "who called",
  "who is it",
  "yes",
  "no",
  "cancel",
  "what can i say",
  "gibberish",
];
const SCORES = [CONFIDENCE.sure, CONFIDENCE.accept, CONFIDENCE.fitting - 0.1];
const INPUTS: readonly DialogInput[] = [
  ...TEXTS.flatMap((text) =>
    SCORES.flatMap((score) => [true, false].map((buttonHeld) => heard({ text, score, buttonHeld }))),
  ),
  heard({ text: null }),
  heard({ text: null, spoke: false }),
  { type: "pressed" },
  { type: "held" },
  { type: "timer", timer: "undo" },
  { type: "timer", timer: "answer" },
  { type: "timer", timer: "hold" },
];
const STARTS: readonly Situation["call"][] = [
  { at: "idle" },
  { at: "ringing", peer: "ana" },
  { at: "talking", peer: "stranger" },
  { at: "calling", peer: "smith" },
];

function heard(some: Partial<Extract<DialogInput, { type: "heard" }>>): DialogInput {
  return { type: "heard", text: "", score: CONFIDENCE.sure, spoke: true, buttonHeld: false, ...some };
}

/** The book as the store would make it. */
function obey(book: Book, order: Order): Book {
  switch (order.type) {
    case "block":
      return { ...book, blocks: [...book.blocks, order.block] };
    case "undo-block":
      return { ...book, blocks: book.blocks.filter((block) => JSON.stringify(block) !== JSON.stringify(order.block)) };
    case "unblock":
      return { ...book, blocks: book.blocks.filter((block) => !("person" in block && block.person === order.person)) };
    case "calling-off":
      return { ...book, calling: "off" };
    case "calling-on":
    case "undo-calling-off":
      return { ...book, calling: "on" };
    case "delete-person":
      return { ...book, people: book.people.filter(({ id }) => id !== order.person) };
    case "grant":
    case "revoke":
    case "rename":
    case "quiet":
    case "undo-quiet":
    case "quiet-off":
    case "call":
    case "call-number":
    case "tell-changes":
    case "tell-why":
    case "set-voice":
    case "answer":
    case "ignore":
    case "hang-up":
    case "mark-heard":
      return book;
    default:
      order satisfies MessageOrder;
      return book;
  }
}

function walk(): Taken[] {
  const taken: Taken[] = [];
  let edge: World[] = STARTS.map((call) => ({
    dialog: quiet,
    now: { ...STILL, book: bookOf(PEOPLE), call, lastCaller: "jones", missed: ["jones"] },
  }));
  const seen = new Set(edge.map((world) => JSON.stringify(world)));
  for (let depth = 0; depth < DEPTH; depth += 1) {
    const next: World[] = [];
    for (const before of edge) {
      for (const input of INPUTS) {
        const [dialog, outputs] = step(before.dialog, input, before.now);
        const book = ordersIn(outputs).reduce(obey, before.now.book);
        const after: World = { dialog, now: { ...before.now, book } };
        taken.push({ before, input, after, outputs });
        // Nothing that is said here asks for "the other one", so whom it would be about makes no other world.
        const key = JSON.stringify({ ...after, dialog: { ...dialog, recent: null } });
        if (!seen.has(key)) next.push(after);
        seen.add(key);
      }
    }
    edge = next;
  }
  return taken;
}

function ordersIn(outputs: readonly DialogOutput[]): Order[] {
  return outputs.flatMap((output) => (output.type === "do" ? [output.order] : []));
}
const isHeard = (input: DialogInput) => (input.type === "heard" ? input : null);

describe("wherever the dialog has got to", () => {
  let taken: readonly Taken[] = [];
  beforeAll(() => {
    taken = walk();
  });

  /** Checks every step that holds such an order; there must be some. */
  function forEveryOrder(types: readonly Order["type"][], check: (step: Taken, order: Order) => void): void {
    let checked = 0;
    for (const one of taken) {
      for (const order of ordersIn(one.outputs).filter(({ type }) => types.includes(type))) {
        check(one, order);
        checked += 1;
      }
    }
    expect(checked).toBeGreaterThan(0);
  }

  test("nothing is unblocked and calling is not turned on by voice without the button held", () => {
    forEveryOrder(["unblock", "calling-on"], ({ before, input }) => {
      if (input.type === "held") expect(before.dialog.wish).not.toBeNull();
      else expect(isHeard(input)?.buttonHeld).toBe(true);
    });
  });

  test("only a press undoes, and only what this dialog tightened last", () => {
    forEveryOrder(["undo-block", "undo-calling-off"], ({ before, input }, order) => {
      expect(input.type).toBe("pressed");
      expect(before.dialog.undo).toMatchObject(
        order.type === "undo-block" ? { type: "block", block: order.block } : { type: "calling-off" },
      );
    });
  });

  test("a call needs to be surely heard by a name that one person has, or a yes to being asked for that person", () => {
    forEveryOrder(["call"], ({ before, input }, order) => {
      const said = isHeard(input);
      const intent = parse(said?.text ?? "");
      if (intent?.type === "yes") {
        expect(before.dialog.question).toMatchObject({
          act: "call",
          asked: { person: order.type === "call" && order.person },
        });
        return;
      }
      expect(said?.score).toBeGreaterThanOrEqual(CONFIDENCE.sure);
      if (intent?.type === "call-back") expect(order).toMatchObject({ person: before.now.lastCaller });
      else
        expect(intent?.type === "call" && resolve(intent.name, before.now.book)).toMatchObject({
          found: "one",
          person: { id: order.type === "call" && order.person },
        });
    });
  });

  test("nobody is called who is blocked, nor while calling is off or a call is there", () => {
    forEveryOrder(["call"], ({ before: { now } }, order) => {
      const callee = now.book.people.find(({ id }) => order.type === "call" && id === order.person);
      expect([callee && isPersonBlocked(callee, now.book), now.book.calling, now.call.at]).toEqual([
        false,
        "on",
        "idle",
      ]);
    });
  });

  test("a block of one person, or of that caller, or calling off, is done first and asks nothing", () => {
    let checked = 0;
    for (const { before, input, after, outputs } of taken) {
      const said = isHeard(input);
      if (said === null || said.score < CONFIDENCE.accept) continue;
      const isTightening = ["block ana", "block that caller", "turn calling off"].includes(said.text ?? "");
      if (!isTightening || JSON.stringify(before.now.book) === JSON.stringify(after.now.book)) {
        if (isTightening) expect(outputs.map(({ type }) => type)).not.toContain("listen");
        continue;
      }
      expect(outputs.find(({ type }) => type !== "stop-timer")?.type).toBe("do");
      expect(outputs.map(({ type }) => type)).not.toContain("listen");
      checked += 1;
    }
    expect(checked).toBeGreaterThan(0);
    const open = taken.filter(
      ({ before, input }) =>
        isHeard(input)?.text === "block ana" &&
        (isHeard(input)?.score ?? 0) >= CONFIDENCE.accept &&
        !before.now.book.blocks.some((block) => "person" in block && block.person === "ana"),
    );
    expect(open.every(({ outputs }) => ordersIn(outputs).some(({ type }) => type === "block"))).toBe(true);
  });

  test("what was heard too faintly does nothing at all", () => {
    for (const { input, outputs } of taken) {
      if ((isHeard(input)?.score ?? 0) < CONFIDENCE.fitting) expect(ordersIn(outputs)).toEqual([]);
    }
  });

  test("a blocked name is spoken only to who said it, or took it back", () => {
    for (const { before, input, outputs } of taken) {
      for (const blocked of before.now.book.people.filter((one) => isPersonBlocked(one, before.now.book))) {
        const sentences = outputs.flatMap((output) => (output.type === "say" ? [output.sentence] : []));
        if (!sentences.some((sentence) => sentence.includes(blocked.name))) continue;
        const text = isHeard(input)?.text ?? "";
        const isSaid = text.includes(blocked.name.split(" ")[0]?.toLowerCase() ?? "-");
        const isAsked =
          before.dialog.question !== null && before.dialog.question.act !== "call" && ["yes", "no"].includes(text);
        // "who is it" while we call somebody and blocked them meanwhile: this world never ends its calls.
        const { call } = before.now;
        const isWished = input.type === "held" && before.dialog.wish !== null;
        const isOwnCall = text === "who is it" && "peer" in call && call.peer === blocked.id;
        expect(
          isSaid || isAsked || isOwnCall || isWished || input.type === "pressed",
          `${text}: ${sentences.join(" ")}`,
        ).toBe(true);
      }
    }
  });

  test("there is a question as long as its timer runs, and something to undo as long as its own does", () => {
    for (const { before, input, after, outputs } of taken) {
      for (const timer of ["answer", "undo", "hold"] as const) {
        const isOpen = ({ dialog: { question, undo, wish } }: World) =>
          ({ answer: question, undo, hold: wish })[timer] !== null;
        let isRunning = isOpen(before) && !(input.type === "timer" && input.timer === timer);
        for (const output of outputs) {
          if (output.type === "start-timer" && output.timer === timer) isRunning = true;
          if (output.type === "stop-timer" && output.timer === timer) isRunning = false;
        }
        expect(isRunning).toBe(isOpen(after));
      }
    }
  });

  test("it is never left without a way out: silence ends every question", () => {
    for (const { after } of taken) {
      const [dialog] = step(after.dialog, heard({ text: null, spoke: false }), after.now);
      expect(dialog.question).toBeNull();
    }
  });
});
