import type { AccountId } from "../gate/book.ts";
import type { EnvelopeId } from "../gate/pass.ts";
import type { Call, CallEffect, CallEvent, CallStep, Incoming } from "./states.ts";

export const idle: Call = { at: "idle" };

/** The only place where a call changes. Pure: no clock, no I/O, no throw. An event that does not fit changes nothing. */
export function step(call: Call, event: CallEvent): CallStep {
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

type At<S extends Call["at"]> = Extract<Call, { at: S }>;

function whileIdle(call: At<"idle">, event: CallEvent): CallStep {
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
    case "offered":
      return ring(event.incoming);
    default:
      return [call, []];
  }
}

function ring(incoming: Incoming): CallStep {
  return [
    { at: "ringing", incoming },
    [
      { type: "ring", pass: incoming.pass, id: incoming.id, peer: incoming.peer },
      { type: "start-timer", name: "ring" },
    ],
  ];
}

function whileCalling(call: At<"calling">, event: CallEvent): CallStep {
  const over: CallEffect[] = [
    { type: "stop-ring-back" },
    { type: "stop-timer", name: "ring-back" },
    { type: "stop-timer", name: "rival" },
  ];
  const giveUp: CallEffect[] = [
    ...over,
    { type: "close-leg", id: call.id },
    { type: "send-end", id: call.id, to: call.peer },
  ];
  switch (event.type) {
    case "leg-offer":
      if (event.id !== call.id) return [call, []];
      return [call, [{ type: "send-offer", id: call.id, to: call.peer, side: event.side }]];
    case "offer-sealed":
      return event.id === call.id ? [{ ...call, hash: event.hash }, []] : [call, []];
    case "accepted":
      if (event.id !== call.id) return [call, []];
      return [
        { at: "joining", id: call.id, peer: call.peer, pass: event.pass },
        [
          ...over,
          { type: "complete-leg", pass: event.pass, id: call.id, side: event.side },
          { type: "start-timer", name: "join" },
        ],
      ];
    case "offered":
      return event.incoming.peer === call.peer ? bothCalled(call, event.incoming) : [call, missed(event.incoming)];
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
    case "ended":
    case "pass-revoked":
      return call.rival?.id === event.id ? [{ ...call, rival: null }, []] : [call, []];
    default:
      return [call, []];
  }
}

/** How long the side whose offer wins waits for the other to accept it, before it accepts theirs instead. */
export const RIVAL_MS = 1_500;

/**
 * Both owners called each other: each has asked for just this person, so nobody needs to be asked again. The lower
 * offer id wins, on both sides alike; should its accept not come (their gate may not admit us), we accept theirs.
 */
function bothCalled(call: At<"calling">, rival: Incoming): CallStep {
  if (rival.id < call.id) return takeRival(call, rival);
  return [{ ...call, rival }, [{ type: "start-timer", name: "rival" }]];
}

function takeRival(call: At<"calling">, rival: Incoming): CallStep {
  const [next, effects] = accept(rival);
  return [
    next,
    [
      { type: "stop-ring-back" },
      { type: "stop-timer", name: "ring-back" },
      { type: "stop-timer", name: "rival" },
      { type: "close-leg", id: call.id },
      ...effects,
    ],
  ];
}

function whileRinging(call: At<"ringing">, event: CallEvent): CallStep {
  const { incoming } = call;
  const quiet: CallEffect[] = [{ type: "stop-ring" }, { type: "stop-timer", name: "ring" }];
  switch (event.type) {
    case "answered": {
      const [next, effects] = accept(incoming);
      return [next, [...quiet, ...effects]];
    }
    case "ignored":
    case "hung-up":
      return [idle, [...quiet, listed(incoming, "declined")]];
    case "ended":
      return isThis(event, incoming) ? [idle, [...quiet, ...missed(incoming)]] : [call, []];
    case "timer":
      return event.name === "ring" ? [idle, [...quiet, ...missed(incoming)]] : [call, []];
    case "offered":
      // The same person again: their unit started anew, so the old offer is dead. It rings no longer for that.
      if (event.incoming.peer === incoming.peer) return [{ at: "ringing", incoming: event.incoming }, []];
      return [call, missed(event.incoming)];
    case "pass-renewed":
      return event.id === incoming.id ? [{ ...call, incoming: { ...incoming, pass: event.pass } }, []] : [call, []];
    case "pass-revoked":
      return event.id === incoming.id ? [idle, quiet] : [call, []];
    case "audio-ready":
    case "announce":
      return [call, [{ type: "ring", pass: incoming.pass, id: incoming.id, peer: incoming.peer }]];
    default:
      return [call, []];
  }
}

/** The owner accepted: only now may the caller's SDP cross to the audio process. */
function accept(incoming: Incoming): CallStep {
  const { id, peer, pass, hash, side } = incoming;
  return [
    { at: "answering", id, peer, pass, hash, told: false },
    [
      { type: "answer-leg", pass, id, side },
      { type: "start-timer", name: "join" },
    ],
  ];
}

function whileJoining(call: At<"answering" | "joining">, event: CallEvent): CallStep {
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
      return [{ at: "talking", id, peer, pass }, effects];
    }
    case "timer":
      return event.name === "join" ? hangUp(call, { type: "tell", what: "failed", peer: call.peer }) : [call, []];
    default:
      return whileOnLeg(call, event, "failed");
  }
}

function whileTalking(call: At<"talking">, event: CallEvent): CallStep {
  return whileOnLeg(call, event, "lost");
}

/** What ends a leg, and what does not, whether sound flows yet or not. */
function whileOnLeg(
  call: At<"answering" | "joining" | "talking">,
  event: CallEvent,
  loss: "failed" | "lost",
): CallStep {
  switch (event.type) {
    case "hung-up":
    case "ignored":
      return hangUp(call, { type: "tone-ended" });
    case "ended":
      if (event.id !== call.id || event.peer !== call.peer) return [call, []];
      return [idle, [{ type: "stop-timer", name: "join" }, { type: "close-leg", id: call.id }, { type: "tone-ended" }]];
    case "leg-failed":
      return event.id === call.id ? hangUp(call, { type: "tell", what: loss, peer: call.peer }) : [call, []];
    case "audio-died":
      return hangUp(call, { type: "tell", what: "apology", peer: call.peer });
    case "offered":
      return [call, missed(event.incoming)];
    case "pass-renewed":
      return event.id === call.id ? [{ ...call, pass: event.pass }, []] : [call, []];
    case "pass-revoked":
      return event.id === call.id ? hangUp(call, { type: "tone-ended" }) : [call, []];
    default:
      return [call, []];
  }
}

function hangUp(call: At<"answering" | "joining" | "talking">, then: CallEffect): CallStep {
  const effects: CallEffect[] = [
    { type: "close-leg", id: call.id },
    { type: "stop-timer", name: "join" },
  ];
  // Until the accept is out, the caller must not learn that anybody is home.
  if (call.at !== "answering" || call.told) effects.push({ type: "send-end", id: call.id, to: call.peer });
  return [idle, [...effects, then]];
}

function missed(incoming: Incoming): CallEffect[] {
  return [listed(incoming, "missed")];
}

function listed(incoming: Incoming, kind: "missed" | "declined"): CallEffect {
  return { type: "list-guest", pass: incoming.pass, id: incoming.id, peer: incoming.peer, kind };
}

function isThis(event: { id: EnvelopeId; peer: AccountId }, incoming: Incoming): boolean {
  return event.id === incoming.id && event.peer === incoming.peer;
}
