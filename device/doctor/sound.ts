import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as v from "valibot";
import type { SoundCheck, SoundConfig } from "#audio/protocol.ts";
import { doubtful, type Finding, fine, textOf, wrong } from "./finding.ts";

const LIST = fileURLToPath(new URL("../../audio/check/main.ts", import.meta.url));
const PATIENCE_MS = 30_000;
const Listed = v.object({
  cards: v.array(v.object({ id: v.string() })),
  chosen: v.nullable(v.object({ capture: v.string(), playback: v.string() })),
  problem: v.nullable(v.string()),
});

/** Which card there is; looked for by a process of its own, as all sound is. */
export async function examineSound(io: SoundConfig, isRunning: boolean): Promise<Finding> {
  const what = "sound";
  if (io.type === "room") return doubtful(what, "the room is simulated", 'take "io" out of the config\'s "audio"');
  const asked: SoundCheck = { do: "list", json: true };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [LIST, JSON.stringify(asked)], {
      timeout: PATIENCE_MS,
      killSignal: "SIGKILL",
    });
    const { cards, chosen, problem } = v.parse(v.pipe(v.string(), v.parseJson(), Listed), stdout);
    if (isRunning && cards.length > 0) return fine(what, `${cards.map(({ id }) => id).join(", ")}; the unit has it`);
    if (io.type === "alsa" && io.capture !== undefined) return fine(what, `told to take ${io.capture}`);
    if (chosen !== null) return fine(what, `records from ${chosen.capture}, plays to ${chosen.playback}`);
    return wrong(what, problem ?? "there is no sound card", "plug one in; porter audio test says whether it works");
  } catch (error) {
    return wrong(what, `the cards cannot be listed: ${textOf(error)}`, "see what is said of packages above");
  }
}
