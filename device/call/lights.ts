import type { Scene } from "#hal/hal.ts";
import type { EnvelopeId, Pass } from "../gate/pass.ts";
import type { Call } from "./states.ts";

/** What the lights go by. */
export type Mood = Readonly<{
  /** There is no book at all. */
  fault: boolean;
  /** The book is its copy, and the owner does not know yet; another owner's cannot be read; or the audio process dies again and again. */
  trouble: boolean;
  muted: boolean;
  listening: boolean;
  callingOff: boolean;
  call: Call;
  /** Calls that were missed and not asked about yet. */
  missed: readonly Readonly<{ id: EnvelopeId; pass: Pass }>[];
  /** A new message that the gate lets be shown. */
  waiting: Readonly<{ id: EnvelopeId; pass: Pass }> | null;
}>;

export type GuestScene = "ringing" | "talking" | "missed" | "message";
export type OwnScene = Exclude<Scene, GuestScene>;

/** A scene that somebody outside caused carries the pass that it stands on. */
export type Shown = Readonly<{ scene: OwnScene }> | Readonly<{ scene: GuestScene; id: EnvelopeId; pass: Pass }>;

/** State to light scene; the first that fits wins. A fault is never hidden. */
export function sceneFor(mood: Mood): Shown {
  if (mood.fault) return { scene: "fault" };
  if (mood.listening) return { scene: "listening" };
  const { call } = mood;
  switch (call.at) {
    case "ringing":
      return { scene: "ringing", id: call.incoming.id, pass: call.incoming.pass };
    case "answering":
    case "joining":
    case "talking":
      return { scene: "talking", id: call.id, pass: call.pass };
    case "calling":
      return { scene: "calling" };
    case "idle":
      break;
  }
  if (mood.trouble) return { scene: "fault" };
  if (mood.muted) return { scene: "muted" };
  if (mood.callingOff) return { scene: "calling-off" };
  const last = mood.missed.at(-1);
  if (last) return { scene: "missed", ...last };
  return mood.waiting ? { scene: "message", ...mood.waiting } : { scene: "off" };
}
