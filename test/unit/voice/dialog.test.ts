import { describe, expect, test } from "vitest";
import { quiet, step } from "#device/voice/dialog.ts";
import * as say from "#device/voice/say.ts";
import type { Order, Situation } from "#device/voice/states.ts";
import { bookOf, person, STILL } from "./books.ts";
import { heard, nothing, ordersIn, outputsOf, pressed, SURE, saidIn, UNSURE } from "./talking.ts";

const ana = person("ana", "Ana");
const daveSmith = person("dave-smith", "Dave Smith");
const daveJones = person("dave-jones", "Dave Jones");
const book = bookOf([ana, daveSmith, daveJones]);
const idle: Situation = { ...STILL, book };

describe("calling", () => {
  test("somebody who was surely heard happens at once, and is read back", () => {
    expect(outputsOf(idle, heard("call ana"))).toEqual([
      { type: "do", order: { type: "call", person: "ana" } },
      { type: "say", sentence: "Calling Ana." },
    ]);
  });

  test("somebody who was not surely heard waits for a yes", () => {
    const unsure = heard("call ana", { score: UNSURE });
    expect(outputsOf(idle, unsure)).toEqual([
      { type: "say", sentence: "Shall I call Ana?" },
      { type: "listen", patienceMs: 5_000 },
      { type: "start-timer", timer: "answer", afterMs: 20_000 },
    ]);
    expect(ordersIn(outputsOf(idle, unsure, heard("yes", { score: UNSURE })))).toEqual([
      { type: "call", person: "ana" },
    ]);
    for (const answer of [
      heard("no"),
      heard("cancel"),
      nothing,
      pressed,
      { type: "timer", timer: "answer" } as const,
    ]) {
      expect(outputsOf(idle, unsure, answer)).toEqual([
        { type: "stop-timer", timer: "answer" },
        { type: "say", sentence: say.cancelled() },
      ]);
    }
  });

  test.each([0, 7.9, -1, Number.NaN])(
    "where another name fits nearly as well (by %d nats) it is asked, too",
    (nameMargin) => {
      expect(saidIn(outputsOf(idle, heard("call ana", { nameMargin })))).toEqual(["Shall I call Ana?"]);
      expect(saidIn(outputsOf(idle, heard("message ana", { nameMargin })))).toEqual([say.confirmMessage("Ana")]);
      expect(ordersIn(outputsOf(idle, heard("block ana", { nameMargin })))).toHaveLength(1);
      expect(ordersIn(outputsOf(idle, heard("call ana", { nameMargin: 8 })))).toEqual([
        { type: "call", person: "ana" },
      ]);
    },
  );

  test("listens once more to an answer that was not understood, and then gives up", () => {
    const unsure = heard("call ana", { score: UNSURE });
    const noise = heard(null);
    expect(outputsOf(idle, unsure, noise).map((output) => output.type)).toEqual(["sorry", "listen", "start-timer"]);
    expect(ordersIn(outputsOf(idle, unsure, noise, heard("yes")))).toEqual([{ type: "call", person: "ana" }]);
    expect(saidIn(outputsOf(idle, unsure, noise, noise))).toEqual([say.cancelled()]);
  });

  test("takes another command instead of an answer", () => {
    const outputs = outputsOf(idle, heard("call ana", { score: UNSURE }), heard("call dave smith"));
    expect(outputs[0]).toEqual({ type: "stop-timer", timer: "answer" });
    expect(ordersIn(outputs)).toEqual([{ type: "call", person: "dave-smith" }]);
  });

  test("a name that several people have asks about one after the other", () => {
    const which = heard("call dave");
    expect(saidIn(outputsOf(idle, which))).toEqual(["I know Dave Smith and Dave Jones. Do you mean Dave Smith?"]);
    expect(ordersIn(outputsOf(idle, which, heard("yes")))).toEqual([{ type: "call", person: "dave-smith" }]);
    expect(saidIn(outputsOf(idle, which, heard("no")))).toEqual(["Do you mean Dave Jones?"]);
    expect(ordersIn(outputsOf(idle, which, heard("no"), heard("yes")))).toEqual([
      { type: "call", person: "dave-jones" },
    ]);
    expect(saidIn(outputsOf(idle, which, heard("no"), heard("no")))).toEqual([say.cancelled()]);
  });

  test("a name that several people have does not speak the blocked one, nor call the other without a yes", () => {
    const now = { ...idle, book: bookOf(book.people, [{ person: "dave-smith" }]) };
    expect(saidIn(outputsOf(now, heard("call dave")))).toEqual(["Do you mean Dave Jones?"]);
    expect(ordersIn(outputsOf(now, heard("call dave")))).toEqual([]);
  });

  test.each<[string, Situation, string]>([
    ["call ana", { ...idle, book: bookOf([ana], [{ person: "ana" }]) }, say.unblockFirst("Ana")],
    ["call ana", { ...idle, book: bookOf([ana], [], "off") }, say.callingIsOff()],
    ["call ana", { ...idle, book: bookOf([{ ...ana, accounts: [] }]) }, say.cannotCall("Ana")],
    ["call ana", { ...idle, call: { at: "talking", peer: "dave-smith" } }, say.alreadyInCall()],
    ["call ana", { ...idle, book: null }, say.bookUnreadable()],
    ["call zoe", idle, say.unknownName()],
    ["call sam", { ...idle, book: bookOf([person("a", "Sam"), person("b", "Sam")]) }, say.cannotTellApart()],
    [
      "call sam",
      { ...idle, book: bookOf(["A", "B", "C", "D", "E"].map((x) => person(x, `Sam ${x}`))) },
      say.tooManyAlike(),
    ],
    ["call back", idle, say.nobodyToCallBack()],
    ["call back", { ...idle, lastCaller: "stranger" }, say.nobodyToCallBack()],
    ["call back", { ...idle, lastCaller: "ana", book: bookOf([ana], [{ account: "ana" }]) }, say.nobodyToCallBack()],
  ])("%j that cannot be done says why, sure or not, and asks nothing", (text, now, sentence) => {
    for (const score of [SURE, UNSURE])
      expect(outputsOf(now, heard(text, { score })).filter(({ type }) => type !== "earcon")).toEqual([
        { type: "say", sentence },
      ]);
  });

  test("somebody who cannot be called sounds the same whoever it is, and why", () => {
    const [none, off] = [{ ...ana, accounts: [] }, bookOf([ana], [], "off")];
    const refusals = [bookOf([ana], [{ person: "ana" }]), bookOf([none]), off].map((now) =>
      outputsOf({ ...idle, book: now }, heard("call ana")).map(({ type }) => type),
    );
    for (const types of refusals) expect(types).toEqual(["earcon", "say"]);
  });

  test("back reaches who called last, with a yes where it was not surely heard", () => {
    const now = { ...idle, lastCaller: "ana" };
    expect(ordersIn(outputsOf(now, heard("call back")))).toEqual([{ type: "call", person: "ana" }]);
    expect(saidIn(outputsOf(now, heard("call back", { score: UNSURE })))).toEqual(["Shall I call Ana?"]);
  });

  test("somebody who was blocked or deleted while the question was open does not happen", () => {
    const [asking] = step(quiet, heard("call ana", { score: UNSURE }), idle);
    for (const people of [[], [ana]]) {
      const now = { ...idle, book: bookOf(people, [{ person: "ana" }]) };
      expect(ordersIn(step(asking, heard("yes"), now)[1])).toEqual([]);
    }
  });
});

