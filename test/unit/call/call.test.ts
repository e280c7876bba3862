import { describe, expect, test } from "vitest";
import { step } from "#device/call/call.ts";
import { idle } from "#device/call/outside.ts";
import type { Call, CallEffect, CallEvent, Incoming } from "#device/call/states.ts";
import { startTalking } from "#device/call/talking.ts";
import { decide } from "#device/gate/decide.ts";
import type { Pass } from "#device/gate/pass.ts";
import { ANA, bookWith, callFrom, MALLORY, NOON } from "#test/house/books.ts";

const LOW = "11".repeat(16);
const MID = "55".repeat(16);
const HIGH = "99".repeat(16);
const side = { sdp: "v=0", fingerprint: "AA" };

function passFor(envelope: string, kind: "call" | "reply" = "call"): Pass {
  const verdict = decide(callFrom(ANA, { envelope, kind, awaited: true }), bookWith(), NOON);
  if (verdict.act === "drop") throw new Error("the fixture's call should be let in");
  return verdict.pass;
}

function incoming(id: string, peer = ANA): Incoming {
  return { id, peer, hash: "hash", side, pass: passFor(id) };
}

/** Every kind of event, with the ids of this call, of another one, and of a rival on both sides of ours. */
const EVENTS: CallEvent[] = [
  { type: "placed", id: MID, peer: ANA },
  { type: "answered" },
  { type: "ignored" },
  { type: "hung-up" },
  { type: "leg-offer", id: MID, side },
  { type: "offer-sealed", id: MID, hash: "hash" },
  { type: "accepted", id: MID, side, pass: passFor(MID, "reply") },
  { type: "offered", incoming: incoming(LOW) },
  { type: "offered", incoming: incoming(HIGH) },
  { type: "offered", incoming: incoming(HIGH, MALLORY) },
  ...[LOW, MID, HIGH].flatMap((id): CallEvent[] => [
    { type: "leg-answer", id, side },
    { type: "leg-connected", id },
    { type: "leg-failed", id },
    { type: "ended", id, peer: ANA },
    { type: "pass-renewed", id, pass: passFor(id) },
    { type: "pass-revoked", id },
  ]),
  { type: "ended", id: HIGH, peer: MALLORY },
  ...[LOW, MID].flatMap((id): CallEvent[] => [
    { type: "leg-silent", id },
    { type: "leg-alive", id },
    { type: "leg-renewal", id, round: 1, side },
    { type: "leg-renewed", id, round: 1, side },
    { type: "renewal-sealed", id, round: 1, hash: "hash" },
    { type: "renewal", id, renewal: { round: 1, hash: "hash", side } },
    { type: "renewed", id, side },
  ]),
  ...(["ring-back", "ring", "rival", "join", "renew", "lost", "rest"] as const).map(
    (name): CallEvent => ({ type: "timer", name }),
  ),
  { type: "audio-died" },
  { type: "audio-ready" },
];

type Walked = {
  before: Call;
  event: CallEvent;
  after: Call;
  effects: readonly CallEffect[];
  path: readonly CallEvent[];
};

/** Walks every sequence of events that reaches a state not seen before, and hands each single step to `look`. */
function forEveryStep(depth: number, look: (walked: Walked) => void): void {
  const seen = new Set<string>();
  let edge: { call: Call; path: CallEvent[] }[] = [{ call: idle, path: [] }];
  for (let level = 0; level < depth; level++) {
    const next: typeof edge = [];
    for (const { call, path } of edge) {
      for (const event of EVENTS) {
        const [after, effects] = step(call, event);
        look({ before: call, event, after, effects, path });
        const key = JSON.stringify(after);
        if (seen.has(key)) continue;
        seen.add(key);
        next.push({ call: after, path: [...path, event] });
      }
    }
    edge = next;
  }
}

const DEPTH = 7;

