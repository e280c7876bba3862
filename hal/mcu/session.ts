import type { Scene } from "../hal.ts";
import { type McuMessage, nextSeq, VERSION } from "./messages.ts";

/** The unit's side of the conversation. Times are monotonic milliseconds. */
export type Session = Greeting | Talking | Shunning;
type Greeting = Readonly<{
  at: "greeting";
  session: number;
  wanted: Scene;
  nextHelloMs: number;
  helloEachMs: number;
}>;
type Talking = Readonly<{
  at: "talking";
  session: number;
  wanted: Scene;
  /** What the microcontroller said that it shows. */
  shown: Scene | null;
  /** A scene that it was sent and has not acknowledged. */
  out: Readonly<{ seq: number; scene: Scene; sentMs: number; tries: number }> | null;
  lastOut: number;
  lastIn: number;
  /** When it was last heard to say something that moves on. */
  heardMs: number;
  /** Messages heard in the second that began then. */
  second: Readonly<{ fromMs: number; messages: number }>;
}>;
/** It says more than anybody could want: nothing of it is looked at for a while. */
type Shunning = Readonly<{ at: "shunning"; session: number; wanted: Scene; untilMs: number }>;

export type SessionEvent =
  | Readonly<{ type: "heard"; message: McuMessage }>
  | Readonly<{ type: "show"; scene: Scene }>
  /** Every 50 ms while the port is open. */
  | Readonly<{ type: "tick" }>
  /** The port is open, perhaps not for the first time. */
  | Readonly<{ type: "opened" }>
  /** More bytes came than anybody could want. */
  | Readonly<{ type: "flooded" }>;

export type SessionEffect =
  | Readonly<{ type: "send"; message: McuMessage }>
  | Readonly<{ type: "inputs"; button: boolean; mute: boolean }>
  /** The inputs are not known any more. */
  | Readonly<{ type: "lost"; why: "silent" | "started anew" | "other version" | "floods" }>;

type Step = readonly [Session, readonly SessionEffect[]];

const HELLO_EACH_MS = 250;
const HELLO_AT_MOST_EACH_MS = 2_000;
const RESEND_AFTER_MS = 100;
const MOST_TRIES = 10;
/** It says something every 250 ms (README.md). */
const SILENT_AFTER_MS = 1_000;
/** A finger, a switch and their acknowledgements need a tenth of it. */
const MOST_MESSAGES_A_SECOND = 100;
const SHUN_MS = 2_000;

/** `session`: drawn at random, so that what was said to an earlier start of the unit is not taken for now. */
export function startSession(session: number, nowMs: number): Session {
  return { at: "greeting", session, wanted: "off", nextHelloMs: nowMs, helloEachMs: HELLO_EACH_MS };
}

/** The only place where it changes. Pure; an event that does not fit changes nothing. */
export function stepSession(state: Session, event: SessionEvent, nowMs: number): Step {
  if (event.type === "opened") return [greet(state, nowMs), []];
  if (event.type === "flooded") return shun(state, nowMs);
  switch (state.at) {
    case "greeting":
      return whileGreeting(state, event, nowMs);
    case "talking":
      return whileTalking(state, event, nowMs);
    case "shunning":
      return whileShunning(state, event, nowMs);
  }
}

type LaterEvent = Exclude<SessionEvent, { type: "opened" | "flooded" }>;

function whileGreeting(state: Greeting, event: LaterEvent, nowMs: number): Step {
  switch (event.type) {
    case "show":
      return [{ ...state, wanted: event.scene }, []];
    case "tick": {
      if (nowMs < state.nextHelloMs) return [state, []];
      const { session, helloEachMs } = state;
      const nextEachMs = Math.min(helloEachMs * 2, HELLO_AT_MOST_EACH_MS);
      const hello = { type: "hello", session, oldest: VERSION, newest: VERSION } as const;
      return [
        { ...state, nextHelloMs: nowMs + helloEachMs, helloEachMs: nextEachMs },
        [{ type: "send", message: hello }],
      ];
    }
    case "heard": {
      const { message } = event;
      // Greeted at the next tick, however often it says so.
      if (message.type === "booted") return [{ ...state, nextHelloMs: Math.min(state.nextHelloMs, nowMs) }, []];
      if (message.type !== "welcome" || message.session !== state.session) return [state, []];
      if (message.version !== VERSION)
        return [{ ...state, helloEachMs: HELLO_AT_MOST_EACH_MS }, [lost("other version")]];
      return sendScene(
        {
          at: "talking",
          session: state.session,
          wanted: state.wanted,
          shown: null,
          out: null,
          lastOut: 0,
          lastIn: 0,
          heardMs: nowMs,
          second: { fromMs: nowMs, messages: 0 },
        },
        nowMs,
      );
    }
  }
}

