import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCE = fileURLToPath(new URL("guest-machine.c", import.meta.url));

const NEEDED = [
  { program: "linux.uml", package: "user-mode-linux" },
  { program: "mke2fs", package: "e2fsprogs" },
  { program: "gcc", package: "gcc libc6-dev" },
] as const;

/** Whose disk driver `guest-machine.c` knows. */
const KERNEL = "6.1.";

/** What is to be installed first; null where all is there. */
export function whatIsMissing(): string | null {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  const missing = NEEDED.filter(({ program }) => !folders.some((folder) => existsSync(join(folder, program))));
  if (missing.length === 0) return otherKernel();
  const packages = missing.map((each) => each.package).join(" ");
  const programs = missing.map(({ program }) => program).join(", ");
  return `power cuts need ${programs}: apt-get install --no-install-recommends ${packages}`;
}

function otherKernel(): string | null {
  const version = execFileSync("linux.uml", ["--version"], { encoding: "utf8" }).trim();
  if (version.startsWith(KERNEL)) return null;
  return `power cuts know the disk of linux.uml ${KERNEL}x (user-mode-linux of Debian 12), and this is ${version}`;
}

/** Where what is built once is kept: `PORTER_CACHE`, or the user's cache folder. */
function cacheFolder(): string {
  return process.env.PORTER_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "porter-rig");
}

/** The library that makes a machine of linux.uml whose power can be cut; compiled once. */
export function machineLibrary(): string {
  const name = createHash("sha256").update(readFileSync(SOURCE)).digest("hex").slice(0, 16);
  const folder = join(cacheFolder(), "power");
  const path = join(folder, `guest-machine-${name}.so`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const fresh = `${path}.${process.pid}`;
  execFileSync("gcc", ["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", SOURCE, "-o", fresh]);
  renameSync(fresh, path);
  return path;
}
