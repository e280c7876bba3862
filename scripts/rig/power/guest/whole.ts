import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { readBase } from "#device/config.ts";
import { ControlClient } from "#device/control/client.ts";
import { lookAtFirmware } from "./look.ts";
import { say } from "./say.ts";

/** The whole unit, as its own `main.ts` starts it; once it is up it is asked what it holds. */
const { values } = parseArgs({ options: { config: { type: "string", default: "" } } });
const read = readBase(values.config);
if (!read.ok) throw new Error(read.faults.join("; "));
const path = join(read.base.data, "control.sock");

async function ask(): Promise<void> {
  let client: ControlClient | null = null;
  while (!client) {
    await sleep(20);
    client = await ControlClient.connect(path).catch(() => null);
  }
  const [status, people, rules] = [
    await client.ask({ do: "status" }),
    await client.ask({ do: "person-list" }),
    await client.ask({ do: "rules" }),
  ];
  if (!status.ok) throw new Error("the unit does not say how it is");
  const counts = {
    people: people.ok ? people.answer.people.length : -1,
    // Those on people who were deleted are told, too, and are no blocks of the book.
    blocks: rules.ok ? rules.answer.blocks.filter(({ kind }) => kind !== "deleted").length : -1,
  };
  say({ say: "unit", ...counts, fault: status.answer.fault, firmware: lookAtFirmware() });
}

void ask().catch((error: unknown) => {
  say({ say: "trouble", text: error instanceof Error ? error.message : String(error) });
});
await import("#device/main.ts");