function whileTalking(state: Talking, event: LaterEvent, nowMs: number): Step {
  switch (event.type) {
    case "show":
      return sendScene({ ...state, wanted: event.scene }, nowMs);
    case "tick":
      if (nowMs - state.heardMs > SILENT_AFTER_MS) return [greet(state, nowMs), [lost("silent")]];
      if (state.out === null || nowMs - state.out.sentMs < RESEND_AFTER_MS) return [state, []];
      if (state.out.tries >= MOST_TRIES) return [greet(state, nowMs), [lost("silent")]];
      return [
        { ...state, out: { ...state.out, sentMs: nowMs, tries: state.out.tries + 1 } },
        [sceneOf(state, state.out)],
      ];
    case "heard": {
      const isNewSecond = nowMs - state.second.fromMs >= 1_000;
      const second = isNewSecond
        ? { fromMs: nowMs, messages: 1 }
        : { fromMs: state.second.fromMs, messages: state.second.messages + 1 };
      if (second.messages > MOST_MESSAGES_A_SECOND) return shun(state, nowMs);
      return hear({ ...state, second }, event.message, nowMs);
    }
  }
}

function hear(state: Talking, message: McuMessage, nowMs: number): Step {
  if (message.type === "booted") return [greet(state, nowMs), [lost("started anew")]];
  if (message.session !== state.session) return [state, []];
  switch (message.type) {
    case "inputs": {
      const { session, seq, button, mute } = message;
      const ack = { type: "send", message: { type: "ack", session, seq } } as const;
      if (seq === state.lastIn) return [state, [ack]];
      if (seq !== nextSeq(state.lastIn)) return [state, []];
      return [{ ...state, lastIn: seq, heardMs: nowMs }, [ack, { type: "inputs", button, mute }]];
    }
    case "ack":
      if (message.seq !== state.out?.seq) return [state, []];
      return sendScene({ ...state, shown: state.out.scene, out: null }, nowMs);
    case "hello":
    case "welcome":
    case "scene":
      return [state, []];
  }
}

function whileShunning(state: Shunning, event: LaterEvent, nowMs: number): Step {
  if (event.type === "show") return [{ ...state, wanted: event.scene }, []];
  return nowMs < state.untilMs ? [state, []] : [greet(state, nowMs), []];
}

function shun({ session, wanted }: Session, nowMs: number): Step {
  return [{ at: "shunning", session, wanted, untilMs: nowMs + SHUN_MS }, [lost("floods")]];
}

/** Begins anew, by another number. */
function greet({ session, wanted }: Session, nowMs: number): Session {
  return { ...startSession((session % 65_535) + 1, nowMs), wanted };
}

/** One scene at a time is on the way; the newest that was asked for goes next. */
function sendScene(state: Talking, nowMs: number): Step {
  if (state.out !== null || state.shown === state.wanted) return [state, []];
  const out = { seq: nextSeq(state.lastOut), scene: state.wanted, sentMs: nowMs, tries: 1 };
  return [{ ...state, out, lastOut: out.seq }, [sceneOf(state, out)]];
}

function sceneOf({ session }: Talking, { seq, scene }: { seq: number; scene: Scene }): SessionEffect {
  return { type: "send", message: { type: "scene", session, seq, scene } };
}

function lost(why: Extract<SessionEffect, { type: "lost" }>["why"]): SessionEffect {
  return { type: "lost", why };
}
