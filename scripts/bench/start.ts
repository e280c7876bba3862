import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HubProcess } from "#scripts/stage/hub-process.ts";
import { UnitProcess } from "#scripts/stage/unit-process.ts";
import { entry, natural } from "./entry.ts";
import { percentile } from "./report.ts";

const BUDGET_MS = 1_500;

export const start = entry({
  summary: "from the start of a unit's first process until it listens, again and again on the same data",
  options: { runs: { value: "N", help: "starts (9), after one that makes the data", schema: natural(1, 200, 9) } },
  run: async ({ runs }) => {
    const folder = await mkdtemp(join(tmpdir(), "porter-bench-start-"));
    try {
      await using hub = await HubProcess.start(join(folder, "hub"));
      const firstMs = performance.now();
      await using unit = await UnitProcess.start({
        name: "Ana",
        folder: join(folder, "unit"),
        hubName: hub.address.name,
        wires: hub.ports,
        invitation: await hub.invite(1),
      });
      const first = performance.now() - firstMs;
      await unit.connected();
      const tookMs = new Float64Array(runs);
      for (let run = 0; run < runs; run += 1) {
        await unit.stop();
        const fromMs = performance.now();
        await unit.start();
        tookMs[run] = performance.now() - fromMs;
      }
      return {
        name: "start",
        measured: [
          { what: "start → listening, median", value: percentile(tookMs, 50), unit: "ms", budget: BUDGET_MS },
          { what: "start → listening, most", value: Math.max(...tookMs), unit: "ms", budget: null },
          { what: "the first start, which makes keys and book", value: first, unit: "ms", budget: null },
        ],
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
});
