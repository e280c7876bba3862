import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { basename, join } from "node:path";

/** A serial port of this machine. `likely`: something that was plugged in, as a unit is. */
export type Port = Readonly<{ path: string; what: string; likely: boolean }>;

/** Where to look; other places in tests. */
export type PortFolders = Readonly<{ tty: string; dev: string }>;
const FOLDERS: PortFolders = { tty: "/sys/class/tty", dev: "/dev" };
const PLUGGED_IN = /^tty(ACM|USB)/;

/**
 * The serial ports, those that were plugged in first. Read from sysfs by ourselves, which needs no udev: a terminal
 * without a driver beneath it is no port, nor is one of the 32 that a PC always has and nothing drives.
 */
export function listPorts({ tty, dev }: PortFolders = FOLDERS): Port[] {
  const ports = namesIn(tty).flatMap((name) => {
    const driver = linkIn(join(tty, name, "device", "driver"));
    const kind = textIn(join(tty, name, "type"));
    if (driver === null || kind === "0") return [];
    const product = productOf(join(tty, name, "device"));
    const likely = PLUGGED_IN.test(name);
    return [{ path: join(dev, name), what: product ?? driver, likely }];
  });
  const known = new Set(ports.map(({ path }) => basename(path)));
  // A container often has the device, and not the place that describes it.
  for (const name of namesIn(dev).filter((each) => PLUGGED_IN.test(each) && !known.has(each))) {
    ports.push({ path: join(dev, name), what: "nothing more is known of it", likely: true });
  }
  return ports.toSorted((a, b) => Number(b.likely) - Number(a.likely) || a.path.localeCompare(b.path));
}

/** The USB device that a port belongs to names itself some folders further up. */
function productOf(device: string): string | null {
  let folder: string;
  try {
    folder = realpathSync(device);
  } catch {
    return null;
  }
  for (let up = 0; up < 4; up += 1, folder = join(folder, "..")) {
    const product = textIn(join(folder, "product"));
    if (product !== null) return product.replace(/[^\x20-\x7e]/g, "?");
  }
  return null;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkIn(path: string): string | null {
  try {
    return basename(readlinkSync(path));
  } catch {
    return null;
  }
}

function textIn(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return null;
  }
}
