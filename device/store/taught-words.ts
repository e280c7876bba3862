import {
  chownSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import * as v from "valibot";
import { HeadText } from "#audio/protocol-teach.ts";
import { TaughtWord } from "#audio/wake-word.ts";
import { prepareFile, syncFolder } from "./durable-file.ts";

/** The words that an owner taught the unit lie in its folder: `wake/<word>.json`, a file each, its owner's alone. */

const FOLDER = "wake";
const ENDING = ".json";
const MAX_FILE_BYTES = 65_536;
const MAGIC = "PORTERWK";
const CRC_BYTES = 4;

/** Whole, as its writer left it (audio/engines/wake-head.ts); what stands in it the audio process judges. */
const Head = v.pipe(
  HeadText,
  v.check((text) => {
    const bytes = Buffer.from(text, "base64");
    const end = bytes.length - CRC_BYTES;
    const starts = bytes.toString("latin1", 0, MAGIC.length) === MAGIC;
    return starts && end > MAGIC.length && bytes.readUInt32LE(end) === crc32(bytes.subarray(0, end));
  }, "what was learned is damaged"),
);

const Taught = v.strictObject({
  version: v.literal(1),
  word: TaughtWord,
  atMs: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  /** From so many recordings. */
  recordings: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(99)),
  /** Of what it was tried with when it was taught. */
  heardPercent: v.pipe(v.number(), v.minValue(0), v.maxValue(100)),
  head: Head,
});
export type Taught = v.InferOutput<typeof Taught>;

export type TaughtResult = Readonly<{ ok: true; taught: Taught } | { ok: false; fault: string }>;

/** Nothing in the file is believed. `fault` says what to do. */
export function readTaught(data: string, word: string): TaughtResult {
  const path = pathOf(data, word);
  const refuse = (why: string): TaughtResult => ({
    ok: false,
    fault: `the taught word "${word}" cannot be used: ${why}; teach it anew: porter wake teach "${word}"`,
  });
  try {
    const folder = lstatSync(join(data, FOLDER));
    if (!folder.isDirectory()) return refuse(`${join(data, FOLDER)} is no folder`);
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const found = fstatSync(file);
      if (!found.isFile()) return refuse(`${path} is no file`);
      if (found.uid !== statSync(data).uid) return refuse(`${path} belongs to another user`);
      if ((found.mode & 0o077) !== 0) return refuse(`${path} could be read or changed by others`);
      if (found.size > MAX_FILE_BYTES) return refuse(`${path} is too large`);
      const parsed = v.safeParse(Taught, JSON.parse(readFileSync(file, "utf8")));
      if (!parsed.success) return refuse(`${path} is damaged (${v.summarize(parsed.issues).slice(0, 200)})`);
      if (parsed.output.word !== word) return refuse(`${path} is of another word`);
      return { ok: true, taught: parsed.output };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (isMissing(error)) return refuse("it was not taught");
    if (error instanceof SyntaxError) return refuse(`${path} is damaged`);
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

/** Each word that there is a file of, sound or not. */
export function taughtWords(data: string): string[] {
  let names: string[];
  try {
    names = readdirSync(join(data, FOLDER));
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith(ENDING))
    .map((name) => name.slice(0, -ENDING.length).replaceAll("-", " "))
    .filter((word) => v.is(TaughtWord, word))
    .toSorted();
}

/** Throws where the disk refuses, and what could not be read again. The unit's user gets it, whoever teaches. */
export function keepTaught(data: string, taught: Omit<Taught, "version">): void {
  const folder = join(data, FOLDER);
  const { uid, gid } = statSync(data);
  mkdirSync(folder, { mode: 0o700, recursive: true });
  chownSync(folder, uid, gid);
  const path = pathOf(data, taught.word);
  const commit = prepareFile(path, Buffer.from(JSON.stringify(v.parse(Taught, { version: 1, ...taught }))));
  chownSync(`${path}.new`, uid, gid);
  commit();
}

/** False where there was none. Throws where the disk refuses. */
export function forgetTaught(data: string, word: string): boolean {
  try {
    rmSync(pathOf(data, word));
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
  syncFolder(join(data, FOLDER));
  return true;
}

/** A word is letters and blanks: no other file can be named by it. */
function pathOf(data: string, word: string): string {
  return join(data, FOLDER, `${v.parse(TaughtWord, word).replaceAll(" ", "-")}${ENDING}`);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
