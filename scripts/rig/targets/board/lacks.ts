import { BENCH_COMMAND } from "#device/smp/group-bench.ts";
import { GROUP } from "#device/smp/packet.ts";
import { reopenUnit, UnitOnLine } from "#install/unit.ts";
import type { Lacks } from "../../scenario/needs.ts";
import type { BoardSettings } from "./settings.ts";
import { switchPower } from "./supply.ts";

const CLOCK = "a real unit's clock is set by its own machine";
const DOCTOR = "nobody can run a program on a real unit over its line: log in and run porter doctor there";
const NO_CARD = "name the rig's sound card";
const NO_POWER = "name what switches the unit's supply (--power-command)";

/** What a real unit, as it is wired to this rig, cannot do. Throws where none answers, or one that is its owner's. */
export async function lacksOf(settings: BoardSettings): Promise<Lacks> {
  const { port, baudRate, startsWithinMs, play, record, powerCommand } = settings;
  await switchPower(settings, "on");
  // A port that is not there, or is somebody's, is told at once, where no supply was switched that may bring it.
  if (powerCommand === undefined) await (await UnitOnLine.open(port, baudRate))[Symbol.asyncDispose]();
  await using unit = await reopenUnit(port, baudRate, startsWithinMs);
  const { stage } = await unit.status();
  if (stage === "handed-over") {
    throw new Error(
      "this unit was handed over to its owner, or its config names its hub: a rig takes none of those. Reset it (porter-install reset), and leave the hub out of its config",
    );
  }
  const looked = await unit.client.request({ group: GROUP.bench, id: BENCH_COMMAND.lights, op: "read" });
  return {
    ...(!looked.ok && { hands: looked.rsn, eyes: looked.rsn, control: looked.rsn }),
    ...(play === undefined && { voice: `${NO_CARD} (--play)` }),
    ...(record === undefined && { ears: `${NO_CARD} (--record)` }),
    ...(powerCommand === undefined && { power: NO_POWER }),
    clock: CLOCK,
    doctor: DOCTOR,
  };
}
