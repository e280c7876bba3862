import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Disk, realDisk } from "#device/update/disk.ts";
import { BUNDLE, install } from "#device/update/install.ts";
import type { Source } from "../../bundle/write.ts";
import { buildFirmware, digestOf } from "./firmware.ts";
import { type GuestKind, GuestTarget } from "./guest.ts";
import type { TargetOptions } from "./target.ts";

const ARCH = "arm64";
/** For both slots; the rest is the unit's. A machine makes its data disk itself where it finds none. */
const DISK_MB = 1_024;
const DISK = "data.img";
/** Of all that is emulated here, compiling code takes longest, and is done once. */
const STARTS_WITHIN_MS = 600_000;
/** What such a machine runs in place of the checkout's unit (scripts/rig/guest/start). */
const RUN = `
echo "the unit starts from its slot"
exec "$checkout/node_modules/.bin/node" scripts/rig/agent/main.ts --config /share/agent.json --firmware /data/firmware
`;

/** Nobody's power fails while a disk's files are put together: only the whole disk counts. */
const UNSYNCED: Disk = { ...realDisk, sync: () => undefined, syncFolder: () => undefined };

/**
 * The disk of a unit before its first start, with the bundle of these files in its first slot: taken in by the updater's
 * own code, as where units are made, on another processor. It is kept in `folder` until a file changes.
 */
export async function makeDisk(files: readonly Source[], folder: string, say: (what: string) => void): Promise<string> {
  const [disk, stamp] = [join(folder, "unit.img"), join(folder, "unit.stamp")];
  const digest = digestOf(files);
  if (existsSync(disk) && existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return disk;
  rmSync(stamp, { force: true });
  rmSync(disk, { force: true });
  say(`the firmware bundle for ${ARCH}`);
  const { path, root } = await buildFirmware(files, ARCH, folder);
  say("a disk with it in a slot");
  const made = join(folder, "made");
  const firmware = join(made, "firmware");
  rmSync(made, { recursive: true, force: true });
  mkdirSync(join(firmware, "incoming"), { recursive: true });
  writeFileSync(join(firmware, "trust.json"), JSON.stringify({ format: 1, root, board: "sim", development: false }));
  renameSync(path, join(firmware, BUNDLE));
  const installed = await install(UNSYNCED, firmware, true, ARCH);
  if (!installed.ok) throw new Error(`the bundle is refused: ${installed.sentence}`);
  execFileSync("/sbin/mke2fs", ["-q", "-F", "-t", "ext4", "-d", made, disk, `${DISK_MB}M`]);
  rmSync(made, { recursive: true });
  writeFileSync(stamp, digest);
  return disk;
}

/** An emulated ARM machine on which a unit runs from the slot of its disk. */
export function makeArm64(boots: GuestKind["boots"], disk: string, options: TargetOptions): GuestTarget {
  const { folder } = options;
  const shared = join(folder, "shared");
  mkdirSync(shared, { recursive: true });
  writeFileSync(join(shared, "run"), RUN);
  execFileSync("cp", ["--sparse=always", disk, join(folder, DISK)]);
  return GuestTarget.make({ wired: false, boots, startsWithinMs: STARTS_WITHIN_MS }, options);
}
