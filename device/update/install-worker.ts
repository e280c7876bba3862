import { parentPort, workerData } from "node:worker_threads";
import { realDisk } from "./disk.ts";
import { install } from "./install.ts";

const verdict = await install(realDisk, String(workerData));
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort?.postMessage(verdict);
