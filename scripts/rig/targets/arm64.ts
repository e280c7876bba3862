import { execFileSync } from "node:child_process";
import { constants, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Firmware } from "./firmware.ts";
import { type GuestKind, GuestTarget } from "./guest.ts";
import type { TargetOptions } from "./target.ts";

/** For a bundle as it comes, and both slots. A machine makes its data disk itself where it finds none. */
const DISK_MB = 1_024;
const DISK = "data.img";
const BUNDLE = "porter.bundle";
const FIRMWARE = "/data/firmware";
const STARTS = `the unit starts from ${FIRMWARE}`;

/** What such a machine runs in place of the checkout's unit: the updater of its own firmware, once; then the agent. */
function runOf(root: string): string {
  return `
node=$checkout/node_modules/.bin/node
if [ ! -e ${FIRMWARE}/current ]; then
  mkdir -p ${FIRMWARE}
  "$node" device/update/cli.ts keys trust ${FIRMWARE}/trust.json --root ${root} --board sim &&
    "$node" device/update/cli.ts install /share/${BUNDLE} --root ${FIRMWARE} --first && sync ||
    echo "the bundle was not installed"
  echo "installed: $(cut -d' ' -f1 /proc/uptime) s after power on"
fi
echo "${STARTS}"
exec "$node" scripts/rig/agent/main.ts --config /share/agent.json --firmware ${FIRMWARE}
`;
}

/** An emulated ARM machine on which a unit runs from a slot, into which it took a firmware bundle as an update comes. */
export function makeArm64(boots: GuestKind["boots"], { path, root }: Firmware, options: TargetOptions): GuestTarget {
  const { folder } = options;
  const shared = join(folder, "shared");
  mkdirSync(shared, { recursive: true });
  copyFileSync(path, join(shared, BUNDLE), constants.COPYFILE_FICLONE);
  writeFileSync(join(shared, "run"), runOf(root));
  execFileSync("/sbin/mke2fs", ["-q", "-F", "-t", "ext4", join(folder, DISK), `${DISK_MB}M`]);
  return GuestTarget.make({ wired: false, boots }, options);
}
