import { describe, expect, test } from "vitest";
import { noLog } from "#base/log.ts";
import { changing } from "#device/effects/change.ts";
import { Effects } from "#device/effects/run.ts";
import { Timers } from "#device/effects/timers.ts";
import type { Pass } from "#device/gate/pass.ts";
import type { Ports } from "#device/ports.ts";
import { ANA, ANAS_OLD_PHONE, blocking, bookWith, MALLORY, STRANGER } from "#test/house/books.ts";
import { Brain, SIDE } from "#test/house/brain.ts";

describe("an offer from somebody who may ring", () => {
  test("rings, lights up and says who it is, by the book's name", () => {
    const brain = new Brain();
    brain.offer(ANA);
    expect(brain.sent("start-tone")).toEqual([{ type: "start-tone", tone: "ring" }]);
    expect(brain.says()).toEqual(["Ana is calling."]);
    expect(brain.scenes).toEqual(["ringing"]);
  });

  test("hands nothing of the caller's to the audio process before the owner answers", () => {
    const brain = new Brain();
    brain.offer(ANA);
    expect(JSON.stringify(brain.commands)).not.toContain(SIDE.fingerprint);
    brain.command("answer");
    expect(brain.sent("answer-leg")).toHaveLength(1);
  });

  test("is a missed call when it came late, without a sound", () => {
    const brain = new Brain();
    brain.offer(ANA, { fresh: false });
    expect(brain.commands).toEqual([]);
    expect(brain.scenes).toEqual(["missed"]);
    expect(brain.listed).toMatchObject([{ account: ANA, kind: "missed" }]);
  });
});

describe("an offer that the gate turns away", () => {
  const cases: [string, () => Brain, Parameters<Brain["offer"]>, string][] = [
    ["from somebody blocked", () => new Brain(blocking({ person: "ana" })), [ANA], "blocked"],
    ["while calling is off", () => new Brain(bookWith({ calling: "off" })), [ANA], "calling-off"],
    ["with a bad signature", () => new Brain(), [ANA, { signature: "invalid" }], "unverified"],
    ["to somebody else", () => new Brain(), [ANA, { to: MALLORY }], "misaddressed"],
    ["that was seen before", () => new Brain(), [ANA, { replayed: true }], "replayed"],
    [
      "from a stranger, where strangers are dropped",
      () => new Brain(bookWith({ unknown: "drop" })),
      [STRANGER],
      "unknown",
    ],
  ];
  test.each(cases)("%s leaves a line in the journal and nothing else", (_, make, offer, because) => {
    const brain = make();
    brain.offer(...offer);
    expect(brain.commands).toEqual([]);
    expect(brain.scenes).toEqual([]);
    expect(brain.listed).toEqual([]);
    expect(brain.journal).toMatchObject([{ what: "verdict", act: "drop", because }]);
  });

  test("from somebody without the grant is held out of sight until the owner asks", () => {
    const brain = new Brain();
    brain.offer(MALLORY);
    expect(brain.commands).toEqual([]);
    expect(brain.scenes).toEqual([]);
    brain.command("who called");
    expect(brain.says()).toEqual(["Mallory called."]);
  });
});

describe("the journal", () => {
  test("says of a call that was let in whether it rang, or met another call", () => {
    const brain = new Brain();
    brain.offer(ANA);
    brain.offer(ANAS_OLD_PHONE);
    expect(brain.journal).toMatchObject([
      { act: "admit", outcome: "rang", person: "ana" },
      { act: "admit", outcome: "busy", person: "ana" },
    ]);
    brain.offer(STRANGER);
    expect(brain.journal[2]).toMatchObject({ act: "hold", outcome: undefined, person: undefined });
  });

  test("tells what was changed, and by which way", () => {
    const brain = new Brain();
    brain.daemon.change({ type: "revoke", person: "ana", grants: ["ring"] }, "cli", []);
    brain.command("block Mallory");
    expect(brain.journal).toMatchObject([
      { what: "change", by: "cli", detail: "revoke ana ring", account: ANA, person: "ana" },
      { what: "change", by: "voice", detail: "block mallory", person: "mallory" },
    ]);
    expect(brain.forgotten).toEqual([]);
  });

  test("forgets whom the owner takes out of the book, with every account and number they had", () => {
    const brain = new Brain();
    brain.daemon.change({ type: "remove-person", person: "ana", atMs: 0 }, "cli", []);
    expect(brain.forgotten).toEqual([{ keys: [ANA, ANAS_OLD_PHONE, "+442079460018"], person: "ana" }]);
    expect(JSON.stringify(brain.journal)).not.toContain("ana");
  });
});

