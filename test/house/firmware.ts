import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { realDisk } from "#device/update/disk.ts";
import { BUNDLE, install } from "#device/update/install.ts";
import { sha256Of } from "#device/update/manifest.ts";
import { BundleReceiver } from "#device/update/receive.ts";
import { Slots } from "#device/update/slots.ts";
import { makeBundle, ROOT, tinyTree } from "./bundle.ts";

/** A firmware folder on the real disk with something confirmed in slot a and, unless told otherwise, b to be tried. */
export async function makeFirmware(
  root: string,
  tried: Record<string, string> | null = tinyTree("new"),
): Promise<Slots> {
  mkdirSync(join(root, "incoming"), { recursive: true });
  writeFileSync(join(root, "trust.json"), JSON.stringify({ format: 1, root: ROOT, board: "sim", development: false }));
  writeFileSync(join(root, BUNDLE), await makeBundle({ files: tinyTree("old") }));
  const first = await install(realDisk, root, true);
  if (!first.ok) throw new Error(first.sentence);
  if (!tried) return new Slots(realDisk, root);
  const next = await makeBundle({ files: tried, about: { counter: 6, version: "1.1.0" } });
  const receiver = new BundleReceiver({ disk: realDisk, root, install: () => install(realDisk, root) });
  receiver.open(next.length, sha256Of(next));
  receiver.write(0, next);
  const second = await receiver.finish();
  if (!second.ok) throw new Error(second.sentence);
  receiver.activate();
  return new Slots(realDisk, root);
}
