import type { Call, CallStep, Incoming, OutsideCallEffect, OutsideCallEvent } from "./states.ts";
import { heedRenewal, stopTimers } from "./talking.ts";

export const idle: Call = { at: "idle" };

type At<S extends Call["at"]> = Extract<Call, { at: S }>;
/** What an event from outside leads to: by its type nothing that is heard, seen, listed or sent without a pass. */
type OutsideStep = CallStep<OutsideCallEffect>;

export function isFromOutside(event: { type: string }): event is OutsideCallEvent {
  return ["offered", "accepted", "ended", "renewal", "renewed"].includes(event.type);
}

export function heedOutside(call: Call, event: OutsideCallEvent): OutsideStep {
  switch (event.type) {
    case "offered":
      return heedOffer(call, event.incoming);
    case "accepted":
      return call.at === "calling" && event.id === call.id ? join(call, event) : [call, []];
    case "ended":
      return heedEnd(call, event);
    case "renewal":
    case "renewed":
      return call.at === "talking" && event.id === call.id ? heedRenewal(call, event) : [call, []];
  }
}

function heedOffer(call: Call, incoming: Incoming): OutsideStep {
  switch (call.at) {
    case "idle":
      return [
        { at: "ringing", incoming },
        [
          { type: "ring", pass: incoming.pass, id: incoming.id, peer: incoming.peer },
          { type: "start-timer", name: "ring" },
        ],
      ];
    case "calling":
      return incoming.peer === call.peer ? bothCalled(call, incoming) : [call, [listed(incoming, "missed")]];
    case "ringing":
      // The same person again: their unit started anew, so the old offer is dead. It rings no longer for that.
      if (incoming.peer === call.incoming.peer) return [{ at: "ringing", incoming }, []];
      return [call, [listed(incoming, "missed")]];
    case "answering":
    case "joining":
    case "talking":
      return [call, [listed(incoming, "missed")]];
  }
}

/** How long the side whose offer wins waits for the other to accept it, before it accepts theirs instead. */
export const RIVAL_MS = 1_500;

/**
 * Both owners called each other: each has asked for just this person, so nobody needs to be asked again. The lower
 * offer id wins, on both sides alike; should its accept not come (their gate may not admit us), we accept theirs.
 */
function bothCalled(call: At<"calling">, rival: Incoming): OutsideStep {
  if (rival.id < call.id) return takeRival(call, rival);
  return [{ ...call, rival }, [{ type: "start-timer", name: "rival" }]];
}

export function takeRival(call: At<"calling">, rival: Incoming): OutsideStep {
  const [next, effects] = accept(rival);
  return [next, [...callingIsOver, { type: "close-leg", id: call.id }, ...effects]];
}

export const callingIsOver: readonly OutsideCallEffect[] = [
  { type: "stop-ring-back" },
  { type: "stop-timer", name: "ring-back" },
  { type: "stop-timer", name: "rival" },
];

function join(call: At<"calling">, { side, pass }: Extract<OutsideCallEvent, { type: "accepted" }>): OutsideStep {
  const { id, peer } = call;
  return [
    { at: "joining", id, peer, pass },
    [...callingIsOver, { type: "complete-leg", pass, id, side }, { type: "start-timer", name: "join" }],
  ];
}

/** The owner accepted, now or when they called just this person: only then may the caller's SDP cross to the audio process. */
export function accept(incoming: Incoming): OutsideStep {
  const { id, peer, pass, hash, side } = incoming;
  return [
    { at: "answering", id, peer, pass, hash, told: false },
    [
      { type: "answer-leg", pass, id, side },
      { type: "start-timer", name: "join" },
    ],
  ];
}

function heedEnd(call: Call, { id, peer }: Extract<OutsideCallEvent, { type: "ended" }>): OutsideStep {
  switch (call.at) {
    case "idle":
      return [call, []];
    case "calling":
      return call.rival?.id === id ? [{ ...call, rival: null }, []] : [call, []];
    case "ringing": {
      const { incoming } = call;
      if (id !== incoming.id || peer !== incoming.peer) return [call, []];
      return [idle, [...ringingIsOver, listed(incoming, "missed")]];
    }
    case "answering":
    case "joining":
    case "talking":
      if (id !== call.id || peer !== call.peer) return [call, []];
      return [
        idle,
        [...stopTimers(call), { type: "close-leg", id }, { type: "tone-ended-guest", pass: call.pass, id }],
      ];
  }
}

export const ringingIsOver: readonly OutsideCallEffect[] = [
  { type: "stop-ring" },
  { type: "stop-timer", name: "ring" },
];

export function listed(incoming: Incoming, kind: "missed" | "declined"): OutsideCallEffect {
  return { type: "list-guest", pass: incoming.pass, id: incoming.id, peer: incoming.peer, kind };
}