describe("a call that is there", () => {
  const ringing: Situation = { ...idle, call: { at: "ringing", peer: "ana" } };
  const talking: Situation = { ...idle, call: { at: "talking", peer: "ana" } };
  const calling: Situation = { ...idle, call: { at: "calling", peer: "ana" } };

  test.each<[string, Situation, string]>([
    ["answer", ringing, "answer"],
    ["ignore it", ringing, "ignore"],
    ["hang up", ringing, "ignore"],
    ["hang up", talking, "hang-up"],
    ["hang up", calling, "hang-up"],
    ["never mind", calling, "hang-up"],
    ["answer", idle, say.nobodyIsCalling()],
    ["answer", talking, say.nobodyIsCalling()],
    ["ignore", calling, say.nobodyIsCalling()],
    ["hang up", idle, say.noCall()],
    ["who is it", ringing, "Ana is calling."],
    ["who is it", talking, "You are talking to Ana."],
    ["who is it", calling, "Calling Ana."],
    ["who is it", idle, say.nobodyIsCalling()],
    ["who is it", { ...idle, call: { at: "ringing", peer: "stranger" } }, "Somebody is calling."],
  ])("%j does one thing", (text, now, expected) => {
    const outputs = outputsOf(now, heard(text)).filter(({ type }) => type !== "earcon");
    expect(outputs).toHaveLength(1);
    expect([ordersIn(outputs)[0]?.type, ...saidIn(outputs)]).toContain(expected);
  });
});

