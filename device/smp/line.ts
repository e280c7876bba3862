import { once } from "node:events";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { SerialPort } from "serialport";

/** A serial line as both ends see it: bytes each way, in any pieces, until it ends. */
export interface Line extends AsyncDisposable {
  /** Resolves when the bytes are handed over, or the line is gone. */
  write(bytes: Uint8Array): Promise<void>;
  onBytes(listener: (bytes: Uint8Array) => void): void;
  /** Once: a cable was pulled, or the other end closed. At once where it is gone already. */
  onEnd(listener: (why: string) => void): void;
}

export type LineResult = Readonly<{ ok: true; line: Line } | { ok: false; why: string }>;

const UNIX = "unix:";
const CONNECT_PATIENCE_MS = 5_000;

/** A port is a serial device, or `unix:PATH` for a socket, as an emulated machine offers its serial line. Never throws. */
export async function openLine(port: string, baudRate: number): Promise<LineResult> {
  try {
    const stream = port.startsWith(UNIX) ? await openSocket(port.slice(UNIX.length)) : await openPort(port, baudRate);
    return { ok: true, line: lineOf(stream) };
  } catch (error) {
    return { ok: false, why: explain(port, error) };
  }
}

async function openSocket(path: string): Promise<Duplex> {
  const socket = connect(path);
  await once(socket, "connect", { signal: AbortSignal.timeout(CONNECT_PATIENCE_MS) }).catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
  return socket;
}

async function openPort(path: string, baudRate: number): Promise<Duplex> {
  const port = new SerialPort({ path, baudRate, autoOpen: false });
  await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
  return port;
}

function lineOf(stream: Duplex): Line {
  let ended: string | null = null;
  const listeners = new Set<(why: string) => void>();
  const end = (why: string) => {
    if (ended !== null) return;
    ended = why;
    for (const listener of listeners) listener(why);
    listeners.clear();
  };
  stream.on("error", (error: Error) => {
    end(error.message);
    stream.destroy();
  });
  stream.on("close", () => end("the line was closed"));
  stream.on("end", () => end("the other end closed the line"));
  return {
    write: (bytes) =>
      new Promise((resolve) => {
        if (ended !== null || stream.destroyed) return resolve();
        const done = () => {
          listeners.delete(done);
          resolve();
        };
        listeners.add(done);
        stream.write(bytes, done);
      }),
    onBytes: (listener) => void stream.on("data", (bytes: Uint8Array) => listener(bytes)),
    onEnd: (listener) => (ended === null ? void listeners.add(listener) : listener(ended)),
    async [Symbol.asyncDispose]() {
      if (stream.destroyed || ended !== null) {
        stream.destroy();
        return;
      }
      const closed = once(stream, "close");
      if (stream instanceof SerialPort) stream.close();
      else stream.destroy();
      await closed;
    },
  };
}

function explain(port: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/ENOENT|No such file/.test(message)) return `${port} is not there: is the cable plugged in?`;
  if (/EACCES|Permission denied/i.test(message)) return `${port} may not be opened: are you in the group "dialout"?`;
  if (/lock|EBUSY|busy/i.test(message)) return `${port} is in use: close the other program that has it`;
  if (/ECONNREFUSED/.test(message)) return `nobody listens on ${port}`;
  return `${port} cannot be opened: ${message}`;
}
