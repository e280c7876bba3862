import { expect, test } from "vitest";
import type { Command } from "#audio/protocol.ts";
import { noLog } from "#base/log.ts";
import { Effects } from "#device/effects/run.ts";
import { Timers } from "#device/effects/timers.ts";
import type { GuestEffect } from "#device/events.ts";
import type { Book } from "#device/gate/book.ts";
import { decide, type Request } from "#device/gate/decide.ts";
import type { Pass } from "#device/gate/pass.ts";
import { ANA, accountOf, bookWith, callFrom, NOON } from "#test/house/books.ts";
import { Brain } from "#test/house/brain.ts";

const ID = "55".repeat(16);

/** What is heard of whoever is outside beside a ring and a message, and for which request. */
const HEARD: readonly [GuestEffect["type"], Request["kind"], (pass: Pass, id: string) => GuestEffect][] = [
  ["tone-ended-guest", "call", (pass, id) => ({ type: "tone-ended-guest", pass, id })],
  ["tone-ended-guest", "reply", (pass, id) => ({ type: "tone-ended-guest", pass, id })],
  ["tell-guest", "call", (pass, id) => ({ type: "tell-guest", what: "lost", pass, id, peer: ANA })],
  ["tell-guest", "reply", (pass, id) => ({ type: "tell-guest", what: "failed", pass, id, peer: ANA })],
  ["tell-guest", "call", (pass, id) => ({ type: "tell-guest", what: "apology", pass, id, peer: ANA })],
  ["tell-not-saved", "message", (pass, id) => ({ type: "tell-not-saved", pass, id })],
];

function passFor(kind: Request["kind"], book: Book, envelope = ID): Pass {
  const verdict = decide({ ...callFrom(ANA, { envelope, awaited: true }), kind }, book, NOON);
  if (verdict.act === "drop") throw new Error("the fixture's request should be let in");
  return verdict.pass;
}

/** What reaches the ears of one effect, on a unit with this book. */
function heardOf(effect: GuestEffect, book: Book): readonly Command[] {
  const brain = new Brain(book);
  const commands: Command[] = [];
  const effects = new Effects(
    {
      clock: brain.clock,
      log: noLog,
      ears: { send: (command) => commands.push(command) },
      lights: { show: () => undefined },
      network: null,
      stores: brain.stores,
      ringBackMs: 1,
      tell: () => undefined,
      dispatch: () => undefined,
    },
    () => null,
    new Timers({ clock: brain.clock, ringBackMs: 1, dispatch: () => undefined }),
  );
  effects.run(effect);
  return commands;
}

const quiet = bookWith({
  quietHours: [{ fromMinute: 0, toMinute: 1_440, days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], except: [] }],
});

test.each(HEARD)("%s of a %s is heard by its own pass, as the book is now, and by no other", (_, kind, make) => {
  const book = bookWith();
  const pass = passFor(kind, book);
  expect(heardOf(make(pass, ID), book)).toHaveLength(1);
  expect(heardOf(make(pass, "66".repeat(16)), book)).toEqual([]);
  expect(heardOf(make(pass, ID), { ...book, revision: book.revision + 1 })).toEqual([]);
  expect(heardOf(make(pass, ID), { ...book, owner: accountOf("cora") })).toEqual([]);
  expect(heardOf(make({ ...pass }, ID), book)).toEqual([]);
  const another = kind === "message" ? passFor("call", book) : passFor("message", book);
  expect(heardOf(make(another, ID), book)).toEqual([]);
  // A pass for an entry alone is no pass for a sound.
  if (kind !== "reply") expect(heardOf(make(passFor(kind, quiet), ID), quiet)).toEqual([]);
});

test("a message that the disk did not take is told of by its pass, and not once the book has changed", () => {
  const brain = new Brain();
  const { book } = brain.daemon.state;
  if (!book) throw new Error("it has a book");
  const kept = {
    type: "message-kept",
    id: ID,
    from: ANA,
    kept: "not-saved",
    act: "admit",
    because: "granted",
  } as const;
  const [now, before] = [passFor("message", book), passFor("message", { ...book, revision: book.revision - 1 })];
  brain.daemon.dispatch({ ...kept, pass: before, detail: "message.text" });
  expect(brain.says()).toEqual([]);
  const another = new Brain();
  another.daemon.dispatch({ ...kept, pass: now, detail: "message.text" });
  expect(another.says()).toHaveLength(1);
});
