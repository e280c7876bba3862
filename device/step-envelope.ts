import type { Incoming, Talking } from "./call/states.ts";
import { newestOf } from "./call/talking.ts";
import type { Event, OutsideEffect } from "./events.ts";
import type { Request, Verdict } from "./gate/decide.ts";
import { lookup } from "./gate/lookup.ts";
import { judge, ownCall } from "./house.ts";
import type { Asked, Context, State } from "./state.ts";
import { type OutsideStep, outsideStep, withMissed } from "./step-call.ts";
import type { Envelope } from "./wire/envelope.ts";

type Arrival = Extract<Event, { type: "envelope" }>;

/** An envelope came: the gate decides first, whatever it is; only then does anything else look at it. */
export function arrive(state: State, arrival: Arrival, context: Context): OutsideStep {
  const { envelope } = arrival;
  const request = requestOf(state, arrival);
  const now = context.now(state.resident);
  const verdict = judge(state, request, now);
  const [next, effects] = heed(state, envelope, { request, now }, verdict);
  // What was dropped may be dropped again: it leaves nothing that a flood could fill.
  const noted: OutsideEffect[] = verdict.act === "drop" ? [] : [{ type: "remember", envelope }];
  return [next, [...effects, ...noted, { type: "journal", line: lineFor(state, envelope, verdict, effects) }]];
}

/** An answer, a hang-up and a renewal are judged for the call that they speak of: its offer's id is what their pass names. */
function requestOf(state: State, { envelope, replayed, fresh }: Arrival): Request {
  const { id, from, to, signature, message } = envelope;
  const asked = { from, to, signature, replayed, fresh };
  switch (message.kind) {
    case "call.offer":
      // The caller chose the id: one that stands for a call here already is nobody else's to use.
      return { ...asked, envelope: id, kind: "call", replayed: replayed || isInUse(state, id) };
    case "call.accept": {
      const call = ownCall(state);
      const { offer, offerHash } = message.body;
      const awaited = call.at === "calling" && call.id === offer && call.hash === offerHash && call.peer === from;
      return { ...asked, envelope: offer, kind: "reply", awaited };
    }
    case "call.end": {
      const { offer } = message.body;
      return { ...asked, envelope: offer, kind: "reply", awaited: isOnTheLine(state, offer, from) };
    }
    case "call.renewal": {
      const { offer, round } = message.body;
      const talking = talkingWith(state, offer, from);
      const awaited = talking?.placed === false && round > newestOf(talking);
      return { ...asked, envelope: offer, kind: "reply", awaited };
    }
    case "call.renewed": {
      const { offer, renewalHash } = message.body;
      const talking = talkingWith(state, offer, from);
      const awaited = talking?.placed === true && talking.renewal.hash === renewalHash;
      return { ...asked, envelope: offer, kind: "reply", awaited };
    }
  }
}

function isInUse(state: State, id: string): boolean {
  const call = ownCall(state);
  return state.standing.has(id) || (call.at === "calling" && call.id === id);
}

/** The call of this id, where it is this account that it is with. */
function talkingWith(state: State, id: string, peer: string): Talking | null {
  const call = ownCall(state);
  return call.at === "talking" && call.id === id && call.peer === peer ? call : null;
}

/** Is this call, by id and by who is at its other end, ringing or talking here? */
function isOnTheLine(state: State, id: string, peer: string): boolean {
  const call = ownCall(state);
  switch (call.at) {
    case "idle":
      return false;
    case "calling":
      return call.rival?.id === id && call.rival.peer === peer;
    case "ringing":
      return call.incoming.id === id && call.incoming.peer === peer;
    case "answering":
    case "joining":
    case "talking":
      return call.id === id && call.peer === peer;
  }
}

function heed(state: State, envelope: Envelope, asked: Asked, verdict: Verdict): OutsideStep {
  if (verdict.act === "drop") return [state, []];
  const { id, from, message } = envelope;
  const { pass } = verdict;
  switch (message.kind) {
    case "call.offer": {
      if (verdict.act === "hold") return [state, [{ type: "list-request", pass, id, peer: from }]];
      const standing: State = { ...state, standing: new Map(state.standing).set(id, asked) };
      if (verdict.act === "take-message") {
        return withMissed(standing, { type: "list-guest", pass, id, peer: from, kind: "missed" });
      }
      const incoming: Incoming = { id, peer: from, hash: envelope.hash, side: message.body, pass };
      return outsideStep(standing, { type: "offered", incoming });
    }
    case "call.accept": {
      const { offer, sdp, fingerprint } = message.body;
      const standing: State = { ...state, standing: new Map(state.standing).set(offer, asked) };
      return outsideStep(standing, { type: "accepted", id: offer, side: { sdp, fingerprint }, pass });
    }
    case "call.end":
      return outsideStep(state, { type: "ended", id: message.body.offer, peer: from });
    case "call.renewal": {
      const { offer, round, sdp, fingerprint } = message.body;
      const renewal = { round, hash: envelope.hash, side: { sdp, fingerprint } };
      return outsideStep(state, { type: "renewal", id: offer, renewal });
    }
    case "call.renewed": {
      const { offer, sdp, fingerprint } = message.body;
      return outsideStep(state, { type: "renewed", id: offer, side: { sdp, fingerprint } });
    }
  }
}

type Line = Extract<OutsideEffect, { type: "journal" }>["line"];

function lineFor({ book }: State, envelope: Envelope, verdict: Verdict, effects: readonly OutsideEffect[]): Line {
  const { act, because } = verdict;
  const person = book ? lookup(book).person(envelope.from)?.id : undefined;
  const line: Line = { what: "verdict", account: envelope.from, person, act, because, by: "gate" };
  const outcome = act === "admit" && envelope.message.kind === "call.offer" ? outcomeOf(effects) : undefined;
  return { ...line, detail: envelope.message.kind, outcome };
}

/** What became of a call that was let in. Both owners calling each other is as good as a ring. */
function outcomeOf(effects: readonly OutsideEffect[]): Line["outcome"] {
  return effects.some(({ type }) => type === "list-guest") ? "busy" : "rang";
}
