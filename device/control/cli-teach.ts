import { join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import * as v from "valibot";
import { TAKES } from "#audio/protocol-teach.ts";
import { TaughtWord } from "#audio/wake-word.ts";
import { systemClock } from "#base/clock.ts";
import { readBase } from "../config.ts";
import { DeviceError } from "../errors.ts";
import { keepTaught } from "../store/taught-words.ts";
import { EXIT, Failure, print, type Unit, withExamples } from "./cli-unit.ts";
import { ControlClient } from "./client.ts";
import { reasonOf } from "./files.ts";
import { TeachProcess } from "./teach-process.ts";

/** What is said first, a tone, three seconds: the unit itself gives up before. */
const TAKE_WITHIN_MS = 20_000;
/** Recordings that were of no use, one after the other. */
const MOST_FAULTS = 4;

const HONEST =
  "Know what you get: it is learned from you alone, in a few recordings. It misses more and is taken for said more\n" +
  'often than "computer" and "jarvis", most of all in noise, and by voices other than yours; how often stands in\nscripts/bench/README.md.';

type Options = { from?: string[]; takes: number };

export function addTeachCommand(wake: Command, program: Command, unit: Unit): void {
  withExamples(
    wake
      .command("teach")
      .argument("<word>", "one to three words of plain letters, three syllables or more", readWord)
      .option("--from <files...>", `${TAKES.least} to ${TAKES.most} recordings in place of the unit's microphone`)
      .option("--takes <count>", `how often it is recorded, ${TAKES.least} to ${TAKES.most}`, readTakes, TAKES.usual)
      .description(
        "teach the unit a word of your own, from a few recordings: far less sure than the words that it knows",
      ),
    "porter wake teach marmalade",
    'porter wake teach "hello porter" --takes 8',
    "porter wake teach marmalade --from one.wav two.wav three.wav four.wav five.wav",
  ).action((word: string, options: Options) => teach(program, unit, word, options));
}

export function readWord(text: string): string {
  const parsed = v.safeParse(TaughtWord, text);
  if (!parsed.success) throw new InvalidArgumentError(`${parsed.issues[0].message}.`);
  return parsed.output;
}

async function teach(program: Command, unit: Unit, word: string, { from, takes }: Options): Promise<void> {
  const data = dataOf(program);
  if (from !== undefined && (from.length < TAKES.least || from.length > TAKES.most))
    throw new Failure(EXIT.usage, `a word is learned from ${TAKES.least} to ${TAKES.most} recordings`);
  // Learning takes a minute of CPU, which a call needs.
  const runs = from === undefined || (await isRunning(data));
  if (runs) await unit.ask({ do: "wake-rest" });
  using learner = new TeachProcess();
  print(HONEST);
  const count = from === undefined ? await record(unit, learner, takes) : await readAll(learner, from);
  print("Learning: a minute or so.");
  const learned = await learner.learn(word, showProgress());
  if (process.stdout.isTTY) process.stdout.write("\r\u001b[K");
  if (from === undefined) await unit.ask({ do: "wake-taught", taught: learned.type === "taught" });
  if (learned.type === "refused") throw new Failure(EXIT.refused, `it was not learned:\n${learned.why.join("\n")}`);
  const { head, heardPercent } = learned;
  try {
    keepTaught(data, { word, atMs: systemClock.nowMs(), recordings: count, heardPercent, head });
  } catch (error) {
    throw new Failure(EXIT.refused, `it was learned, but cannot be kept in ${data}: ${reasonOf(error)}`);
  }
  print(`"${word}" is learned: of your recordings in other surroundings, ${heardPercent} % were heard.`);
  print(`It is listened for once it is chosen: porter wake word "${word}"`);
}

/** Where the words lie. */
export function dataOf(program: Command): string {
  const { config: path } = program.opts<{ config?: string }>();
  if (path === undefined) throw new Failure(EXIT.usage, "which unit? Say --config FILE, or set PORTER_CONFIG");
  const read = readBase(path);
  if (read.ok) return read.base.data;
  throw new Failure(EXIT.usage, ["the config is not valid:", ...read.faults.map((fault) => `  ${fault}`)].join("\n"));
}

async function isRunning(data: string): Promise<boolean> {
  try {
    await using client = await ControlClient.connect(join(data, "control.sock"));
    return (await client.ask({ do: "status" })).ok;
  } catch (error) {
    if (error instanceof DeviceError) return false;
    throw error;
  }
}

async function record(unit: Unit, learner: TeachProcess, takes: number): Promise<number> {
  print(`Say the word ${takes} times, each after a tone: alone, as you will call the unit, from where you will.`);
  let say: "first" | "next" | "again" = "first";
  for (let [good, faults] = [0, 0]; good < takes; ) {
    print(`Recording ${good + 1} of ${takes} …`);
    const { sound } = await unit.ask({ do: "wake-take", say }, TAKE_WITHIN_MS);
    const fault = await learner.judge({ do: "hear", sound });
    if (fault === null) [good, faults, say] = [good + 1, 0, "next"];
    else {
      print(`  not used: ${fault}.`);
      [faults, say] = [faults + 1, "again"];
    }
    if (faults === MOST_FAULTS) throw new Failure(EXIT.refused, `${faults} recordings were of no use: ${fault}`);
  }
  return takes;
}

/** All of them are judged, so that whoever made them hears everything at once. */
async function readAll(learner: TeachProcess, files: readonly string[]): Promise<number> {
  const faults: string[] = [];
  for (const path of files) {
    const fault = await learner.judge({ do: "hear-file", path });
    if (fault !== null) faults.push(`${path}: ${fault}`);
  }
  if (faults.length > 0) throw new Failure(EXIT.refused, ["these recordings are of no use:", ...faults].join("\n"));
  return files.length;
}

function showProgress(): (share: number) => void {
  return (share) => {
    if (process.stdout.isTTY) process.stdout.write(`\r[${"#".repeat(Math.round(share * 30)).padEnd(30, ".")}]`);
  };
}

function readTakes(text: string): number {
  const takes = Number(text);
  if (Number.isInteger(takes) && takes >= TAKES.least && takes <= TAKES.most) return takes;
  throw new InvalidArgumentError(`It is a number from ${TAKES.least} to ${TAKES.most}.`);
}
