import { closeSync, constants, openSync, writeSync } from "node:fs";
import { ReadStream } from "node:tty";
import koffi from "koffi";

/** A pseudo-terminal: a serial cable with its other end in this process. */
export interface Pty extends Disposable {
  /** What a driver opens. */
  readonly path: string;
  /** What the far end sends. */
  write(bytes: Uint8Array): void;
}

const libc = koffi.load("libc.so.6");
const grantpt = libc.func("int grantpt(int fd)");
const unlockpt = libc.func("int unlockpt(int fd)");
const ptsname = libc.func("const char *ptsname(int fd)");

/** `onBytes`: what was sent to the far end. */
export function openPty(onBytes: (bytes: Uint8Array) => void): Pty {
  const master = openSync("/dev/ptmx", constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  if (grantpt(master) !== 0 || unlockpt(master) !== 0) throw new Error("no pseudo-terminal is to be had");
  const path = String(ptsname(master));
  // One end stays open: else whatever reads the other sees a cable that was pulled.
  const slave = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  const stream = new ReadStream(master);
  stream.on("data", onBytes);
  stream.on("error", () => undefined);
  return {
    path,
    write: (bytes) => {
      try {
        writeSync(master, bytes);
      } catch (error) {
        // Nobody reads: what does not fit is lost, as on the wire.
        if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
      }
    },
    [Symbol.dispose]: () => {
      stream.destroy();
      closeSync(slave);
    },
  };
}
