import { dirname, resolve } from "node:path";
import * as v from "valibot";
import { AudioConfig } from "#audio/protocol.ts";
import { describeIssue, readJsonFile } from "#base/json-file.ts";
import { type Board, readBoard } from "#hal/board-file.ts";
import { folderOf, OwnerName } from "./household.ts";
import { readSettings } from "./smp/settings.ts";
import type { Provision } from "./smp/unit-messages.ts";

const NonEmpty = v.pipe(v.string(), v.trim(), v.nonEmpty("must not be empty"), v.maxLength(4_096));

/** An address of one of these protocols. */
function Address(example: string, ...protocols: string[]) {
  return v.pipe(
    v.string(),
    v.check(
      (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol),
      `must be an address such as ${example}`,
    ),
  );
}

const MAX_HOUSEHOLD = 7;

/** What one unit is told at start. Everything that the owner decides stands in the book instead. */
const Settings = v.strictObject({
  /** The unit's own folder: keys, book, sockets. A relative path starts at the file's folder. */
  data: NonEmpty,
  hub: v.strictObject({
    /** What the unit makes its tokens out to: said here, never believed from the hub. */
    name: NonEmpty,
    mqttUrl: Address("mqtts://hub.example:8883", "mqtt:", "mqtts:"),
    httpUrl: Address("https://hub.example", "http:", "https:"),
  }),
  /** Shown to the hub once, when the unit enrols. */
  invitation: v.optional(NonEmpty),
  /** What the unit calls the first owner, to tell calls apart; needed where there are others. */
  owner: v.optional(OwnerName),
  /** The owners beside the first, each with an account, a book and a folder of their own. */
  household: v.optional(
    v.pipe(
      v.array(v.strictObject({ name: OwnerName, invitation: v.optional(NonEmpty) })),
      v.maxLength(MAX_HOUSEHOLD, `at most ${MAX_HOUSEHOLD} owners beside the first`),
    ),
    [],
  ),
  /** What the unit calls itself in its log and status; never sent to anyone. */
  name: v.optional(v.pipe(v.string(), v.trim(), v.nonEmpty("must not be empty"), v.maxLength(64))),
  board: v.optional(v.picklist(["sim", "linux", "mcu"]), "sim"),
  /** What is wired to what on a real board (hal/board-file.ts). A relative path starts at the file's folder. */
  boardFile: v.optional(NonEmpty),
  /** A sound card that the unit picks by itself, unless told otherwise. */
  audio: v.optional(AudioConfig, {}),
  /** The zone by which hours are read in a book that begins; the system's, unless told otherwise. */
  timeZone: v.optional(NonEmpty),
  /** The line by which installers flash, provision and check the unit (`porter-install`); without it there is none. */
  serial: v.optional(
    v.strictObject({
      /** A device, or `unix:PATH`. */
      port: NonEmpty,
      baudRate: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1_200), v.maxValue(4_000_000)), 115_200),
    }),
  ),
  /** For emulated machines: so many times longer may it take to start, and the audio process before it counts as hung. */
  patience: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(20)), 1),
  /** How long the caller's own unit rings back before it says that nobody answered, in milliseconds. */
  ringBackMs: v.optional(v.pipe(v.number(), v.finite(), v.minValue(1_000), v.maxValue(300_000)), 45_000),
  /** The country (ISO 3166-1 alpha-2) whose writing of numbers is meant where no country code stands. */
  region: v.optional(v.pipe(v.string(), v.regex(/^[A-Z]{2}$/, "must be two capital letters, such as GB")), "GB"),
});
const Config = v.pipe(
  Settings,
  v.forward(
    v.check(
      ({ owner, household }) => household.length === 0 || owner !== undefined,
      "is missing: where there are other owners, the first has a name, too",
    ),
    ["owner"],
  ),
  v.forward(
    v.check(({ owner, household }) => {
      const folders = [owner ?? "", ...household.map(({ name }) => name)].map(folderOf);
      return new Set(folders).size === folders.length;
    }, "two owners have one name"),
    ["household"],
  ),
);
type Parsed = v.InferOutput<typeof Config>;
/** With paths made absolute, and what the board's file says in place of its name. */
export type Config = Omit<Parsed, "board" | "boardFile"> & Readonly<{ board: Board }>;