describe("a change bites at once", () => {
  test("blocking the caller ends the ring before the block is read back", () => {
    const brain = new Brain();
    brain.offer(ANA);
    brain.forget();
    brain.command("block that caller");
    const stopped = brain.commands.findIndex(({ type }) => type === "hush");
    const said = brain.commands.findIndex(({ type }) => type === "say");
    expect(stopped).toBeGreaterThan(-1);
    expect(said).toBeGreaterThan(stopped);
    expect(brain.daemon.state.call.at).toBe("idle");
    expect(brain.scenes.at(-1)).toBe("off");
  });

  test("and before the disk is waited for, by voice as over the control socket", () => {
    for (const block of [
      (brain: Brain) => brain.command("block that caller"),
      (brain: Brain) => brain.daemon.change({ type: "block", block: { account: ANA } }, "cli", []),
    ]) {
      const brain = new Brain();
      brain.offer(ANA);
      brain.forget();
      block(brain);
      const silenced = brain.commands.findIndex(({ type }) => type === "stop-tone" || type === "hush");
      const said = brain.commands.findIndex(({ type }) => type === "say");
      expect(silenced).toBeGreaterThan(-1);
      expect(brain.saves).toHaveLength(1);
      expect(brain.saves[0]).toBeGreaterThan(silenced);
      if (said > -1) expect(brain.saves[0]).toBeLessThanOrEqual(said);
    }
  });

  test("a block that the disk refuses holds, and both ways of asking tell of it", () => {
    const brain = new Brain();
    brain.diskFull = true;
    const result = brain.daemon.change({ type: "block", block: { account: ANA } }, "cli", []);
    expect(result).toMatchObject({ ok: true, changed: true, unsaved: true });
    brain.offer(ANA);
    expect(brain.daemon.state.call.at).toBe("idle");
    brain.command("block Mallory");
    expect(brain.says().join()).toContain("could not save");
    brain.diskFull = false;
    const saved = brain.daemon.change({ type: "kids", kids: true }, "cli", []);
    expect(saved).not.toHaveProperty("unsaved");
  });

  test("turning calling off ends a call that is on", () => {
    const brain = new Brain();
    brain.offer(ANA);
    brain.command("answer");
    brain.command("turn calling off");
    expect(brain.daemon.state.call.at).toBe("idle");
    expect(brain.sent("close-leg")).toHaveLength(1);
  });

  test("somebody else's block leaves a ring alone, with a pass under the new book", () => {
    const brain = new Brain();
    brain.offer(ANA);
    brain.command("block Mallory");
    expect(brain.daemon.state.call.at).toBe("ringing");
    brain.command("answer");
    expect(brain.sent("answer-leg")).toHaveLength(1);
    expect(brain.timeline.filter(({ event }) => event === "refused")).toEqual([]);
  });

  test("a short press takes a block back", () => {
    const brain = new Brain();
    brain.command("block Ana");
    brain.press();
    brain.offer(ANA);
    expect(brain.daemon.state.call.at).toBe("ringing");
  });
});

describe("hours that are set while it rings", () => {
  const wholeDay = { fromMinute: 0, toMinute: 0, days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] } as const;

  test("silence it at once, and leave a missed call", () => {
    const brain = new Brain();
    const id = brain.offer(ANA);
    brain.forget();
    brain.daemon.change({ type: "quiet-hours", quietHours: [{ ...wholeDay, except: [] }] }, "cli", []);
    expect(brain.daemon.state.call.at).toBe("idle");
    expect(brain.sent("stop-tone")).toHaveLength(1);
    expect(brain.listed).toMatchObject([{ account: ANA, kind: "missed" }]);
    expect(brain.scenes).toEqual(["missed"]);
    expect(brain.daemon.state.missed.map((each) => each.id)).toEqual([id]);
  });

  test("do nothing where the caller is excepted", () => {
    const brain = new Brain();
    brain.offer(ANA);
    brain.daemon.change({ type: "quiet-hours", quietHours: [{ ...wholeDay, except: ["ana"] }] }, "cli", []);
    expect(brain.daemon.state.call.at).toBe("ringing");
    expect(brain.listed).toEqual([]);
  });
});

test("while it is quiet a friend's call is a missed call, without a sound", () => {
  const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
  const brain = new Brain(bookWith({ quietHours: [{ fromMinute: 0, toMinute: 0, days, except: [] }] }));
  brain.offer(ANA);
  expect(brain.commands).toEqual([]);
  expect(brain.scenes).toEqual(["missed"]);
  expect(brain.journal).toMatchObject([{ act: "take-message", because: "quiet-hours" }]);
});

test("a clock that was set back lets nobody ring: it might be night", () => {
  const brain = new Brain(bookWith(), { clockFloorMs: Number.MAX_SAFE_INTEGER });
  brain.offer(ANA);
  expect(brain.commands).toEqual([]);
  expect(brain.journal).toMatchObject([{ act: "take-message", because: "clock" }]);
});

test("an effect with a forged pass is refused where it runs", () => {
  const commands: unknown[] = [];
  const told: string[] = [];
  const ports: Ports = {
    clock: new Brain().clock,
    log: noLog,
    ears: { send: (command) => commands.push(command) },
    lights: { show: (scene) => commands.push(scene) },
    network: null,
    stores: new Brain().stores,
    ringBackMs: 1_000,
    tell: ({ event }) => told.push(event),
    dispatch: () => undefined,
  };
  const effects = new Effects(ports, changing(ports.stores, ports.dispatch), new Timers(ports));
  const pass = { act: "ring", envelope: "00", bookRevision: 7 } as unknown as Pass;
  effects.run({ type: "ring", pass, id: "00", peer: ANA });
  effects.run({ type: "show-guest", pass, id: "00", scene: "ringing" });
  expect(commands).toEqual([]);
  expect(told).toEqual(["refused", "refused"]);
});

test("muting in hardware is passed on, and a new audio process is told of it", () => {
  const brain = new Brain();
  brain.daemon.dispatch({ type: "mute", engaged: true });
  brain.daemon.dispatch({ type: "ears-died" });
  brain.hear({ type: "ready" });
  expect(brain.sent("set-mute")).toEqual([
    { type: "set-mute", engaged: true },
    { type: "set-mute", engaged: true },
  ]);
  expect(brain.sent("set-grammar")).toHaveLength(1);
});
