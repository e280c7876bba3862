#!/usr/bin/env node
import { flushCompileCache } from "node:module";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { leanNode } from "../lean-node.ts";
import { realDisk } from "./disk.ts";
import { MAIN, NODE } from "./manifest.ts";
import { ROOT_VARIABLE, SLOT_VARIABLE, Slots } from "./slots.ts";

const USAGE = `usage: node boot.ts --root FOLDER [--dry-run] [-- ARGUMENTS OF THE UNIT]

Starts the firmware of the slot that is confirmed, or the one on trial while it has tries left, in this process's place.
It is itself started from the confirmed slot: FOLDER/current/node FOLDER/current/app/device/update/boot.ts

  --root FOLDER  the unit's firmware folder
  --dry-run      says what it would start; counts nothing, starts nothing
`;

function main(): number {
  const { values, positionals } = parseArgs({
    options: { root: { type: "string" }, "dry-run": { type: "boolean" }, help: { type: "boolean", short: "h" } },
    allowPositionals: true,
  });
  if (values.help === true || values.root === undefined) {
    (values.help === true ? process.stdout : process.stderr).write(USAGE);
    return values.help === true ? 0 : 2;
  }
  const root = resolve(values.root);
  const slots = new Slots(realDisk, root);
  if (values["dry-run"] === true) return say(slots);
  const choice = slots.chooseStart();
  if (!choice) {
    process.stderr.write(
      `porter: nothing in ${root} can be started: put a bundle in with porter-bundle install --first\n`,
    );
    return 1;
  }
  const folder = slots.folderOf(choice.slot);
  if (choice.trial) process.stderr.write(`porter: slot ${choice.slot} is on trial\n`);
  const node = join(folder, NODE);
  const lean = leanNode("brain", "");
  const env = { ...process.env, ...lean.env, [ROOT_VARIABLE]: root, [SLOT_VARIABLE]: choice.slot };
  flushCompileCache();
  // The same process goes on as the unit: what started it (systemd) watches the unit itself.
  process.execve?.(node, [node, ...lean.execArgv, join(folder, MAIN), ...positionals], env);
  return 1;
}

function say(slots: Slots): number {
  const state = slots.state();
  process.stdout.write(`${JSON.stringify(state)}\n`);
  return state ? 0 : 1;
}

process.exitCode = main();
