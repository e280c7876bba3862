import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { prepareFile } from "../store/durable-file.ts";
import { Provision } from "./unit-messages.ts";

/** What an installer told the unit, in its data folder, and whether the unit is the owner's since. */
const Settings = v.strictObject({ v: v.literal(1), handedOver: v.boolean(), told: Provision });
export type Settings = v.InferOutput<typeof Settings>;

export type SettingsResult =
  | Readonly<{ found: "settings"; settings: Settings }>
  | Readonly<{ found: "none" }>
  /** Nobody can say any more whose the unit is: it counts as handed over. */
  | Readonly<{ found: "damaged"; why: string }>;

const FILE = "settings.json";

export function readSettings(folder: string): SettingsResult {
  const path = join(folder, FILE);
  try {
    const parsed = v.safeParse(Settings, JSON.parse(readFileSync(path, "utf8")));
    if (parsed.success) return { found: "settings", settings: parsed.output };
    return { found: "damaged", why: `${path} is damaged: ${v.summarize(parsed.issues)}` };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return { found: "none" };
    return {
      found: "damaged",
      why: `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

/** Durable when it returns; throws where the disk refuses. */
export function writeSettings(folder: string, settings: Settings): void {
  prepareFile(join(folder, FILE), Buffer.from(`${JSON.stringify(settings, null, 2)}\n`))();
}
