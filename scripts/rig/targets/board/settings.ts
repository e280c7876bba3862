import * as v from "valibot";
import { describeIssue, readJsonFile } from "#base/json-file.ts";

const Text = v.pipe(v.string(), v.trim(), v.nonEmpty("must not be empty"), v.maxLength(4_096));
const Whole = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));

/** How a real unit is wired to the rig: a JSON file, or the options of the same names. */
const BoardSettings = v.strictObject({
  /** The unit's serial line: a device, or `unix:PATH`. */
  port: Text,
  baudRate: v.optional(Whole(1_200, 4_000_000), 115_200),
  /** Of the rig's sound card, by ALSA: what leads to the unit's microphone, and what comes from its loudspeaker. */
  play: v.optional(Text),
  record: v.optional(Text),
  /** The loudest, in dBFS, that the recording is while the unit plays nothing: an analog loop hums. */
  quietDbfs: v.optional(v.pipe(v.number(), v.minValue(-120), v.maxValue(-46)), -60),
  /** Run by sh, with `on` or `off` after it; has switched the unit's supply when it ends with 0. */
  powerCommand: v.optional(Text),
  /** Where the unit finds this machine: hub and relay listen there while a scenario is played. */
  address: v.optional(v.pipe(v.string(), v.ip("must be an IP address of this machine")), "127.0.0.1"),
  /** How long it takes at most from its supply, or a restart, to listening. */
  startsWithinMs: v.optional(Whole(1_000, 600_000), 60_000),
});
export type BoardSettings = v.InferOutput<typeof BoardSettings>;

export type BoardSettingsResult = Readonly<
  { ok: true; settings: BoardSettings } | { ok: false; faults: readonly string[] }
>;

/** What stands in the file, and over it what was said on the command line. */
export function readBoardSettings(
  file: string | undefined,
  said: Readonly<Record<string, string | number | undefined>>,
): BoardSettingsResult {
  const given = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  const read = file === undefined ? ({ ok: true, value: {} } as const) : readJsonFile(file);
  if (!read.ok) return { ok: false, faults: [read.fault] };
  const { value } = read;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { ok: false, faults: [`${file}: must hold one object`] };
  }
  const parsed = v.safeParse(BoardSettings, { ...value, ...given });
  if (!parsed.success)
    return { ok: false, faults: parsed.issues.map((issue) => `the board's ${describeIssue(issue)}`) };
  return { ok: true, settings: parsed.output };
}
