import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import * as v from "valibot";
import { AudioConfig } from "#audio/protocol.ts";
import { folderOf, OwnerName } from "./household.ts";

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
  board: v.optional(v.picklist(["sim"]), "sim"),
  /** A sound card that the unit picks by itself, unless told otherwise. */
  audio: v.optional(AudioConfig, {}),
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
export type Config = v.InferOutput<typeof Config>;

export type ConfigResult = Readonly<{ ok: true; config: Config } | { ok: false; faults: readonly string[] }>;

/** Judges a config value; on refusal every fault is named by the path of its key. `folder` is where `data` starts. */
export function parseConfig(value: unknown, folder: string): ConfigResult {
  const parsed = v.safeParse(Config, value);
  if (!parsed.success) return { ok: false, faults: parsed.issues.map(describeIssue) };
  return { ok: true, config: { ...parsed.output, data: resolve(folder, parsed.output.data) } };
}

/** Reads the config from a JSON file. */
export function readConfig(path: string): ConfigResult {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    return { ok: false, faults: [`${path} cannot be read: ${messageOf(error)}`] };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { ok: false, faults: [`${path} is not JSON: ${messageOf(error)}`] };
  }
  return parseConfig(value, dirname(resolve(path)));
}

function describeIssue(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue) ?? "the whole file";
  if (issue.type === "strict_object" && issue.expected === "never") return `${path}: no such setting`;
  if (issue.type === "strict_object" && issue.input === undefined) return `${path}: is missing`;
  return `${path}: ${issue.message}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
