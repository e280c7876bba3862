import {
  accept,
  callingIsOver,
  heedOutside,
  idle,
  isFromOutside,
  listed,
  ringingIsOver,
  takeRival,
} from "./outside.ts";
import type { Call, CallEffect, CallEvent, CallStep, GuestCallEffect, OutsideCallEvent } from "./states.ts";
import { mend, startTalking, stopTimers } from "./talking.ts";

/** The only place where a call changes. Pure: no clock, no I/O, no throw. An event that does not fit changes nothing. */
export function step(call: Call, event: CallEvent): CallStep {
  if (isFromOutside(event)) return heedOutside(call, event);
  switch (call.at) {
    case "idle":
      return whileIdle(call, event);
    case "calling":
      return whileCalling(call, event);
    case "ringing":
      return whileRinging(call, event);
    case "answering":
    case "joining":
      return whileJoining(call, event);
    case "talking":
      return whileTalking(call, event);
  }
}

type OwnCallEvent = Exclude<CallEvent, OutsideCallEvent>;
type OnLeg = At<"answering" | "joining" | "talking">;
type At<S extends Call["at"]> = Extract<Call, { at: S }>;

function whileIdle(call: At<"idle">, event: OwnCallEvent): CallStep {
  switch (event.type) {
    case "placed":
      return [
        { at: "calling", id: event.id, peer: event.peer, hash: null, rival: null },
        [
          { type: "start-ring-back" },
          { type: "start-timer", name: "ring-back" },
          { type: "offer-leg", id: event.id },
          { type: "list-own", peer: event.peer },
        ],
      ];
    default:
      return [call, []];
  }
}

function whileCalling(call: At<"calling">, event: OwnCallEvent): CallStep {
  const giveUp: CallEffect[] = [
    ...callingIsOver,
    { type: "close-leg", id: call.id },
    { type: "send-end", id: call.id, to: call.peer },
  ];
  switch (event.type) {
    case "leg-offer":
      if (event.id !== call.id) return [call, []];
      return [call, [{ type: "send-offer", id: call.id, to: call.peer, side: event.side }]];
    case "offer-sealed":
      return event.id === call.id ? [{ ...call, hash: event.hash }, []] : [call, []];
    case "timer":
      if (event.name === "rival" && call.rival) return takeRival(call, call.rival);
      return event.name === "ring-back"
        ? [idle, [...giveUp, { type: "tell", what: "no-answer", peer: call.peer }]]
        : [call, []];
    case "hung-up":
    case "ignored":
      return [idle, giveUp];
    case "leg-failed":
      return event.id === call.id ? [idle, [...giveUp, { type: "tell", what: "failed", peer: call.peer }]] : [call, []];
    case "audio-died":
      return [idle, [...giveUp, { type: "tell", what: "apology", peer: call.peer }]];
    case "pass-renewed":
      return call.rival?.id === event.id ? [{ ...call, rival: { ...call.rival, pass: event.pass } }, []] : [call, []];
    case "pass-revoked":
      return call.rival?.id === event.id ? [{ ...call, rival: null }, []] : [call, []];
    default:
      return [call, []];
  }
}

function whileRinging(call: At<"ringing">, event: OwnCallEvent): CallStep {
  const { incoming } = call;
  switch (event.type) {
    case "answered": {
      const [next, effects] = accept(incoming);
      return [next, [...ringingIsOver, ...effects]];
    }
    case "ignored":
    case "hung-up":
      return [idle, [...ringingIsOver, listed(incoming, "declined")]];
    case "timer":
      return event.name === "ring" ? [idle, [...ringingIsOver, listed(incoming, "missed")]] : [call, []];
    case "pass-renewed":
      return event.id === incoming.id ? [{ ...call, incoming: { ...incoming, pass: event.pass } }, []] : [call, []];
    case "pass-revoked":
      return event.id === incoming.id ? [idle, ringingIsOver] : [call, []];
    case "audio-ready":
    case "announce":
      return [call, [{ type: "ring", pass: incoming.pass, id: incoming.id, peer: incoming.peer }]];
    default:
      return [call, []];
  }
}

function whileJoining(call: At<"answering" | "joining">, event: OwnCallEvent): CallStep {
  switch (event.type) {
    case "leg-answer":
      if (call.at !== "answering" || event.id !== call.id) return [call, []];
      return [
        { ...call, told: true },
        [{ type: "send-accept", pass: call.pass, id: call.id, to: call.peer, hash: call.hash, side: event.side }],
      ];
    case "leg-connected": {
      if (event.id !== call.id) return [call, []];
      const { id, peer, pass } = call;
      const effects: CallEffect[] = [{ type: "stop-timer", name: "join" }];
      if (call.at === "answering") effects.push({ type: "list-guest", pass, id, peer, kind: "answered" });
      return [startTalking(id, peer, pass, call.at === "joining"), effects];
    }
    case "timer":
      return event.name === "join" ? hangUp(call, brokenOff(call, "failed")) : [call, []];
    default:
      return whileOnLeg(call, event, "failed");
  }
}

function whileTalking(call: At<"talking">, event: OwnCallEvent): CallStep {
  const mended = mend(call, event);
  if (mended) return mended;
  if (event.type === "timer" && event.name === "lost" && call.silent) return hangUp(call, brokenOff(call, "lost"));
  return whileOnLeg(call, event, "lost");
}

/** What ends a leg, and what does not, whether sound flows yet or not. */
function whileOnLeg(call: OnLeg, event: OwnCallEvent, loss: "failed" | "lost"): CallStep {
  switch (event.type) {
    case "hung-up":
    case "ignored":
      return hangUp(call, { type: "tone-ended" });
    case "leg-failed":
      return event.id === call.id ? hangUp(call, brokenOff(call, loss)) : [call, []];
    case "audio-died":
      return hangUp(call, brokenOff(call, "apology"));
    case "pass-renewed":
      return event.id === call.id ? [{ ...call, pass: event.pass }, []] : [call, []];
    case "pass-revoked":
      return event.id === call.id ? hangUp(call, { type: "tone-ended" }) : [call, []];
    default:
      return [call, []];
  }
}

function hangUp(call: OnLeg, then: CallEffect): CallStep {
  const effects: CallEffect[] = [{ type: "close-leg", id: call.id }, ...stopTimers(call)];
  // Until the accept is out, the caller must not learn that anybody is home.
  if (call.at !== "answering" || call.told) effects.push({ type: "send-end", id: call.id, to: call.peer });
  return [idle, [...effects, then]];
}

/** Who is on the other end may have caused it: it is told only as long as the gate stands behind the call. */
function brokenOff({ pass, id, peer }: OnLeg, what: "lost" | "failed" | "apology"): GuestCallEffect {
  return { type: "tell-guest", what, pass, id, peer };
}
