import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { HubProcess } from "#scripts/stage/hub-process.ts";
import { UnitProcess } from "#scripts/stage/unit-process.ts";
import { corePercent, costOf } from "./cost.ts";
import { entry, natural } from "./entry.ts";

/** What a new unit does once is over by then. */
const FIRST_MS = 25_000;
const BUDGET = { corePercent: 5, memoryMb: 300 } as const;

export const idle = entry({
  summary: "what a unit takes that is connected, listens for the wake word, and hears a quiet room",
  options: {
    seconds: { value: "N", help: "measured for so long (30)", schema: natural(5, 3_600, 30) },
    settle: {
      value: "N",
      help: "seconds before (10), after a start that is not its first: then it makes keys for 90 days",
      schema: natural(0, 3_600, 10),
    },
  },
  run: async ({ seconds, settle }) => {
    const folder = await mkdtemp(join(tmpdir(), "porter-bench-idle-"));
    try {
      await using hub = await HubProcess.start(join(folder, "hub"));
      await using unit = await UnitProcess.start({
        name: "Ana",
        folder: join(folder, "unit"),
        hubName: hub.address.name,
        wires: hub.ports,
        invitation: await hub.invite(1),
      });
      await unit.connected();
      await sleep(FIRST_MS);
      await unit.stop();
      await unit.start();
      await unit.connected();
      await sleep(settle * 1_000);
      const pids = await unit.pids();
      const costs = () => Promise.all([costOf(pids.brain, [pids.audio]), costOf(pids.audio)]);
      const before = await costs();
      await sleep(seconds * 1_000);
      const after = await costs();
      const [brain = Number.NaN, audio = Number.NaN] = after.map((cost, at) => corePercent(before[at] ?? cost, cost));
      const [brainMb = Number.NaN, audioMb = Number.NaN] = after.map(({ memoryMb }) => memoryMb);
      return {
        name: "idle",
        measured: [
          { what: "listening, CPU of one core", value: brain + audio, unit: "%", budget: BUDGET.corePercent },
          { what: "  brain", value: brain, unit: "%", budget: null },
          { what: "  audio", value: audio, unit: "%", budget: null },
          { what: "listening, memory", value: brainMb + audioMb, unit: "MB", budget: BUDGET.memoryMb },
          { what: "  brain", value: brainMb, unit: "MB", budget: null },
          { what: "  audio", value: audioMb, unit: "MB", budget: null },
        ],
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
});
