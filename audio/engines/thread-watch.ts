import type { Worker } from "node:worker_threads";

const LOOK_EVERY_MS = 500;

/**
 * Notices a worker thread that does not come back to its event loop: one that spins, or waits inside a C library,
 * where no message reaches it. Node counts the time that a loop is idle from outside, so the thread need not help.
 * `patienceMs` is asked each time. Only time in which this thread was awake itself counts. Returns how to stop.
 */
export function watchThread(worker: Worker, patienceMs: () => number, onHang: () => void): () => void {
  let idleMs = -1;
  let busyMs = 0;
  const timer = setInterval(() => {
    const { idle } = worker.performance.eventLoopUtilization();
    busyMs = idle === idleMs ? busyMs + LOOK_EVERY_MS : 0;
    idleMs = idle;
    if (busyMs <= patienceMs()) return;
    clearInterval(timer);
    onHang();
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
