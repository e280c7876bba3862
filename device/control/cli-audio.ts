import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Command, InvalidArgumentError } from "commander";
import * as v from "valibot";
import { AudioConfig, CHECK_EXIT, type SoundCheck, SoundConfig } from "#audio/protocol.ts";
import { DeviceError } from "../errors.ts";
import { configOf, EXIT, Failure, withExamples } from "./cli-unit.ts";
import { ControlClient } from "./client.ts";

type Options = { json?: boolean; io?: string; capture?: string; playback?: string; channel?: number; seconds?: number };

/** For installers, before there is a unit: whether sound works. No command of these asks a running unit. */
export function addAudioCommands(program: Command): void {
  const audio = program
    .command("audio")
    .description("find out whether sound works; needs no running unit, and takes the card that one would take");
  withExamples(
    audio
      .command("list")
      .option("--json", "as JSON")
      .description("the sound cards, what they can do, and which one Porter would take"),
    "porter audio list",
  ).action((options: Options) => check(program, { do: "list", json: options.json === true }));
  withExamples(
    withDevice(audio.command("test")).description("play three tones, and say whether the microphone heard them"),
    "porter audio test",
    "porter audio test --config ana.json",
    "porter audio test --capture hw:1 --playback hw:1",
    "porter audio test --capture hw:CARD=Array --channel 2",
  ).action((options: Options) =>
    check(program, { do: "test", io: soundOf(program, options), json: options.json === true }),
  );
  withExamples(
    withDevice(audio.command("level"))
      .option("--seconds <count>", "end after so many", readSeconds)
      .description("show how loud the microphone is, ten times a second, until Ctrl-C"),
    "porter audio level",
    "porter audio level --seconds 10 --json",
  ).action((options: Options) =>
    check(program, {
      do: "level",
      io: soundOf(program, options),
      json: options.json === true,
      seconds: options.seconds ?? null,
    }),
  );
}

function withDevice(command: Command): Command {
  return command
    .option("--io <type>", '"alsa", "portable" or "room", in place of what the config says')
    .option("--capture <pcm>", 'the microphone, as "porter audio list" names it')
    .option("--playback <pcm>", "the loudspeaker")
    .option("--channel <number>", "which microphone of an array, from 0", Number)
    .option("--json", "as JSON");
}

/** What the config says, but for what was said here. */
function soundOf(program: Command, { io, capture, playback, channel }: Options): SoundConfig {
  const { config: path } = program.opts<{ config?: string }>();
  const usual = path === undefined ? v.parse(AudioConfig, {}).io : configOf(program).config.audio.io;
  const named = {
    ...(capture && { capture }),
    ...(playback && { playback }),
    ...(channel !== undefined && { channel }),
  };
  const type = io ?? (Object.keys(named).length > 0 ? "alsa" : usual.type);
  const base = usual.type === type ? usual : { type };
  const parsed = v.safeParse(SoundConfig, { ...base, ...named });
  if (parsed.success) return parsed.output;
  throw new Failure(EXIT.usage, `that names no sound device: ${v.summarize(parsed.issues)}`);
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds > 0 && seconds <= 86_400) return seconds;
  throw new InvalidArgumentError("It is a number of seconds, up to 86400.");
}

/** Sound has a process of its own, as it has in a unit. */
async function check(program: Command, asked: SoundCheck): Promise<void> {
  const main = fileURLToPath(new URL("../../audio/check/main.ts", import.meta.url));
  const child = spawn(process.execPath, [main, JSON.stringify(asked)], { stdio: "inherit" });
  // Ctrl-C reaches the child too, and ends it; this one says how it ended.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.on("error", reject);
  child.on("exit", (code, signal) => {
    const isEnded = signal === "SIGINT" && asked.do === "level";
    resolve(isEnded ? 0 : (code ?? 128 + constants.signals[signal ?? "SIGTERM"]));
  });
  process.exitCode = await promise;
  if (process.exitCode !== CHECK_EXIT.busy) return;
  process.exitCode = EXIT.refused;
  if (await isUnitRunning(program)) process.stderr.write("porter: this unit itself has it: stop the unit first.\n");
  else process.stderr.write("porter: if a unit runs here, it has it: stop the unit first.\n");
}

async function isUnitRunning(program: Command): Promise<boolean> {
  const { config: path } = program.opts<{ config?: string }>();
  if (path === undefined) return false;
  try {
    const client = await ControlClient.connect(join(configOf(program).config.data, "control.sock"));
    await client[Symbol.asyncDispose]();
    return true;
  } catch (error) {
    if (error instanceof DeviceError) return false;
    throw error;
  }
}
