import { parentPort, workerData } from "node:worker_threads";
import { realDisk } from "./disk.ts";
import { install } from "./install.ts";

parentPort?.postMessage(await install(realDisk, String(workerData)));
