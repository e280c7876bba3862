import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import * as v from "valibot";
import { readSound } from "../../hear/sound-file.ts";

const Labels = v.record(v.string(), v.strictObject({ intent: v.string(), slots: v.record(v.string(), v.string()) }));
type Slots = Readonly<Record<string, string>>;
/** The rule of the grammar that lists what each slot may hold; the longer name first where one begins like another. */
const RULES: Readonly<Record<string, string>> = {
  milkAmount: "mi",
  sugarAmount: "su",
  roast: "ro",
  size: "sz",
  numberOfShots: "sh",
  coffeeDrink: "dr",
};

/** Spoken orders to a coffee maker (Picovoice's speech-to-intent-benchmark), with what each of them asks for. */
export class Orders {
  readonly folder: string;
  readonly grammar: string;
  readonly names: readonly string[];
  readonly noise: Int16Array;
  readonly #wanted: ReadonlyMap<string, Slots>;

  private constructor(folder: string, grammar: string, wanted: ReadonlyMap<string, Slots>, noise: Int16Array) {
    this.folder = folder;
    this.grammar = grammar;
    this.names = [...wanted.keys()];
    this.noise = noise;
    this.#wanted = wanted;
  }

  /** `folder` holds FLAC files, `labels.json`, `grammar.jsgf` and `noise-kitchen.flac`. */
  static async read(folder: string): Promise<Orders> {
    const labels = v.parse(Labels, JSON.parse(await readFile(path.join(folder, "labels.json"), "utf8")));
    const there = new Set(await readdir(folder));
    const wanted = new Map(
      Object.entries(labels)
        .filter(([name]) => there.has(name))
        .map(([name, { slots }]) => [name, trimmed(slots)] as const)
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    );
    const grammar = await readFile(path.join(folder, "grammar.jsgf"), "utf8");
    return new Orders(folder, grammar, wanted, await readSound(path.join(folder, "noise-kitchen.flac")));
  }

  /** Such orders alone, in such noise. */
  only(names: ReadonlySet<string>, noise: Int16Array): Orders {
    const wanted = [...this.#wanted].filter(([name]) => names.has(name));
    return new Orders(this.folder, this.grammar, new Map(wanted), noise);
  }

  sound(name: string): Promise<Int16Array> {
    return readSound(path.join(this.folder, name));
  }

  wanted(name: string): Slots {
    return this.#wanted.get(name) ?? {};
  }

  /** As the recordings' own benchmark counts: one wrong slot makes the whole order wrong. */
  isRight(name: string, text: string): boolean {
    const [heard, wanted] = [this.slotsOf(text), this.wanted(name)];
    const keys = new Set([...Object.keys(heard), ...Object.keys(wanted)]);
    return [...keys].every((key) => heard[key] === wanted[key]);
  }

  slotsOf(text: string): Slots {
    const found: Record<string, string> = {};
    let rest = ` ${text} `;
    for (const [slot, rule] of Object.entries(RULES)) {
      const said = this.ways(rule).find((way) => rest.includes(` ${way} `));
      if (said === undefined) continue;
      found[slot] = said;
      rest = rest.replace(` ${said} `, " ; ");
    }
    return found;
  }

  /** What a rule of the grammar lists, the longest first. */
  ways(rule: string): string[] {
    const body = new RegExp(`<${rule}>\\s*=([^;]*);`).exec(this.grammar)?.[1] ?? "";
    return body
      .split("|")
      .map((way) => way.trim())
      .toSorted((a, b) => b.length - a.length);
  }
}

function trimmed(slots: Slots): Slots {
  return Object.fromEntries(Object.entries(slots).map(([slot, value]) => [slot, value.trim()]));
}
