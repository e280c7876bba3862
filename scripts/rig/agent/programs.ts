import { execFile } from "node:child_process";
import { join } from "node:path";
import * as v from "valibot";
import { Finding } from "#device/doctor/finding.ts";
import { leanNode } from "#device/lean-node.ts";
import { LAUNCHER, NODE } from "#device/update/manifest.ts";
import type { AgentConfig } from "./requests.ts";

export type Program = Readonly<{ program: string; words: readonly string[] }>;
/** What an agent runs of a unit. */
export type Programs = Readonly<{ unit: Program; doctor: Program }>;
type Told = Pick<AgentConfig, "unit" | "data">;

const CHECKOUT = new URL("../../../", import.meta.url).pathname;
const CLI = "device/control/cli.ts";
/** An emulated machine is slow. */
const EXAMINED_WITHIN_MS = 300_000;
const Findings = v.array(v.pipe(v.string(), v.parseJson(), Finding));

/** The checkout that the agent itself is part of. */
export function ofCheckout({ unit, data }: Told): Programs {
  const { execArgv } = leanNode("brain", data);
  const program = process.execPath;
  return {
    unit: { program, words: [...execArgv, join(CHECKOUT, "device/main.ts"), "--config", unit] },
    doctor: { program, words: doctorOf(CHECKOUT, unit) },
  };
}

/** A unit's firmware folder: its launcher, as a service starts it, and what else is in the slot that it starts. */
export function ofSlot({ unit }: Told, firmware: string): Programs {
  const current = join(firmware, "current");
  const program = join(current, NODE);
  return {
    unit: { program, words: [join(current, LAUNCHER), "--root", firmware, "--", "--config", unit] },
    doctor: { program, words: doctorOf(join(current, "app"), unit) },
  };
}

/** What `porter doctor` finds. Throws where it says nothing that could be read. */
export function examine({ program, words }: Program): Promise<Finding[]> {
  return new Promise((resolve, reject) => {
    execFile(program, words, { timeout: EXAMINED_WITHIN_MS }, (error, stdout, stderr) => {
      const parsed = v.safeParse(
        Findings,
        stdout.split("\n").filter((line) => line !== ""),
      );
      // It ends with 1 where something is wrong, and says what.
      if (parsed.success && parsed.output.length > 0) return resolve(parsed.output);
      reject(new Error(`porter doctor said nothing: ${stderr.trim().slice(-500) || error?.message || "no word"}`));
    });
  });
}

function doctorOf(app: string, config: string): string[] {
  return [join(app, CLI), "--config", config, "doctor", "--json"];
}
