import { chmodSync, chownSync, realpathSync, statSync } from "node:fs";
import { Argument, type Command } from "commander";
import * as v from "valibot";
import { AudioConfig } from "#audio/protocol.ts";
import { WAKE_WORDS } from "#audio/wake-word.ts";
import { readJsonFile } from "#base/json-file.ts";
import { type Config, readBase } from "../config.ts";
import { prepareFile } from "../store/durable-file.ts";
import { forgetTaught, readTaught, taughtWords } from "../store/taught-words.ts";
import { addTeachCommand, readWord } from "./cli-teach.ts";
import { EXIT, Failure, print, type Unit, withExamples } from "./cli-unit.ts";
import { reasonOf } from "./files.ts";

const { wakeSensitivity } = AudioConfig.entries;
type Trained = (typeof WAKE_WORDS)[number];
/** Null takes a setting out. */
type Changes = Readonly<Record<string, string | null>>;

/** What the unit is called, and how easily it is woken. All of it stands in files: no unit need run. */
export function addWakeCommands(program: Command, unit: Unit): void {
  const wake = program
    .command("wake")
    .description("say what the unit is called, and how easily it is woken; holds from its next start")
    .action(() => list(read(program)));
  withExamples(
    wake
      .command("word")
      .argument("[word]", `what it is to be called: ${WAKE_WORDS.join(", ")}, or a word that it was taught`)
      .description("what the unit is called"),
    "porter wake word",
    "porter wake word jarvis",
  ).action((word?: string) => tellOrSetWord(program, word));
  withExamples(
    wake
      .command("sensitivity")
      .addArgument(new Argument("[level]", "how easily").choices(wakeSensitivity.wrapped.options))
      .description("how easily it is woken: high hears more in noise, and more that was not meant"),
    "porter wake sensitivity",
    "porter wake sensitivity high",
  ).action((level?: string) => tellOrSetSensitivity(program, level));
  addTeachCommand(wake, program, unit);
  withExamples(
    wake.command("forget").argument("<word>", "one that it was taught", readWord).description("forget a taught word"),
    "porter wake forget marmalade",
  ).action((word: string) => forget(program, word));
}

type Wake = Readonly<{ path: string; data: string; audio: Config["audio"] }>;

function read(program: Command): Wake {
  const { config: path } = program.opts<{ config?: string }>();
  if (path === undefined) throw new Failure(EXIT.usage, "which unit? Say --config FILE, or set PORTER_CONFIG");
  const found = readBase(path);
  if (found.ok) return { path, data: found.base.data, audio: found.base.audio };
  throw new Failure(EXIT.usage, ["the config is not valid:", ...found.faults.map((fault) => `  ${fault}`)].join("\n"));
}

/** Every word, the chosen one marked, and what is wrong with one. */
function list({ data, audio }: Wake): void {
  const chosen = audio.taughtWord ?? audio.wakeWord;
  for (const word of WAKE_WORDS) print(`${word === chosen ? "*" : " "} ${word}`);
  for (const word of taughtWords(data)) {
    const found = readTaught(data, word);
    const says = found.ok
      ? `taught on ${new Date(found.taught.atMs).toISOString().slice(0, 10)} from ${found.taught.recordings} recordings`
      : found.fault;
    print(`${word === chosen ? "*" : " "} ${word}: ${says}`);
  }
  if (chosen === false) print("No wake word is listened for.");
  const { taughtWord, wakeWord } = audio;
  if (taughtWord === undefined || readTaught(data, taughtWord).ok) return;
  const instead = wakeWord === false ? "nothing" : `"${wakeWord}"`;
  print(`"${taughtWord}" is chosen and cannot be used: ${instead} is listened for in its place.`);
}

function tellOrSetWord(program: Command, wanted: string | undefined): void {
  const { path, data, audio } = read(program);
  const present = audio.taughtWord ?? audio.wakeWord;
  if (wanted === undefined) {
    print(present === false ? "none: no wake word is listened for" : present);
    return;
  }
  if (wanted === present) {
    print(`It was "${wanted}" already.`);
    return;
  }
  if (isTrained(wanted)) change(path, { wakeWord: wanted, taughtWord: null });
  else {
    const words = taughtWords(data);
    if (!words.includes(wanted))
      throw new Failure(
        EXIT.usage,
        `it can be called ${[...WAKE_WORDS, ...words].join(", ")}; "porter wake teach" teaches it a word of your own`,
      );
    const found = readTaught(data, wanted);
    if (!found.ok) throw new Failure(EXIT.refused, found.fault);
    change(path, { ...(audio.wakeWord === false && { wakeWord: "computer" }), taughtWord: wanted });
  }
  print(`It is "${wanted}" from the unit's next start on.`);
}

function isTrained(word: string): word is Trained {
  return v.is(v.picklist(WAKE_WORDS), word);
}

function tellOrSetSensitivity(program: Command, wanted: string | undefined): void {
  const { path, audio } = read(program);
  const { wakeSensitivity: present } = audio;
  if (wanted === undefined) print(present);
  else if (wanted === present) print(`It was "${present}" already.`);
  else {
    change(path, { wakeSensitivity: wanted });
    print(`It is "${wanted}" from the unit's next start on.`);
  }
}

function forget(program: Command, word: string): void {
  const { path, data, audio } = read(program);
  // First: a config that names a word which is gone is a fault.
  const wasChosen = audio.taughtWord === word;
  if (wasChosen) change(path, { taughtWord: null });
  let wasThere: boolean;
  try {
    wasThere = forgetTaught(data, word);
  } catch (error) {
    throw new Failure(EXIT.refused, `it cannot be deleted: ${reasonOf(error)}`);
  }
  if (!wasThere && !wasChosen) throw new Failure(EXIT.refused, `the unit was not taught "${word}"`);
  print(`"${word}" is forgotten.`);
  if (wasChosen) print(`It is "${String(audio.wakeWord)}" from the unit's next start on.`);
}

/** The file keeps its owner, its mode and all else that stands in it. */
function change(path: string, changes: Changes): void {
  const found = readJsonFile(path);
  if (!found.ok) throw new Failure(EXIT.refused, found.fault);
  const { audio, ...rest } = v.parse(v.looseObject({ audio: v.optional(v.looseObject({}), {}) }), found.value);
  const changed = Object.entries({ ...audio, ...changes }).filter(([, value]) => value !== null);
  const text = JSON.stringify({ ...rest, audio: Object.fromEntries(changed) }, null, 2);
  try {
    const file = realpathSync(path);
    const { uid, gid, mode } = statSync(file);
    const commit = prepareFile(file, Buffer.from(`${text}\n`));
    chmodSync(`${file}.new`, mode);
    chownSync(`${file}.new`, uid, gid);
    commit();
  } catch (error) {
    throw new Failure(EXIT.refused, `the config cannot be written: ${reasonOf(error)}`);
  }
}
