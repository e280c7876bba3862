import * as v from "valibot";
import { systemClock as clock } from "#base/clock.ts";
import { AudioError } from "../audio-error.ts";
import { chooseDevices } from "../io/choose.ts";
import type { SoundDevice } from "../io/io.ts";
import { openSound } from "../io/open.ts";
import { CHECK_EXIT, SoundCheck, type SoundConfig } from "../protocol.ts";
import { judge } from "./judge.ts";
import { listSound, showList } from "./list.ts";
import type { Reading } from "./meter.ts";
import { playSweeps, watchLevel } from "./try.ts";

/** Whether sound works, without a unit: started by `porter audio` with a SoundCheck (JSON) as its only argument. */

/** The meter's bar goes from here to full scale, a character for each 2 dB. */
const BAR_FROM_DBFS = -70;
const BAR_DB = 2;

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function list(json: boolean): Promise<number> {
  const listed = await listSound(clock);
  print(json ? JSON.stringify(listed) : showList(listed));
  return listed.chosen === null ? CHECK_EXIT.failed : 0;
}

async function test(io: SoundConfig, json: boolean): Promise<number> {
  await using device = await openNamed(io, json);
  if (!json) print("Three rising tones, for seven seconds. Be quiet, please.");
  const isTerminal = process.stdout.isTTY && !json;
  const heard = await playSweeps(device, (share) => {
    if (isTerminal) process.stdout.write(`\r[${"#".repeat(Math.round(share * 30)).padEnd(30, ".")}]`);
  });
  if (isTerminal) process.stdout.write("\r\u001b[K");
  const verdict = judge(heard);
  if (json) print(JSON.stringify({ ...heard, ...verdict }));
  else {
    print(verdict.says);
    if (verdict.next !== null) print(verdict.next);
    print(
      [
        `tones heard: ${heard.sweeps} of 3`,
        ...(heard.delayMs === null ? [] : [`delay ${heard.delayMs.toFixed(0)} ms`]),
        ...(heard.levelDbfs === null ? [] : [`level ${heard.levelDbfs.toFixed(0)} dBFS`]),
        `noise ${heard.noiseDbfs.toFixed(0)} dBFS`,
        `peak ${heard.peakDbfs.toFixed(0)} dBFS`,
      ].join("; "),
    );
  }
  return verdict.verdict === "fine" ? 0 : CHECK_EXIT.failed;
}

async function level(io: SoundConfig, json: boolean, seconds: number | null): Promise<number> {
  await using device = await openNamed(io, json);
  const isTerminal = process.stdout.isTTY && !json;
  let readings = 0;
  await watchLevel(device, {
    clock,
    seconds,
    onReading: (reading) => {
      readings += 1;
      if (json) print(JSON.stringify({ atMs: clock.nowMs(), ...reading }));
      else if (isTerminal) process.stdout.write(`\r${showReading(reading)}\u001b[K`);
      else if (readings % 10 === 0) print(showReading(reading));
    },
  });
  if (isTerminal) print("");
  return 0;
}

function showReading({ levelDbfs, holdDbfs, clipped, silent }: Reading): string {
  const width = -BAR_FROM_DBFS / BAR_DB;
  const place = (dbfs: number) => Math.min(width, Math.max(0, Math.round((dbfs - BAR_FROM_DBFS) / BAR_DB)));
  const filled = "#".repeat(place(levelDbfs)).padEnd(width + 1, " ");
  const bar = `${filled.slice(0, place(holdDbfs))}|${filled.slice(place(holdDbfs) + 1)}`;
  const notes = [
    ...(clipped ? ["CLIPPED: lower the capture volume"] : []),
    ...(silent ? ["NOTHING BUT ZEROS: mute switch, wrong channel?"] : []),
  ];
  return [`[${bar}]`, `${levelDbfs.toFixed(0)} dBFS, peak ${holdDbfs.toFixed(0)}`, ...notes].join("  ");
}

/** Says what is tried before it is: what hangs or fails then has a name. */
async function openNamed(io: SoundConfig, json: boolean): Promise<SoundDevice> {
  if (!json && io.type === "alsa") {
    const { capture, playback, why } = await chooseDevices({ ...io, clock });
    print(`microphone ${capture}, loudspeaker ${playback} (${why})`);
  }
  return openSound(io, clock);
}

async function run(): Promise<number> {
  const check = v.parse(SoundCheck, JSON.parse(process.argv[2] ?? ""));
  switch (check.do) {
    case "list":
      return list(check.json);
    case "test":
      return test(check.io, check.json);
    case "level":
      return level(check.io, check.json, check.seconds);
  }
}

function failWith(cause: unknown): number {
  if (!(cause instanceof AudioError)) throw cause;
  process.stderr.write(`porter: ${cause.message}\n`);
  return cause.code === "device-busy" ? CHECK_EXIT.busy : CHECK_EXIT.failed;
}

// What libraries still hold open by now is nobody's any more.
process.exit(await run().catch(failWith));
