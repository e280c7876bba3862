import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CAPABILITIES, type Lacks, whyNot } from "#scripts/rig/scenario/needs.ts";
import { readScenario, type Scenario } from "#scripts/rig/scenario/read.ts";

const FOLDER = new URL("../../../scenarios", import.meta.url).pathname;
const NOTHING = Object.fromEntries(CAPABILITIES.map((each) => [each, "none"])) as Lacks;

function scenario(steps: string, neighbours = "{}"): Scenario {
  const read = readScenario("a.yaml", `name: A\nneighbours: ${neighbours}\nsteps:\n${steps}`);
  if (!read.ok) throw new Error(read.faults.join());
  return read.scenario;
}

test.each<[string, string]>([
  ["  - press: button\n", "hands: none"],
  ["  - mute: on\n", "hands: none"],
  ["  - light: ringing\n", "eyes: none"],
  ["  - nothing: happens\n", "eyes: none; ears: none"],
  ["  - say: hello\n", "voice: none"],
  ["  - command: block that caller\n    until: { muted: true }\n", "voice: none; control: none"],
  ["  - sound: unit\n", "ears: none"],
  ["  - silence: unit\n", "ears: none"],
  ["  - state: { muted: true }\n", "control: none"],
  ["  - envelope: { act: drop }\n", "control: none"],
  ["  - cut: power\n", "power: none"],
  ["  - clock: +3 h\n", "clock: none"],
  ["  - doctor: well\n", "doctor: none"],
])("a target that has nothing does not play %j, and says what it lacks", (steps, why) => {
  expect(whyNot(scenario(steps), NOTHING)).toBe(why);
});

test.each(["  - wait: 1 s\n", "  - cut: network\n", "  - say: hello\n    at: Ana\n", "  - sound: Ana\n"])(
  "a target needs nothing for %j",
  (steps) => {
    expect(whyNot(scenario(steps), NOTHING)).toBe(null);
  },
);

test("neighbours can be made known only to a unit that takes requests", () => {
  expect(whyNot(scenario("  - wait: 1 s\n", "{ Ana: [ring] }"), { control: "no jumper" })).toBe("control: no jumper");
});

test("a target that lacks nothing plays every scenario that comes with Porter, and one that lacks all none", async () => {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith(".yaml"));
  for (const file of files) {
    const read = readScenario(file, await readFile(join(FOLDER, file), "utf8"));
    if (!read.ok) throw new Error(read.faults.join());
    expect(whyNot(read.scenario, {}), file).toBe(null);
    expect(whyNot(read.scenario, NOTHING), file).not.toBe(null);
  }
});
