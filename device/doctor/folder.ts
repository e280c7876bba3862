import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AudioConfig } from "#audio/protocol.ts";
import { confinement } from "../confine/confinement.ts";
import { exposure, type Keystore, openKeystore } from "../keys/keystore.ts";
import { COPY, DATABASE } from "../store/book-open.ts";
import { openDbToRead } from "../store/db.ts";
import { MIGRATIONS } from "../store/schema.ts";
import { readTaught } from "../store/taught-words.ts";
import { doubtful, type Finding, fine, textOf, wrong } from "./finding.ts";

const CAT = "/bin/cat";
const PRIVATE = { folder: 0o700, keys: 0o600 } as const;

/** The unit's folder and what lies in it. `keystore` null: there is none yet, or none that can be read. */
export async function examineFolder(
  data: string,
  nowMs: number,
): Promise<Readonly<{ findings: Finding[]; keystore: Keystore | null }>> {
  if (!existsSync(data)) {
    const next = "start the unit: it makes its folder and its keys by itself";
    return { findings: [doubtful("folder", `${data} is not there yet`, next)], keystore: null };
  }
  const keys = join(data, "keys");
  const exposed = await exposureOf(data, keys);
  if (exposed !== null) return { findings: [exposed], keystore: null };
  const isPrivate = fine("folder", `${data} is the unit's alone`);
  if (!existsSync(keys)) {
    const next = "start the unit: it makes its keys by itself";
    return { findings: [isPrivate, doubtful("keys", "there are none yet", next)], keystore: null };
  }
  const opened = await openKeystore({ folder: data, nowMs });
  if (!opened.ok) {
    const next = "put the whole folder back from a copy, or begin anew with a factory reset";
    return { findings: [isPrivate, wrong("keys", opened.message, next)], keystore: null };
  }
  return { findings: [isPrivate, fine("keys", `of account ${opened.keystore.account}`)], keystore: opened.keystore };
}

async function exposureOf(data: string, keys: string): Promise<Finding | null> {
  const places = [[data, PRIVATE.folder] as const, ...(existsSync(keys) ? [[keys, PRIVATE.keys] as const] : [])];
  for (const [path, mode] of places) {
    const says = await exposure(path, mode).catch(textOf);
    if (says === "") continue;
    const next = /belongs to another/.test(says)
      ? "run this as the user whom the unit runs as; if it is the unit that is refused: chown it to that user"
      : `chmod ${mode.toString(8)} ${path}; who could look into it may have copied the keys: consider a factory reset`;
    return wrong("folder", says, next);
  }
  return null;
}

/** The book of a unit that does not run, from a copy in memory: nothing in the folder is touched. */
export function examineBook(data: string, keystore: Keystore): Finding[] {
  const path = join(data, DATABASE);
  if (!existsSync(path)) {
    return [doubtful("book", "there is no database yet", "start the unit: it makes one")];
  }
  const key = keystore.databaseKey();
  const opened = openDbToRead({ path, key });
  key.fill(0);
  if (opened.ok) {
    opened.db.close();
    return [fine("book", `the database can be read; this firmware writes version ${MIGRATIONS.length}`)];
  }
  if (opened.reason === "too-new") {
    const next = "install the newer firmware again: this one cannot read its data";
    return [wrong("book", `the database was written by newer firmware: ${opened.detail}`, next)];
  }
  const next = existsSync(join(data, COPY))
    ? "start the unit: it takes people and blocks from its copy, and says so"
    : "put the whole folder back from a copy, or begin anew with a factory reset";
  return [wrong("book", `the database cannot be read (${opened.reason}): ${opened.detail}`, next)];
}

/** The word that the owner taught it, where that is the one to listen for. */
export function examineTaughtWord(data: string, { taughtWord, wakeWord }: AudioConfig): Finding[] {
  if (taughtWord === undefined) return [];
  const read = readTaught(data, taughtWord);
  if (read.ok) return [fine("wake word", `"${taughtWord}", which it was taught`)];
  return [doubtful("wake word", `${read.fault}; until then it is "${String(wakeWord)}"`, "porter wake lists them")];
}

/** Starts a program with the audio process's rights that tries to read the keys. */
export function examineConfinement(data: string, config: AudioConfig): Finding {
  const what = "confinement";
  const isSimulated = config.io.type === "room" && config.confined !== true;
  if (isSimulated) return fine(what, "none: the room is simulated, for rigs");
  const [starter, ...words] = confinement({ config, data, env: process.env, program: CAT });
  const next = "use a kernel from 5.13 on with Landlock, and install util-linux and perl-base";
  if (starter === undefined) return doubtful(what, "the audio process has all rights of the brain", next);
  try {
    execFileSync(starter, [...words, CAT, join(data, "keys")], { stdio: ["ignore", "ignore", "ignore"] });
    return doubtful(what, "the audio process could read the unit's keys", next);
  } catch {
    return fine(what, "the audio process cannot read the unit's keys");
  }
}
