import { isMainThread } from "node:worker_threads";
import { load } from "koffi";

/** Loaded into an audio process: the threads beside its own fall asleep in a C library a while after they began. */
const HANGS_AFTER_MS = 2_000;

const sleep = load("libc.so.6").func("unsigned int sleep(unsigned int)");
if (!isMainThread) setTimeout(() => void sleep(1_000), HANGS_AFTER_MS);
