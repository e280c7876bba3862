import { expect, test } from "vitest";
import type { TimelineLine } from "#device/control/requests.ts";
import { silent } from "#scripts/stage/person.ts";
import type { UnitProcess } from "#scripts/stage/unit-process.ts";

/** A unit of which only the timeline is there; `happens` looks at what has come by the time it is asked. */
function unitThatTold(timeline: TimelineLine[]) {
  const happens: UnitProcess["happens"] = async (what, fits, { since }) => {
    const found = timeline.find((line) => line.at >= since && fits(line));
    if (found === undefined) throw new Error(`${what} did not happen`);
    return found;
  };
  return { unit: { timeline, happens } };
}

const says = (at: number, id: number): TimelineLine => ({ at, event: "says", detail: { sentence: "Hello.", id } });
const ended = (at: number, id: number): TimelineLine => ({ at, event: "ears-said", detail: { id } });

test("a unit that says two sentences is silent after the second, not after the first", async () => {
  const first = [says(1, 1), says(1, 2), ended(3, 1)];
  await expect(silent(unitThatTold(first))).rejects.toThrow("falling silent did not happen");
  await expect(silent(unitThatTold([...first, ended(5, 2)]))).resolves.toBeUndefined();
});

test("a unit that never spoke is silent, and one that was started again counts from one anew", async () => {
  await expect(silent(unitThatTold([]))).resolves.toBeUndefined();
  await expect(silent(unitThatTold([says(1, 1), ended(2, 1), says(9, 1)]))).rejects.toThrow("falling silent");
});
