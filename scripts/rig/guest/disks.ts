import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

/**
 * What a guest reads lies on disks of its own (ext4, raw): shared folders (9p) cost it a few milliseconds for each of
 * the thousands of times that Node looks for a file, and many times that where the host is busy.
 */

const CHECKOUT = resolve(import.meta.dirname, "../../..");
/** What of it a unit, an agent or the boards' contract needs. */
const PARTS = ["base", "device", "audio", "hal", "hub", "install", "scripts", "test"];
const FILES = ["package.json", "package-lock.json", "tsconfig.json", "vitest.config.ts", "vitest.long.config.ts"];
/** Where a unit keeps code that it compiled; here so that the next guest need not compile it again, for minutes. */
const CODE = "unit/code";

const run = promisify(execFile);

/** This checkout as it is now, without its packages; `file` is replaced. */
export async function checkoutDisk(file: string): Promise<void> {
  await using root = await scratch(`${file}.root`);
  await mkdir(join(root.path, "node_modules"));
  for (const part of [...PARTS, ...FILES]) await cp(join(CHECKOUT, part), join(root.path, part), { recursive: true });
  await makeDisk(file, root.path, 128);
}

/** A folder of packages, kept in `cache` for as long as they are the same ones. Resolves with the disk's path. */
export async function packagesDisk(modules: string, cache: string): Promise<string> {
  const lock = await readFile(join(modules, ".package-lock.json"));
  const name = (end: string) => `packages-${createHash("sha256").update(lock).digest("hex").slice(0, 16)}${end}`;
  const disk = join(cache, name(".img"));
  if (existsSync(disk)) return disk;
  for (const old of await readdir(cache)) if (/^packages-[0-9a-f]{16}\./.test(old)) await rm(join(cache, old));
  await makeDisk(join(cache, name(".part")), modules, 2_048);
  await rename(join(cache, name(".part")), disk);
  return disk;
}

/** The disk that a machine keeps while it is off, with the code that guests before it compiled. */
export async function dataDisk(file: string, code: string, sizeMb: number): Promise<void> {
  await using root = await scratch(`${file}.root`);
  await mkdir(code, { recursive: true });
  await mkdir(join(root.path, "unit"), { mode: 0o700 });
  await cp(code, join(root.path, CODE), { recursive: true });
  await makeDisk(file, root.path, sizeMb);
}

/** Takes from the disk of a machine that is off the code that it compiled. What is torn there Node tells, and compiles anew. */
export async function keepCode(disk: string, code: string): Promise<void> {
  await using taken = await scratch(`${code}.new`);
  await run("/sbin/debugfs", ["-R", `rdump /${CODE} ${taken.path}`, disk]);
  const found = join(taken.path, "code");
  if ((await countFiles(found)) < (await countFiles(code))) return;
  await rm(code, { recursive: true, force: true });
  await rename(found, code);
}

async function makeDisk(file: string, root: string, sizeMb: number): Promise<void> {
  await rm(file, { force: true });
  await run("/sbin/mke2fs", ["-q", "-F", "-t", "ext4", "-d", root, file, `${sizeMb}M`]);
}

async function countFiles(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).length;
}

/** An empty folder, for as long as it is used. */
async function scratch(path: string): Promise<AsyncDisposable & { path: string }> {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
