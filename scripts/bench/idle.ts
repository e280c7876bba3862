import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { HubProcess } from "#scripts/stage/hub-process.ts";
import { command, silent, type Wanted } from "#scripts/stage/person.ts";
import { UnitProcess } from "#scripts/stage/unit-process.ts";
import { Voices } from "#scripts/stage/voices.ts";
import { corePercent, costOf } from "./cost.ts";
import { entry, natural } from "./entry.ts";

/** What a new unit does once is over by then. */
const FIRST_MS = 25_000;
const BUDGET = { corePercent: 5, memoryMb: 300 } as const;

/** Said one after the other; after the last the recogniser stays loaded for a minute. */
const ORDERS = ["volume five", "any messages", "who called"] as const;
const LOOK_MS = 250;
/** What an utterance needed for itself is swept out by then. */
const SWEPT_MS = 5_000;

export const idle = entry({
  summary:
    "what a unit takes that is connected, listens for the wake word, and hears a quiet room; and its memory once spoken to",
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
      const spoken = await speakTo(unit, new Voices(join(folder, "voices")), async () => {
        const [brainNow, audioNow] = await costs();
        return brainNow.memoryMb + audioNow.memoryMb;
      });
      return {
        name: "idle",
        measured: [
          { what: "listening, CPU of one core", value: brain + audio, unit: "%", budget: BUDGET.corePercent },
          { what: "  brain", value: brain, unit: "%", budget: null },
          { what: "  audio", value: audio, unit: "%", budget: null },
          { what: "listening, memory", value: brainMb + audioMb, unit: "MB", budget: BUDGET.memoryMb },
          { what: "  brain", value: brainMb, unit: "MB", budget: null },
          { what: "  audio", value: audioMb, unit: "MB", budget: null },
          { what: "while spoken to, memory, most", value: spoken.mostMb, unit: "MB", budget: BUDGET.memoryMb },
          { what: "just spoken to, memory", value: spoken.afterMb, unit: "MB", budget: BUDGET.memoryMb },
        ],
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
});

/** Memory while orders are spoken and answered, the most of it, and a moment after the last. */
async function speakTo(
  unit: UnitProcess,
  voices: Voices,
  memoryMb: () => Promise<number>,
): Promise<Readonly<{ mostMb: number; afterMb: number }>> {
  let mostMb = 0;
  const over = new AbortController();
  const watching = (async () => {
    while (!over.signal.aborted) {
      mostMb = Math.max(mostMb, await memoryMb());
      await sleep(LOOK_MS);
    }
  })();
  const say = async (text: string) => {
    const file = await voices.say("rms", text);
    const fromMs = Date.now();
    await unit.ask({ do: "play", file });
    return { fromMs, toMs: Date.now() };
  };
  const isAnswered: Wanted = ({ event }) => event === "says";
  try {
    for (const order of ORDERS) {
      await command({ name: unit.name, unit, say }, order, isAnswered);
      await silent({ unit });
    }
  } finally {
    over.abort();
    await watching;
  }
  await sleep(SWEPT_MS);
  return { mostMb, afterMb: await memoryMb() };
}
