import { setTimeout as sleep } from "node:timers/promises";
import type { Home } from "#scripts/stage/home.ts";
import { loudestDbfs, peakDbfs } from "#scripts/stage/recording.ts";
import { publicationsIn } from "#scripts/stage/trace.ts";
import type { HomeName, Neighbour, Step } from "./scenario/schema.ts";
import type { Stage } from "./stage.ts";
import type { Lit } from "./targets/target.ts";

/** What it looks at. */
export type Watched = Readonly<{
  unit: Stage["unit"];
  tap: Pick<Stage["tap"], "passed">;
  neighbour(name: Neighbour): Pick<Home, "unit" | "recording">;
}>;
type Expectation<Name extends string> = Extract<Step, Record<Name, unknown>>;

const LOOK_EVERY_MS = 100;
/** The least sound that is worth looking at: the loudest tenth of a second is taken. */
const LEAST_SOUND_MS = 300;
/** What a status says in more than one word. */
const NESTED = "call.";

/** Sees, hears and asks what came of the last thing that was done. Each answer is in words; what failed is thrown. */
export class Witness {
  readonly #stage: Watched;
  #sinceMs = Date.now();
  /** The journal's last line before it. */
  #journalId = 0;

  constructor(stage: Watched) {
    this.#stage = stage;
  }

  /** From now on something else is done. */
  async mark(): Promise<void> {
    const journal = await this.#stage.unit.ask({ do: "journal", limit: 1 }).catch(() => null);
    this.#journalId = journal?.lines[0]?.id ?? this.#journalId;
    this.#sinceMs = Date.now();
  }

  /** Null where the step expects nothing. */
  async expect(step: Step): Promise<string | null> {
    if ("light" in step) return this.#light(step);
    if ("no light" in step) return this.#noLight(step);
    if ("sound" in step) return this.#sound(step);
    if ("silence" in step) return this.#silence(step);
    if ("nothing" in step) return this.#nothing(step);
    if ("envelope" in step) return this.#envelope(step);
    if ("state" in step) return this.#state(step);
    if ("doctor" in step) return this.#doctor();
    return null;
  }