describe("blocking", () => {
  test.each([SURE, UNSURE])("acts at once, is read back, and a short press undoes it (score %d)", (score) => {
    const outputs = outputsOf(idle, heard("block ana", { score }));
    expect(outputs).toEqual([
      { type: "do", order: { type: "block", block: { person: "ana" } } },
      { type: "say", sentence: "Ana is blocked. To undo, press the button." },
      { type: "start-timer", timer: "undo", afterMs: 10_000 },
    ]);
    expect(outputsOf(idle, heard("block ana", { score }), pressed)).toEqual([
      { type: "do", order: { type: "undo-block", block: { person: "ana" } } },
      { type: "stop-timer", timer: "undo" },
      { type: "say", sentence: "Ana is not blocked any more." },
    ]);
  });

  test("is not undone by a press after 10 s, nor by a second one, nor by any word", () => {
    expect(outputsOf(idle, heard("block ana"), { type: "timer", timer: "undo" }, pressed)).toEqual([]);
    expect(outputsOf(idle, heard("block ana"), pressed, pressed)).toEqual([]);
    for (const word of ["cancel", "no", "yes", "never mind"])
      expect(outputsOf(idle, heard("block ana"), heard(word))).toEqual([{ type: "sorry" }]);
  });

  test("somebody who is blocked already leaves nothing to undo", () => {
    const now = { ...idle, book: bookOf([ana], [{ person: "ana" }]) };
    expect(saidIn(outputsOf(now, heard("block ana")))).toEqual([say.alreadyBlocked("Ana")]);
    expect(outputsOf(now, heard("block ana"), pressed)).toEqual([]);
  });

  test.each<[string, Situation, Order | null]>([
    [
      "who rings",
      { ...idle, call: { at: "ringing", peer: "ana" }, lastCaller: "dave-smith" },
      { type: "block", block: { person: "ana" } },
    ],
    [
      "who talks",
      { ...idle, call: { at: "talking", peer: "ana" }, lastCaller: "dave-smith" },
      { type: "block", block: { person: "ana" } },
    ],
    ["who called last", { ...idle, lastCaller: "ana" }, { type: "block", block: { person: "ana" } }],
    [
      "who called last, not whom we call",
      { ...idle, call: { at: "calling", peer: "dave-smith" }, lastCaller: "ana" },
      { type: "block", block: { person: "ana" } },
    ],
    ["a stranger, by account", { ...idle, lastCaller: "stranger" }, { type: "block", block: { account: "stranger" } }],
    ["nobody, where nobody called", idle, null],
  ])("that caller blocks %s", (_who, now, order) => {
    const outputs = outputsOf(now, heard("block that caller", { score: UNSURE }));
    expect(ordersIn(outputs)).toEqual(order === null ? [] : [order]);
    expect(saidIn(outputs)).toHaveLength(1);
  });

  test("whom we are calling hangs up, as no pass of theirs can end it", () => {
    const now: Situation = { ...idle, call: { at: "calling", peer: "ana" } };
    expect(ordersIn(outputsOf(now, heard("block ana"))).map((order) => order.type)).toEqual(["block", "hang-up"]);
    expect(ordersIn(outputsOf(now, heard("turn calling off"))).map((order) => order.type)).toEqual([
      "calling-off",
      "hang-up",
    ]);
    expect(ordersIn(outputsOf(now, heard("block dave smith"))).map((order) => order.type)).toEqual(["block"]);
  });

  test("calling off acts at once however it was heard, and a press undoes it", () => {
    const off = heard("turn calling off", { score: UNSURE });
    expect(ordersIn(outputsOf(idle, off))).toEqual([{ type: "calling-off" }]);
    expect(ordersIn(outputsOf(idle, off, pressed))).toEqual([{ type: "undo-calling-off" }]);
    const now = { ...idle, book: bookOf([], [], "off") };
    expect([ordersIn(outputsOf(now, off)), outputsOf(now, off, pressed)]).toEqual([[], []]);
  });
});

describe("who called", () => {
  test("tells the missed ones once each, and marks them heard", () => {
    const now = { ...idle, missed: ["ana", "stranger", "ana"], lastCaller: "ana" };
    expect(outputsOf(now, heard("who called"))).toEqual([
      { type: "do", order: { type: "mark-heard" } },
      { type: "say", sentence: "Ana and somebody who is not in your book called." },
    ]);
  });

  test("never speaks the name of somebody who has been blocked since", () => {
    const now = { ...idle, book: bookOf([ana], [{ person: "ana" }]), missed: ["ana"], lastCaller: "ana" };
    expect(saidIn(outputsOf(now, heard("who called")))).toEqual([say.nobodyCalled()]);
    expect(saidIn(outputsOf({ ...idle, lastCaller: "ana" }, heard("who called")))).toEqual([
      "Nobody new called. The last was Ana.",
    ]);
  });
});

describe("what fits nothing", () => {
  test.each([
    heard("call ana", { score: UNSURE - 0.01 }),
    heard("call ana", { score: Number.NaN }),
    heard("gibberish"),
    heard(null),
    heard("yes"),
    heard("cancel"),
  ])("%j makes a sorry tone and no more", (input) => {
    expect(outputsOf(idle, input)).toEqual([{ type: "sorry" }]);
  });

  test("silence after the wake word, a press and late timers do nothing", () => {
    for (const input of [
      nothing,
      pressed,
      { type: "timer", timer: "undo" },
      { type: "timer", timer: "answer" },
    ] as const) {
      expect(step(quiet, input, idle)).toEqual([quiet, []]);
    }
  });
});
