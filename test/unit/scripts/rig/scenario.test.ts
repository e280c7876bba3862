import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readScenario } from "#scripts/rig/scenario/read.ts";

const FOLDER = new URL("../../../scenarios", import.meta.url).pathname;
const HEAD = "name: A\nneighbours: { Ana: [ring] }\nsteps:\n";

function faultsOf(text: string): readonly string[] {
  const read = readScenario("a.yaml", text);
  return read.ok ? [] : read.faults;
}

describe("a scenario", () => {
  test("that comes with Porter can be read, all of them", async () => {
    const files = (await readdir(FOLDER)).filter((file) => file.endsWith(".yaml"));
    expect(files.length).toBeGreaterThanOrEqual(8);
    for (const file of files) {
      const read = readScenario(file, await readFile(join(FOLDER, file), "utf8"));
      expect(read, file).toMatchObject({ ok: true });
    }
  });

  test("is read with its times in milliseconds, its defaults, and the line of each step", () => {
    const read = readScenario(
      "a.yaml",
      `${HEAD}  - light: ringing\n    within: 1.5 s\n  - silence: Ana\n  - wait: 2 min\n`,
    );
    expect(read.ok && read.scenario.targets).toEqual(["sim", "qemu", "arm64", "board"]);
    expect(read.ok && read.scenario.steps).toEqual([
      { line: 4, text: "light: ringing within: 1.5 s", step: { light: "ringing", within: 1_500 } },
      { line: 6, text: "silence: Ana", step: { silence: "Ana", below: -60, for: 5_000 } },
      { line: 7, text: "wait: 2 min", step: { wait: 120_000 } },
    ]);
  });

  test.each<[string, string, RegExp]>([
    ["a step that is none", `${HEAD}  - dance: well\n`, /^a\.yaml:4: is no step: it needs one of call, /],
    [
      "two steps in one",
      `${HEAD}  - call: Ana\n    press: button\n`,
      /^a\.yaml:4: is more than one step: call, press$/,
    ],
    ["somebody who does not exist", `${HEAD}  - call: Ana\n  - call: Zoe\n`, /^a\.yaml:5: call: /],
    ["a key that is misspelt", `${HEAD}  - light: ringing\n    withn: 2 s\n`, /^a\.yaml:5: withn: no such setting$/],
    ["a time without a unit", `${HEAD}  - wait: 2\n`, /^a\.yaml:4: wait: must be a time such as/],
    ["a time that is too long", `${HEAD}  - wait: 11 min\n`, /^a\.yaml:4: wait: must not be longer/],
    ["a request that no unit knows", `${HEAD}  - ask: { do: explode }\n`, /^a\.yaml:4: ask: /],
    ["a request with a field too many", `${HEAD}  - ask: { do: block, who: Ana, why: me }\n`, /^a\.yaml:4: ask: /],
    ["a step that is only a word", `${HEAD}  - mute\n`, /^a\.yaml:4: /],
    ["a key twice", `${HEAD}  - call: Ana\n    call: Ana\n`, /^a\.yaml:5: .*unique/],
    ["an unknown key at the top", `nam: A\n${HEAD}  - wait: 1 s\n`, /^a\.yaml:1: nam: no such setting$/],
    ["no steps", "name: A\nsteps: []\n", /^a\.yaml:2: steps: must have a step$/],
    ["no YAML", `${HEAD}  - [call: }\n`, /^a\.yaml:4: /],
    ["nothing at all", "", /^a\.yaml:1: /],
    ["an alias", `name: &a A\nabout: *a\nsteps:\n  - wait: 1 s\n`, /^a\.yaml:1: has an alias/],
    ["more than anybody writes", `${HEAD}${"  - wait: 1 s\n".repeat(10_000)}`, /^a\.yaml:1: is too long/],
  ])("with %s is refused, with the line and what is wrong", (_, text, fault) => {
    expect(faultsOf(text)[0]).toMatch(fault);
  });

  test("with several faults is told all of them at once", () => {
    expect(faultsOf(`${HEAD}  - dance: well\n  - wait: 2\n  - call: Zoe\n`)).toHaveLength(3);
  });

  test("of aliases that grow without end is refused, and quickly", () => {
    const levels = Array.from({ length: 9 }, (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at},`.repeat(9)}]`);
    expect(faultsOf(`a0: &a0 [x]\n${levels.join("\n")}\n`)[0]).toMatch(/^a\.yaml:1: has an alias/);
  });
});
