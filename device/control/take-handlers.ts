import type { OwnersDaemon } from "../daemon.ts";
import { isAtRest } from "../state.ts";
import type { TakeDesk } from "../take-desk.ts";
import type { ControlHandlers, RequestError } from "./requests.ts";

type TakingUnit = Readonly<{
  daemon: Pick<OwnersDaemon, "state" | "dispatch">;
  ears: Readonly<{ state: "starting" | "ready" | "down"; noSound: string | null }>;
  /** Null for whoever is not the first owner: what the unit is called is for the whole house. */
  takes: Pick<TakeDesk, "ask"> | null;
}>;

/** Recordings of a word that the owner teaches the unit: by its own microphone, and only while nothing else goes on. */
export function takeHandlers({
  daemon,
  ears,
  takes,
}: TakingUnit): Pick<ControlHandlers, "wake-rest" | "wake-take" | "wake-taught"> {
  return {
    "wake-rest": () => (isAtRest(daemon.state) ? DONE : BUSY),
    "wake-take": async ({ say }) => {
      if (takes === null) return NOT_FIRST;
      const { state } = daemon;
      if (!isAtRest(state)) return BUSY;
      if (state.muted) return DEAF;
      if (ears.state !== "ready" || ears.noSound !== null) return NO_EARS;
      const taken = await takes.ask(say);
      if (taken.ok) return { ok: true, answer: { sound: taken.sound } };
      switch (taken.why) {
        case "busy":
          return refusal("busy", "another recording is being made");
        case "deaf":
          return DEAF;
        case "interrupted":
          return refusal("interrupted", "something else came between: teach the word again when it is over");
      }
    },
    "wake-taught": ({ taught }) => {
      if (takes === null) return NOT_FIRST;
      if (isAtRest(daemon.state)) daemon.dispatch({ type: "word-taught", taught });
      return DONE;
    },
  };
}

type Refused = Readonly<{ ok: false; error: RequestError }>;

function refusal(code: string, message: string): Refused {
  return { ok: false, error: { code, message } };
}

const DONE = { ok: true, answer: {} } as const;
const BUSY = refusal("busy", "there is a call, or somebody speaks to the unit: teach the word when that is over");
const DEAF = refusal("muted", "the microphone is muted: let the mute switch go");
const NO_EARS = refusal("no-sound", 'the microphone does not run: "porter doctor" says why');
const NOT_FIRST = refusal("not-first", "what the unit is called is the first owner's to say: leave --as out");
