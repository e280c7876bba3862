import { execFile } from "node:child_process";
import type { BoardSettings } from "./settings.ts";

const SWITCHED_WITHIN_MS = 30_000;

/** Runs the command of the rig's owner, where there is one; throws what it says where it fails. */
export function switchPower({ powerCommand }: Pick<BoardSettings, "powerCommand">, to: "on" | "off"): Promise<void> {
  if (powerCommand === undefined) return Promise.resolve();
  return new Promise((resolve, reject) => {
    execFile("/bin/sh", ["-c", `${powerCommand} ${to}`], { timeout: SWITCHED_WITHIN_MS }, (error, _, stderr) => {
      if (!error) return resolve();
      const why = error.killed ? `it took more than ${SWITCHED_WITHIN_MS / 1_000} s` : stderr.trim() || error.message;
      reject(new Error(`the power command failed ("${powerCommand} ${to}"): ${why}`));
    });
  });
}
