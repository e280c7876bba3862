import { readFileSync, watchFile } from "node:fs";

/**
 * Loaded before a simulated unit's own code: its wall clock goes as many milliseconds ahead of the machine's as stand
 * in the file that PORTER_RIG_CLOCK names, from a tenth of a second after they were written. Timers go on as ever.
 */
const file = process.env.PORTER_RIG_CLOCK;
const trueNow = Date.now.bind(Date);
let aheadMs = 0;

function read(): void {
  if (file === undefined) return;
  try {
    aheadMs = Number(readFileSync(file, "utf8")) || 0;
  } catch {
    aheadMs = 0;
  }
}

if (file !== undefined) {
  read();
  watchFile(file, { interval: 100, persistent: false }, read);
  Date.now = () => trueNow() + aheadMs;
  globalThis.Date = new Proxy(Date, {
    construct: (target, values, made) => Reflect.construct(target, values.length === 0 ? [Date.now()] : values, made),
  });
}
