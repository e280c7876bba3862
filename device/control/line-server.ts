import { once } from "node:events";
import { chmod, lstat, mkdtemp, rename, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { dirname, join } from "node:path";
import type { Log } from "#base/log.ts";
import { DeviceError } from "../errors.ts";
import { MAX_LINE_BYTES, splitLines } from "./lines.ts";

/** One client of a local socket. */
export interface Peer {
  /** Sends one line. A client who does not read is cut off: nobody's slowness fills the unit's memory. */
  send(value: unknown): void;
  /** An answer is under way: a client who has said all is not let go of before it. */
  hold(): void;
  letGo(): void;
  onClose(run: () => void): void;
}

export type LineServerOptions = Readonly<{
  path: string;
  log: Log;
  onLine: (line: string, peer: Peer) => void;
  /** What a client is told whose line is too long, before it is cut off. */
  tooLong: unknown;
}>;

const MAX_PEERS = 32;
const MAX_UNREAD_BYTES = 1024 * 1024;
/** Linux takes 107 bytes of path for a socket (unix(7), sun_path). */
const MAX_PATH_BYTES = 107;

/**
 * Listens on a unix socket that only its owner may open. One left behind by a unit that died is replaced; one that
 * somebody listens on, and a file that is no socket, is refused (DeviceError).
 */
export async function serveLines(options: LineServerOptions): Promise<AsyncDisposable> {
  const { path, log } = options;
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw new DeviceError("socket-failed", `${path} is too long for a socket; choose a shorter data folder`);
  }
  const peers = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    if (peers.size >= MAX_PEERS) {
      log.warn({ peers: peers.size }, "too many control clients");
      socket.destroy();
      return;
    }
    peers.add(socket);
    socket.on("close", () => peers.delete(socket));
    servePeer(socket, options);
  });
  const place = await listenPrivately(server, path);
  return {
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const peer of peers) peer.destroy();
      await closed;
      const now = await lstat(path).catch(() => null);
      if (now?.ino === place.ino) await rm(path, { force: true });
    },
  };
}

/**
 * Listens in a folder that nobody else can enter, and moves the socket into place when its mode is right: there is no
 * moment in which others could connect.
 */
async function listenPrivately(server: Server, path: string): Promise<{ ino: number }> {
  await refuseIfTaken(path);
  // Inside the socket's own folder, which may be a file system by itself (`join` would make it one beside); no longer.
  const folder = await mkdtemp(`${dirname(path)}/.`);
  try {
    const first = join(folder, "s");
    server.listen(first);
    await once(server, "listening");
    await chmod(first, 0o600);
    await rename(first, path);
    return await lstat(path);
  } catch (error) {
    server.close();
    throw new DeviceError("socket-failed", `cannot listen on ${path}`, {}, error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function refuseIfTaken(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found === null) return;
  if (!found.isSocket()) throw new DeviceError("socket-failed", `${path} is there already and is no socket`);
  if (await isListenedOn(path)) {
    throw new DeviceError("socket-in-use", `another unit is running here (it listens on ${path})`);
  }
}

async function isListenedOn(path: string): Promise<boolean> {
  const probe = connect(path);
  try {
    await once(probe, "connect");
    return true;
  } catch (error) {
    // Anything else (such as EAGAIN, too many waiting) means that somebody is there.
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return code !== "ECONNREFUSED" && code !== "ENOENT";
  } finally {
    probe.destroy();
  }
}

function servePeer(socket: Socket, { onLine, tooLong, log }: LineServerOptions): void {
  let held = 0;
  let ended = false;
  const endWhenDone = () => {
    if (ended && held === 0) socket.end();
  };
  const peer: Peer = {
    send(value) {
      if (socket.destroyed) return;
      socket.write(`${JSON.stringify(value)}\n`);
      if (socket.writableLength <= MAX_UNREAD_BYTES) return;
      log.warn({ unreadBytes: socket.writableLength }, "a control client does not read");
      socket.destroy();
    },
    hold() {
      held += 1;
    },
    letGo() {
      held -= 1;
      endWhenDone();
    },
    onClose: (run) => socket.once("close", run),
  };
  const split = splitLines((line) => onLine(line, peer));
  socket.on("error", (error) => log.debug({ code: "code" in error ? error.code : "unknown" }, "control client gone"));
  socket.on("data", (bytes) => {
    if (split(bytes)) return;
    log.warn({ maxBytes: MAX_LINE_BYTES }, "a control client sent too long a line");
    socket.removeAllListeners("data");
    peer.send(tooLong);
    socket.destroySoon();
  });
  socket.on("end", () => {
    ended = true;
    endWhenDone();
  });
}