describe("every walk through a call", () => {
  test("opens the microphone's way only when the owner accepted, or had called just this person", () => {
    let opened = 0;
    forEveryStep(DEPTH, ({ before, event, effects }) => {
      for (const effect of effects) {
        if (effect.type !== "answer-leg" && effect.type !== "complete-leg") continue;
        opened++;
        const cause = `${before.at} ${event.type}${event.type === "timer" ? ` ${event.name}` : ""}`;
        expect(["ringing answered", "calling accepted", "calling offered", "calling timer rival"]).toContain(cause);
        if (cause === "calling offered" && event.type === "offered" && before.at === "calling") {
          expect(event.incoming.peer).toBe(before.peer);
        }
      }
    });
    expect(opened).toBeGreaterThan(0);
  });

  test("sends nothing because of an offer before the owner answers or had called just this person", () => {
    forEveryStep(DEPTH, ({ before, event, effects }) => {
      if (event.type !== "offered" || (before.at === "calling" && event.incoming.peer === before.peer)) return;
      expect(effects.filter((effect) => effect.type.startsWith("send") || effect.type.endsWith("-leg"))).toEqual([]);
    });
  });

  test("renews a path only of a call that talks, and asks only for one that the owner placed", () => {
    const causes = new Set<string>();
    forEveryStep(DEPTH, ({ before, effects, after }) => {
      for (const { type } of effects) {
        if (!/renew/.test(type)) continue;
        expect([before.at, after.at]).toEqual(["talking", "talking"]);
        if (before.at === "talking") causes.add(`${type}${before.placed ? ", placed" : ""}`);
      }
    });
    expect([...causes].toSorted()).toEqual([
      "answer-renewal",
      "complete-renewal, placed",
      "renew-leg, placed",
      "send-renewal, placed",
      "send-renewed",
    ]);
  });

  test("leaves no timer of a call that is over", () => {
    forEveryStep(DEPTH, ({ before, effects, after }) => {
      if (before.at !== "talking" || after.at !== "idle") return;
      const stopped = effects.flatMap((effect) => (effect.type === "stop-timer" ? [effect.name] : []));
      expect(stopped).toEqual(expect.arrayContaining(["lost", "renew", "rest"]));
    });
  });

  test("sends nothing when the owner ignores a ring", () => {
    forEveryStep(DEPTH, ({ before, event, effects }) => {
      if (before.at !== "ringing" || (event.type !== "ignored" && event.type !== "hung-up")) return;
      expect(effects.map((effect) => effect.type)).toEqual(["stop-ring", "stop-timer", "list-guest"]);
    });
  });

  test("is silent and sends no SDP again once it is idle", () => {
    forEveryStep(DEPTH, ({ before, after, effects }) => {
      if (after.at !== "idle" || before.at === "idle") return;
      const types = effects.map((effect) => effect.type);
      if (before.at === "ringing") expect(types).toContain("stop-ring");
      if (before.at === "calling") expect(types).toContain("stop-ring-back");
      if (before.at !== "ringing") expect(types).toContain("close-leg");
    });
  });

  test("leaves no timer of the call behind when it is over", () => {
    const running = { calling: "ring-back", ringing: "ring", answering: "join", joining: "join" } as const;
    forEveryStep(DEPTH, ({ before, event, after, effects }) => {
      if (after.at !== "idle" || !(before.at in running)) return;
      const timer = running[before.at as keyof typeof running];
      if (event.type === "timer" && event.name === timer) return;
      expect(effects).toContainEqual({ type: "stop-timer", name: timer });
    });
  });

  test("a revoked pass ends what it let in, at once", () => {
    forEveryStep(DEPTH, ({ before, event, after }) => {
      if (event.type !== "pass-revoked") return;
      if (before.at === "ringing" && before.incoming.id === event.id) expect(after.at).toBe("idle");
      if ((before.at === "talking" || before.at === "joining") && before.id === event.id) expect(after.at).toBe("idle");
    });
  });

  test("reaches every state", () => {
    const reached = new Set<string>();
    forEveryStep(DEPTH, ({ after }) => reached.add(after.at));
    expect([...reached].toSorted()).toEqual(["answering", "calling", "idle", "joining", "ringing", "talking"]);
  });
});

function run(...events: CallEvent[]): [Call, CallEffect[]] {
  let call = idle;
  const all: CallEffect[] = [];
  for (const event of events) {
    const [next, effects] = step(call, event);
    call = next;
    all.push(...effects);
  }
  return [call, all];
}

describe("both call each other at once", () => {
  const placed: CallEvent = { type: "placed", id: MID, peer: ANA };

  test("the side whose offer is the higher accepts the lower one", () => {
    const [call] = run(placed, { type: "offered", incoming: incoming(LOW) });
    expect(call).toMatchObject({ at: "answering", id: LOW });
  });

  test("the side whose offer is the lower waits to be accepted", () => {
    const [call] = run(placed, { type: "offered", incoming: incoming(HIGH) });
    expect(call).toMatchObject({ at: "calling", id: MID });
  });

  test("and accepts the other after all where nobody accepts it", () => {
    const [call] = run(placed, { type: "offered", incoming: incoming(HIGH) }, { type: "timer", name: "rival" });
    expect(call).toMatchObject({ at: "answering", id: HIGH });
  });
});

test("a second caller during a call is listed as missed, without a sound", () => {
  const [, effects] = step(startTalking(MID, ANA, passFor(MID), false), {
    type: "offered",
    incoming: incoming(HIGH, MALLORY),
  });
  expect(effects).toMatchObject([{ type: "list-guest", kind: "missed", peer: MALLORY }]);
});

test("a caller who gives up leaves a missed call, a stranger cannot end it", () => {
  const ringing: CallEvent = { type: "offered", incoming: incoming(LOW) };
  expect(run(ringing, { type: "ended", id: LOW, peer: MALLORY })[0].at).toBe("ringing");
  const [call, effects] = run(ringing, { type: "ended", id: LOW, peer: ANA });
  expect(call.at).toBe("idle");
  expect(effects).toContainEqual(expect.objectContaining({ type: "list-guest", kind: "missed" }));
});

test("the audio process dying ends a call with an apology, but a ring goes on when it is back", () => {
  const [, effects] = step(startTalking(MID, ANA, passFor(MID), false), { type: "audio-died" });
  expect(effects).toContainEqual(expect.objectContaining({ type: "tell-guest", what: "apology", id: MID }));
  const [call, rung] = run(
    { type: "offered", incoming: incoming(LOW) },
    { type: "audio-died" },
    { type: "audio-ready" },
  );
  expect(call.at).toBe("ringing");
  expect(rung.filter((effect) => effect.type === "ring")).toHaveLength(2);
});
