import { isMainThread } from "node:worker_threads";

/** Loaded into an audio process, which has one thread beside its own: that one dies a while after it is up. */
const DIES_AFTER_MS = 3_000;

if (!isMainThread) setTimeout(() => process.exit(7), DIES_AFTER_MS);