  #patient(ms: number): number {
    return ms * this.#stage.unit.slowness;
  }

  async #light({ light, within }: Expectation<"light">): Promise<string> {
    return this.#until(`the light "${light}"`, within, async () => {
      const changes = await this.#stage.unit.lights();
      const shown = changes.findLast(({ atMs }) => atMs < this.#sinceMs)?.scene ?? "off";
      const change = changes.find(({ scene, atMs }) => scene === light && atMs >= this.#sinceMs);
      if (change) return `after ${inSeconds(change.atMs - this.#sinceMs)}`;
      const last = changes.at(-1)?.scene ?? "off";
      return shown === light && last === light ? "all along" : new NotYet(`it shows "${last}"`);
    });
  }

  async #noLight({ for: forMs }: Expectation<"no light">): Promise<string> {
    await this.#waitFor(forMs);
    const changes = (await this.#stage.unit.lights()).filter(({ atMs }) => atMs >= this.#sinceMs);
    if (changes.length > 0) throw new Error(`the lights changed: ${named(changes)}`);
    return "none changed";
  }

  async #sound({ sound, above, within }: Expectation<"sound">): Promise<string> {
    return this.#until(`sound at ${sound}`, within, async () => {
      const samples = await this.#loudspeaker(sound, this.#sinceMs, Date.now());
      const level = samples.length < LEAST_SOUND_MS * 16 ? Number.NEGATIVE_INFINITY : loudestDbfs(samples);
      return level >= above ? `${level.toFixed(0)} dBFS` : new NotYet(`${level.toFixed(0)} dBFS at most`);
    });
  }

  async #silence({ silence, below, for: forMs }: Expectation<"silence">): Promise<string> {
    await this.#waitFor(forMs);
    return this.#mustBeSilent(silence, below, Date.now());
  }

  async #mustBeSilent(home: HomeName, below: number, toMs: number): Promise<string> {
    const samples = await this.#loudspeaker(home, this.#sinceMs, toMs);
    const recordedMs = samples.length / 16;
    // What was not recorded proves nothing.
    if (recordedMs < (toMs - this.#sinceMs) / 2)
      throw new Error(`only ${inSeconds(recordedMs)} of ${inSeconds(toMs - this.#sinceMs)} were recorded`);
    const peak = peakDbfs(samples);
    if (peak > below) throw new Error(`there was sound: ${peak.toFixed(0)} dBFS, more than ${below}`);
    return Number.isFinite(peak) ? `${peak.toFixed(0)} dBFS at most` : "silence";
  }

  async #nothing({ for: forMs }: Expectation<"nothing">): Promise<string> {
    await this.#waitFor(forMs);
    const toMs = Date.now();
    const { tap, unit } = this.#stage;
    const published = publicationsIn(tap.passed.filter(({ at }) => at >= this.#sinceMs && at <= toMs));
    const changes = (await unit.lights()).filter(({ atMs }) => atMs >= this.#sinceMs);
    if (changes.length > 0) throw new Error(`the lights changed: ${named(changes)}`);
    if (published > 0) throw new Error(`${published} envelopes were sent`);
    return `dark, nothing sent, ${await this.#mustBeSilent("unit", unit.quietDbfs, toMs)}`;
  }

  async #envelope({ envelope, within }: Expectation<"envelope">): Promise<string> {
    const { act, because } = envelope;
    return this.#until(`an envelope with "${act}"`, within, async () => {
      const { lines } = await this.#stage.unit.ask({ do: "journal", limit: 20 });
      const verdicts = lines.filter(({ what, id }) => what === "verdict" && id > this.#journalId);
      const found = verdicts.find((line) => line.act === act && (because === undefined || line.because === because));
      if (found) return `${found.act} (${found.because})`;
      return new NotYet(
        verdicts.length === 0 ? "none came" : verdicts.map((line) => `${line.act} (${line.because})`).join(),
      );
    });
  }

  async #state({ state, of, within }: Expectation<"state">): Promise<string> {
    const asked = of === "unit" ? this.#stage.unit : this.#stage.neighbour(of).unit;
    return this.#until(`this state of ${of}`, within, async () => {
      const { call, ...status } = await asked.ask({ do: "status" });
      const values: Readonly<Record<string, unknown>> = {
        ...status,
        ...Object.fromEntries(Object.entries(call).map(([key, value]) => [NESTED + key, value])),
      };
      const unlike = Object.entries(state).filter(([key, wanted]) => values[key] !== wanted);
      if (unlike.length === 0) return "so it is";
      return new NotYet(unlike.map(([key]) => `${key} is ${JSON.stringify(values[key] ?? null)}`).join(", "));
    });
  }

  async #doctor(): Promise<string> {
    const { unit } = this.#stage;
    const findings = await unit.doctor();
    if (findings.length === 0) throw new Error("it looked at nothing");
    const notFine = findings.filter(({ grade }) => grade !== "ok");
    const bad = notFine.filter(({ grade, what }) => grade === "fail" || !Object.hasOwn(unit.cannotHave, what));
    if (bad.length > 0) throw new Error(bad.map(({ what, says }) => `${what}: ${says}`).join("; "));
    const left = notFine.map(({ what }) => `${what} (${unit.cannotHave[what]})`);
    const fine = `${findings.length - notFine.length} fine`;
    return left.length === 0 ? fine : `${fine}; not to be had here: ${left.join(", ")}`;
  }

  #loudspeaker(home: HomeName, fromMs: number, toMs: number): Promise<Int16Array> {
    if (home === "unit") return this.#stage.unit.loudspeaker(fromMs, toMs);
    return this.#stage.neighbour(home).recording.slice("loudspeaker", fromMs, toMs);
  }

  async #waitFor(forMs: number): Promise<void> {
    await sleep(Math.max(0, this.#sinceMs + this.#patient(forMs) - Date.now()));
  }

  async #until(what: string, withinMs: number, look: () => Promise<string | NotYet>): Promise<string> {
    const deadlineMs = this.#sinceMs + this.#patient(withinMs);
    for (;;) {
      const isLast = Date.now() >= deadlineMs;
      const seen = await look();
      if (typeof seen === "string") return seen;
      if (isLast) throw new Error(`${what} did not come within ${inSeconds(this.#patient(withinMs))}: ${seen.why}`);
      await sleep(LOOK_EVERY_MS);
    }
  }
}

class NotYet {
  readonly why: string;
  constructor(why: string) {
    this.why = why;
  }
}

function named(changes: readonly Lit[]): string {
  return changes.map(({ scene }) => scene).join(", ");
}

function inSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
