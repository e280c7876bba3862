import { parseArgs } from "node:util";
import { benchGate } from "./gate.ts";
import { type Bench, print } from "./report.ts";

const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = { gate: benchGate };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false } },
});
const run = BENCHES[positionals[0] ?? ""];
if (run === undefined || positionals.length !== 1) {
  console.error(`bench NAME [--json]\n\nMeasures, and prints the budget beside it: ${Object.keys(BENCHES).join(", ")}`);
  process.exitCode = 2;
} else {
  // A missed budget is told, not punished: the machine may have been busy.
  print(await run(), values.json);
}
