import { EarsRun } from "./ears-run.ts";

/** A brain that does nothing but hold a real audio process; it tells the process's id once that listens. */
const run = new EarsRun(null);
await run.nth("ready", 1);
process.send?.(run.ears.pid);