export type ConfigResult = Readonly<{ ok: true; config: Config } | { ok: false; faults: readonly string[] }>;

/**
 * Judges a config value and reads the board's file; on refusal every fault is named by the path of its key.
 * `folder` is where relative paths start.
 */
export function parseConfig(value: unknown, folder: string): ConfigResult {
  const parsed = v.safeParse(Config, value);
  if (!parsed.success) return { ok: false, faults: parsed.issues.map(describeIssue) };
  const { board: type, boardFile, ...rest } = parsed.output;
  const read = boardOf(type, boardFile, folder);
  if (!read.ok) return read;
  const { board } = read;
  const audio = namesCard(value) ? rest.audio : { ...rest.audio, ...ioOf(board) };
  return { ok: true, config: { ...rest, audio, board, data: resolve(folder, rest.data) } };
}

/** `isTold`: the file names the hub. Else `base` is whole but for what an installer says (`withTold`). */
export type BaseResult =
  | Readonly<{ ok: true; base: Config; isTold: boolean }>
  | Readonly<{ ok: false; faults: readonly string[] }>;

/** What stands where an installer has told nothing yet. */
const NOT_TOLD = { hub: { name: "none.invalid", mqttUrl: "mqtt://none.invalid", httpUrl: "http://none.invalid" } };

/** Reads the config from a JSON file. One that names a serial line may leave the hub to an installer. */
export function readBase(path: string): BaseResult {
  const read = readJsonFile(path);
  if (!read.ok) return { ok: false, faults: [read.fault] };
  const { value } = read;
  const isTold = typeof value !== "object" || value === null || !("serial" in value) || "hub" in value;
  const whole = parseConfig(isTold ? value : { ...NOT_TOLD, ...value }, dirname(resolve(path)));
  return whole.ok ? { ok: true, base: whole.config, isTold } : whole;
}

export function withTold(base: Config, { name, region, timeZone, hub, invitation }: Provision): Config {
  return { ...base, name, region, timeZone, hub, ...(invitation !== undefined && { invitation }) };
}

/** Reads the config from a JSON file, and what an installer told the unit, where the file leaves that to them. */
export function readConfig(path: string): ConfigResult {
  const read = readBase(path);
  if (!read.ok) return read;
  if (read.isTold) return { ok: true, config: read.base };
  const told = readSettings(read.base.data);
  switch (told.found) {
    case "settings":
      return { ok: true, config: withTold(read.base, told.settings.told) };
    case "none":
      return { ok: false, faults: ["hub: is missing, and no installer has provisioned this unit yet"] };
    case "damaged":
      return { ok: false, faults: [told.why] };
  }
}

type BoardRead = Readonly<{ ok: true; board: Board } | { ok: false; faults: readonly string[] }>;

function boardOf(type: Board["type"], boardFile: string | undefined, folder: string): BoardRead {
  if (type === "sim") {
    if (boardFile !== undefined) return { ok: false, faults: ['boardFile: the board "sim" has none'] };
    return { ok: true, board: { type } };
  }
  if (boardFile === undefined) return { ok: false, faults: [`boardFile: is missing: the board "${type}" needs one`] };
  const read = readBoard(type, resolve(folder, boardFile));
  return read.ok ? read : { ok: false, faults: read.faults.map((fault) => `${boardFile}: ${fault}`) };
}

/** The board's card is for configs that name none. */
function namesCard(value: unknown): boolean {
  return v.is(v.looseObject({ audio: v.looseObject({ io: v.looseObject({}) }) }), value);
}

function ioOf(board: Board): Partial<Parsed["audio"]> {
  return board.type === "sim" || board.sound === undefined ? {} : { io: { type: "alsa", ...board.sound } };
}
