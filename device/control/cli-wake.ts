import { chmodSync, chownSync, realpathSync, statSync } from "node:fs";
import { Argument, type Command } from "commander";
import * as v from "valibot";
import { AudioConfig } from "#audio/protocol.ts";
import { readJsonFile } from "#base/json-file.ts";
import { readBase } from "../config.ts";
import { prepareFile } from "../store/durable-file.ts";
import { EXIT, Failure, print, withExamples } from "./cli-unit.ts";

const { wakeWord, wakeSensitivity } = AudioConfig.entries;

type Setting = "wakeWord" | "wakeSensitivity";

/** What the unit is called, and how easily it is woken. Both stand in the config: no unit need run. */
export function addWakeCommands(program: Command): void {
  const wake = program
    .command("wake")
    .description("say what the unit is called, and how easily it is woken; holds from its next start");
  withExamples(
    wake
      .command("word")
      .addArgument(new Argument("[word]", "what it is to be called").choices(wakeWord.wrapped.options[0].options))
      .description("what the unit is called"),
    "porter wake word",
    "porter wake word jarvis",
  ).action((word?: string) => tellOrSet(program, "wakeWord", word));
  withExamples(
    wake
      .command("sensitivity")
      .addArgument(new Argument("[level]", "how easily").choices(wakeSensitivity.wrapped.options))
      .description("how easily it is woken: high hears more in noise, and more that was not meant"),
    "porter wake sensitivity",
    "porter wake sensitivity high",
  ).action((level?: string) => tellOrSet(program, "wakeSensitivity", level));
}

function tellOrSet(program: Command, setting: Setting, wanted: string | undefined): void {
  const { config: path } = program.opts<{ config?: string }>();
  if (path === undefined) throw new Failure(EXIT.usage, "which unit? Say --config FILE, or set PORTER_CONFIG");
  const read = readBase(path);
  if (!read.ok)
    throw new Failure(EXIT.usage, ["the config is not valid:", ...read.faults.map((fault) => `  ${fault}`)].join("\n"));
  const { [setting]: present } = read.base.audio;
  if (wanted === undefined) print(present === false ? "none: no wake word is listened for" : present);
  else if (wanted === present) print(`It was "${present}" already.`);
  else {
    replace(path, setting, wanted);
    print(`It is "${wanted}" from the unit's next start on.`);
  }
}

/** The file keeps its owner, its mode and all else that stands in it. */
function replace(path: string, setting: Setting, wanted: string): void {
  const read = readJsonFile(path);
  if (!read.ok) throw new Failure(EXIT.refused, read.fault);
  const { audio, ...rest } = v.parse(v.looseObject({ audio: v.optional(v.looseObject({}), {}) }), read.value);
  const text = JSON.stringify({ ...rest, audio: { ...audio, [setting]: wanted } }, null, 2);
  try {
    const file = realpathSync(path);
    const { uid, gid, mode } = statSync(file);
    const commit = prepareFile(file, Buffer.from(`${text}\n`));
    chmodSync(`${file}.new`, mode);
    chownSync(`${file}.new`, uid, gid);
    commit();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Failure(EXIT.refused, `the config cannot be written: ${why}`);
  }
}
