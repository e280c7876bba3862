import { existsSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { AudioConfig } from "#audio/protocol.ts";
import { callFilter } from "./call-filter.ts";

/** In util-linux and perl-base, which every Debian has. */
const SETPRIV = "/usr/bin/setpriv";
const PERL = "/usr/bin/perl";
const CONFINE = fileURLToPath(new URL("./confine.pl", import.meta.url));
const APP = fileURLToPath(new URL("../..", import.meta.url));

/** Programs, libraries, models, and what the kernel says of the machine. */
const READ = ["/usr", "/lib", "/lib64", "/bin", "/proc", "/sys", "/run/systemd/resolve"];
/** How names, clocks and sound are found. */
const READ_OF_ETC =
  "alsa asound.conf alternatives gai.conf group host.conf hosts ld.so.cache localtime machine-id nsswitch.conf passwd pulse resolv.conf ssl/openssl.cnf timezone";
const READ_OF_HOME = [".asoundrc", ".config/pulse", ".pulse-cookie"];
const DEVICES = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/snd", "/dev/shm"];
/** What the audio process imports (test/architecture.test.ts holds that it is no more). */
const PARTS_OF_APP = ["base", "audio", "package.json", "node_modules"];
/** Where a confined unit's rig keeps the sounds of its simulated room, in the unit's folder. */
const ROOM = "room";

export type Confined = Readonly<{
  config: Pick<AudioConfig, "io" | "confined" | "wakeHead">;
  /** The unit's folder: of all that lies in it the audio process gets nothing but its own compiled code. */
  data: string;
  env: Readonly<Record<string, string | undefined>>;
  /** The file that Node runs. */
  program: string;
}>;

/**
 * The words that start a program with the audio process's rights: `[...confinement(…), "--", PROGRAM, …]`, empty where
 * this machine cannot. It stays one process, is killed by the kernel with whoever starts it (prctl(2),
 * PR_SET_PDEATHSIG), and never gets a right back.
 *
 * It may run what is installed, read the app, models and the configuration of sound and names, open the sound card, and
 * talk UDP. It cannot open the keys, the book or anything else that is the user's, nor a TCP connection or the unit's
 * control socket, nor look into another process. Landlock is in Linux from 5.13 on; from 6.12 on no signal of its reaches
 * the brain either (before, it could end it, and it would be started again).
 */
export function confinement({ config, data, env, program }: Confined): string[] {
  if (!existsSync(SETPRIV)) return [];
  const dies = [SETPRIV, "--pdeathsig", "KILL"];
  const confined = config.confined ?? config.io?.type !== "room";
  if (!confined || !existsSync(PERL)) return [...dies, "--"];
  const server = usesSoundServer(config, env);
  const home = env.HOME ?? homedir();
  const runtime = env.XDG_RUNTIME_DIR;
  const read = [
    ...READ,
    ...READ_OF_ETC.split(" ").map((name) => join("/etc", name)),
    ...PARTS_OF_APP.map((part) => join(APP, part)),
    process.execPath,
    program,
    ...(config.wakeHead === undefined ? [] : [config.wakeHead]),
    ...(server ? [...READ_OF_HOME.map((path) => join(home, path)), ...(runtime === undefined ? [] : [runtime])] : []),
  ];
  const write = [...DEVICES, join(data, "code", "audio"), join(data, ROOM)];
  const filter = callFilter(process.arch, server);
  return [
    ...dies,
    "--no-new-privs",
    "--",
    PERL,
    CONFINE,
    ...read.flatMap((path) => allow("--read", path, data)),
    ...write.flatMap((path) => allow("--write", path, data)),
    ...(server ? [] : ["--no-tcp"]),
    ...(filter === null ? [] : ["--filter", filter]),
    "--",
  ];
}

/** Not where the unit's folder lies below it; and where a link leads to, since rules are about what is there. */
function allow(how: "--read" | "--write", path: string, data: string): string[] {
  const place = realPath(path);
  if (place === null || `${realPath(data) ?? data}${sep}`.startsWith(`${place}${sep}`)) return [];
  return [how, place];
}

function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

/** One of the user's is talked to by sockets; a card needs none, unless a plug-in of ALSA's shares it. */
function usesSoundServer({ io }: Confined["config"], env: Confined["env"]): boolean {
  if (env.PULSE_SERVER !== undefined || env.XDG_RUNTIME_DIR !== undefined) return true;
  if (io?.type !== "alsa") return io?.type === "portable";
  return [io.capture, io.playback].some((pcm) => pcm !== undefined && !/^(plug)?hw:/.test(pcm));
}
