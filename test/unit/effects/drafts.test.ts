import { expect, test } from "vitest";
import { noLog } from "#base/log.ts";
import { changing } from "#device/effects/change.ts";
import { Effects } from "#device/effects/run.ts";
import { Timers } from "#device/effects/timers.ts";
import type { Event } from "#device/events.ts";
import type { Ports } from "#device/ports.ts";
import { ANA, blocking, bookWith, MALLORY } from "#test/house/books.ts";
import { Brain } from "#test/house/brain.ts";

const part = { type: "recording-part", id: "draft-1", index: 0, last: true, data: "T2dnUw==" } as const;
const draft = { id: "draft-1", person: "ana", to: ANA, durationMs: 1_000 };

test.each([
  ["as it was meant", bookWith(), draft, true],
  ["to another's account", bookWith(), { ...draft, to: MALLORY }, false],
  ["to somebody blocked", blocking({ person: "ana" }), draft, false],
  ["to somebody who is gone", bookWith({ people: [] }), draft, false],
  ["of which nothing was recorded", bookWith(), { ...draft, id: "draft-2" }, false],
] as const)("a draft is asked about once more where it is sent: one %s", (_, book, sent, ok) => {
  const brain = new Brain(book);
  const events: Event[] = [];
  const ports: Ports = {
    clock: brain.clock,
    log: noLog,
    ears: { send: () => undefined },
    lights: { show: () => undefined },
    network: null,
    stores: brain.stores,
    ringBackMs: 1_000,
    tell: () => undefined,
    dispatch: (event) => events.push(event),
  };
  const effects = new Effects(ports, changing(ports.stores, ports.dispatch), new Timers(ports));
  effects.run({ type: "keep-part", part });
  effects.run({ type: "send-draft", draft: sent });
  expect(events).toEqual([{ type: "draft-sent", draft: sent.id, ok }]);
  expect(brain.sentMessages).toHaveLength(ok ? 1 : 0);
});
