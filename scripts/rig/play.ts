import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Home } from "#scripts/stage/home.ts";
import type { HomeName, Neighbour, State, Step } from "./scenario/schema.ts";
import type { Stage } from "./stage.ts";
import { UNIT } from "./stage.ts";
import { Witness } from "./witness.ts";

const PRESSED_MS = 120;
const UNITS_MS = { min: 60_000, h: 3_600_000, days: 86_400_000 } as const;
/** Ben's voice, before his own unit. */
const OWNER_VOICE = "rms";
const MOST_TRIES = 3;
const OBEYED_WITHIN_MS = 5_000;

/** Plays the steps of one scenario, in order, on one stage. What is expected counts from the last thing that was done. */
export class Play {
  readonly #stage: Stage;
  readonly #folder: string;
  readonly #witness: Witness;

  /** `file`: the scenario's, for sounds beside it. */
  constructor(stage: Stage, file: string) {
    this.#stage = stage;
    this.#folder = dirname(file);
    this.#witness = new Witness(stage);
  }

  /** Resolves with what was seen, in words; throws with what was not. */
  async step(step: Step): Promise<string> {
    const seen = await this.#witness.expect(step);
    if (seen !== null) return seen;
    await this.#witness.mark();
    return this.#act(step);
  }

  async #act(step: Step): Promise<string> {
    const { unit } = this.#stage;
    if ("call" in step) {
      await this.#stage.neighbour(step.call).unit.ask({ do: "call", who: UNIT });
      return `${step.call} calls`;
    }
    if ("ask" in step) {
      await this.#of(step.of).ask(step.ask);
      return "done";
    }
    if ("say" in step) return this.#say(step.at, step.say);
    if ("command" in step) return this.#command(step.command, step.until);
    if ("play" in step) {
      await this.#hear(step.at, join(this.#folder, step.play));
      return "played";
    }
    if ("press" in step) {
      await unit.setButton(true);
      await sleep(PRESSED_MS);
      await unit.setButton(false);
      return "pressed";
    }
    if ("hold" in step || "release" in step) {
      await unit.setButton("hold" in step);
      return "done";
    }
    if ("mute" in step) {
      await unit.setMute(step.mute === "on");
      return "done";
    }
    if ("wait" in step) {
      await sleep(step.wait);
      return "waited";
    }
    if ("clock" in step) {
      const [, number, each] = /^([+-]\d+) (min|h|days)$/.exec(step.clock) ?? [];
      if (each === "min" || each === "h" || each === "days") await unit.setClock(Number(number) * UNITS_MS[each]);
      return "set";
    }
    if ("cut" in step) return this.#cut(step.cut);
    if ("restore" in step) return this.#restore(step.restore);
    throw new Error("is no step that does anything");
  }

  async #cut(what: "power" | "network"): Promise<string> {
    if (what === "network") this.#stage.tap.cut();
    else await this.#stage.unit.cutPower();
    return "cut";
  }

  async #restore(what: "power" | "network"): Promise<string> {
    const { tap, unit } = this.#stage;
    const startedMs = Date.now();
    if (what === "network") tap.mend();
    else {
      await unit.powerOn();
      await this.#witness.mark();
    }
    return `back after ${((Date.now() - startedMs) / 1_000).toFixed(1)} s`;
  }

  #of(name: HomeName): Pick<Stage["unit"], "ask"> {
    return name === "unit" ? this.#stage.unit : this.#neighbour(name).unit;
  }

  #neighbour(name: Neighbour): Home {
    return this.#stage.neighbour(name);
  }

  async #say(name: HomeName, text: string): Promise<string> {
    if (name === "unit") await this.#hear("unit", await this.#stage.voices.say(OWNER_VOICE, text));
    else await this.#neighbour(name).say(text);
    return "said";
  }

  async #command(words: string, until: State): Promise<string> {
    let why = "";
    for (let tries = 1; tries <= MOST_TRIES; tries++) {
      await this.#say("unit", `computer. ${words}.`);
      await this.#witness.mark();
      const obeyed = this.#witness.expect({ state: until, of: "unit", within: OBEYED_WITHIN_MS });
      const seen = await obeyed.catch((error: unknown) => {
        why = error instanceof Error ? error.message : String(error);
        return null;
      });
      if (seen !== null) return tries === 1 ? "at once" : `said ${tries} times`;
    }
    throw new Error(`said ${MOST_TRIES} times, and the unit did not do it: ${why}`);
  }

  async #hear(name: HomeName, file: string): Promise<void> {
    if (name === "unit") await this.#stage.unit.play(file);
    else await this.#neighbour(name).unit.ask({ do: "play", file });
  }
}
