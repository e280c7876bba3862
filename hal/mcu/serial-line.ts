import { SerialPort } from "serialport";
import type { Clock } from "#base/clock.ts";
import type { ByteLine, OpenLine } from "./line.ts";

const MOST_WAITING_BYTES = 4_096;
const DRAINS_WITHIN_MS = 200;

/** Opens a serial port: 8 bits, no parity, one stop bit, no flow control. */
export function serialLine({ path, baudRate }: { path: string; baudRate: number }, clock: Clock): OpenLine {
  return ({ onBytes, onGone }) =>
    new Promise<ByteLine>((resolve, reject) => {
      const port = new SerialPort({ path, baudRate, autoOpen: false });
      let isClosing = false;
      let cancelRest = (): void => undefined;
      const gone = (why: string) => {
        if (isClosing) return;
        isClosing = true;
        cancelRest();
        // An error leaves the port open at times.
        if (port.isOpen) port.close(() => onGone(why));
        else onGone(why);
      };
      port.on("data", onBytes);
      port.on("error", (error: Error) => gone(error.message));
      port.on("close", () => gone("it was unplugged"));
      const line: ByteLine = {
        write: (bytes) => {
          if (port.isOpen && port.writableLength < MOST_WAITING_BYTES) port.write(Buffer.from(bytes));
        },
        rest: (ms) => {
          port.pause();
          cancelRest();
          cancelRest = clock.after(ms, () => port.resume());
        },
        close: async () => {
          isClosing = true;
          cancelRest();
          if (!port.isOpen) return;
          await drained(port, clock);
          await new Promise<void>((done) => port.close(() => done()));
        },
      };
      port.open((error) => (error === null ? resolve(line) : reject(error)));
    });
}

/** A line that nobody reads is not waited for. */
function drained(port: SerialPort, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(DRAINS_WITHIN_MS, resolve);
    port.drain(() => {
      cancel();
      resolve();
    });
  });
}
