import { existsSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { readJsonFile } from "#base/json-file.ts";
import type { Log } from "#base/log.ts";
import { prepareFile } from "./durable-file.ts";

const FILE = "untold.json";
const Untold = v.strictObject({ loosened: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) });

/** How often something was made less strict that the owner was not told of yet: who pulls the plug hides nothing. */
export type Untold = Readonly<{
  /** As it was left; one where the file is damaged. */
  loosened: number;
  /** Never throws; what the disk refuses is told until the next start. */
  keep: (loosened: number) => void;
}>;

/** In the owner's folder. */
export function openUntold(folder: string, log: Log): Untold {
  const path = join(folder, FILE);
  return {
    loosened: existsSync(path) ? readUntold(path) : 0,
    keep: (loosened) => {
      try {
        prepareFile(path, Buffer.from(JSON.stringify({ loosened })))();
      } catch (error) {
        log.warn({ error: String(error) }, "that something was made less strict is forgotten with the next start");
      }
    },
  };
}

function readUntold(path: string): number {
  const read = readJsonFile(path);
  const parsed = v.safeParse(Untold, read.ok ? read.value : null);
  return parsed.success ? parsed.output.loosened : 1;
}
