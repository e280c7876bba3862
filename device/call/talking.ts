import type { EnvelopeId, Pass } from "../gate/pass.ts";
import type {
  Call,
  CallEffect,
  CallEvent,
  CallStep,
  CallTimer,
  OutsideCallEffect,
  OutsideCallEvent,
  Renewal,
  SilentCallEffect,
  Talking,
} from "./states.ts";

type OutsideStep = CallStep<OutsideCallEffect>;

/** Beyond it nobody asks for another: some hours of a path that will not hold. */
const MOST_ROUNDS = 1_000;

export function startTalking(id: EnvelopeId, peer: string, pass: Pass, placed: boolean): Talking {
  const renewal = { round: 0, hash: null };
  return { at: "talking", id, peer, pass, placed, silent: false, renewal, resting: false, waiting: null };
}

/**
 * What keeps a call alive whose path breaks. Whoever placed it asks for a new path, again and again while nothing comes;
 * the other side answers, every two seconds at most. Null: the event is none of these.
 */
export function mend(call: Talking, event: CallEvent): CallStep | null {
  switch (event.type) {
    case "leg-silent":
      return event.id === call.id && !call.silent ? fallSilent(call) : [call, []];
    case "leg-alive":
      if (event.id !== call.id || !call.silent) return [call, []];
      return [{ ...call, silent: false }, stop("lost", "renew")];
    case "leg-renewal":
      if (event.id !== call.id || !call.placed || event.round !== call.renewal.round) return [call, []];
      return [call, [{ type: "send-renewal", id: call.id, to: call.peer, round: event.round, side: event.side }]];
    case "renewal-sealed":
      if (event.id !== call.id || !call.placed || event.round !== call.renewal.round) return [call, []];
      return [{ ...call, renewal: { round: event.round, hash: event.hash } }, []];
    case "leg-renewed":
      return event.id === call.id ? tellRenewed(call, event) : [call, []];
    case "timer":
      return onTimer(call, event.name);
    default:
      return null;
  }
}

/** What the gate let in of the other side's renewal of this call, or of its answer to ours. */
export function heedRenewal(
  call: Talking,
  event: Extract<OutsideCallEvent, { type: "renewal" | "renewed" }>,
): OutsideStep {
  if (event.type === "renewed") return call.placed ? complete(call, event) : [call, []];
  if (call.placed || event.renewal.round <= newestOf(call)) return [call, []];
  return call.resting ? [{ ...call, waiting: event.renewal }, []] : answer(call, event.renewal);
}

/** For whatever ends the call. */
export function stopTimers({ at }: Extract<Call, { at: "answering" | "joining" | "talking" }>): SilentCallEffect[] {
  return at === "talking" ? stop("lost", "renew", "rest") : stop("join");
}

function stop(...names: readonly CallTimer[]): SilentCallEffect[] {
  return names.map((name) => ({ type: "stop-timer", name }));
}

/** The newest round of theirs that was heard of; an older one is of no use. */
export function newestOf({ renewal, waiting }: Talking): number {
  return waiting?.round ?? renewal.round;
}

function fallSilent(call: Talking): CallStep {
  const [next, effects] = call.placed ? renew(call) : [call, []];
  return [{ ...next, silent: true }, [{ type: "start-timer", name: "lost" }, ...effects]];
}

function renew(call: Talking): readonly [Talking, readonly CallEffect[]] {
  const round = call.renewal.round + 1;
  if (round > MOST_ROUNDS) return [call, []];
  return [
    { ...call, renewal: { round, hash: null } },
    [
      { type: "renew-leg", id: call.id, round },
      { type: "start-timer", name: "renew" },
    ],
  ];
}

function complete(call: Talking, { side }: Extract<OutsideCallEvent, { type: "renewed" }>): OutsideStep {
  const { id, pass, renewal } = call;
  // Answered once: what else answers to it is dropped.
  const answered: Talking = { ...call, renewal: { ...renewal, hash: null } };
  return [answered, [{ type: "complete-renewal", pass, id, round: renewal.round, side }]];
}

function answer(call: Talking, { round, hash, side }: Renewal): OutsideStep {
  const { id, pass } = call;
  return [
    { ...call, renewal: { round, hash }, resting: true, waiting: null },
    [
      { type: "answer-renewal", pass, id, round, side },
      { type: "start-timer", name: "rest" },
    ],
  ];
}

function tellRenewed(
  call: Talking,
  { round, side }: Extract<CallEvent, { type: "leg-renewal" | "leg-renewed" }>,
): CallStep {
  const { id, peer, pass, renewal, placed } = call;
  if (placed || round !== renewal.round || renewal.hash === null) return [call, []];
  return [call, [{ type: "send-renewed", pass, id, to: peer, hash: renewal.hash, side }]];
}

function onTimer(call: Talking, name: Extract<CallEvent, { type: "timer" }>["name"]): CallStep | null {
  switch (name) {
    case "renew":
      return call.silent && call.placed ? renew(call) : [call, []];
    case "rest":
      return call.waiting === null ? [{ ...call, resting: false }, []] : answer(call, call.waiting);
    case "lost":
    case "ring-back":
    case "ring":
    case "rival":
    case "join":
    case "ignored":
      return null;
  }
}
