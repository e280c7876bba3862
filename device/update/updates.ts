import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { realDisk } from "./disk.ts";
import type { Installed } from "./install.ts";
import { BundleReceiver, type Updates } from "./receive.ts";
import { type Refused, refuse } from "./refusal.ts";

/** What takes bundles on a unit whose firmware lies in `root`. */
export function openUpdates(root: string): Updates {
  return new BundleReceiver({ disk: realDisk, root, install: () => installElsewhere(root) });
}

/** In a thread of its own: hashing, unpacking and waiting for the disk take seconds, which a ring cannot wait for. */
async function installElsewhere(root: string): Promise<Installed | Refused> {
  const worker = new Worker(new URL("./install-worker.ts", import.meta.url), { workerData: root });
  try {
    const [verdict] = (await once(worker, "message")) as [Installed | Refused];
    return verdict;
  } catch (error) {
    return refuse("disk", error instanceof Error ? error.message : String(error));
  } finally {
    await worker.terminate();
  }
}
