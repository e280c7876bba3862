import type { Log } from "#base/log.ts";

/** Tells whoever started the unit how it is (sd_notify(3)): lines such as `READY=1`. Never throws, never waits. */
export type Notify = (lines: string) => void;

/** linux/socket.h, asm-generic. */
const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const MSG_DONTWAIT_NOSIGNAL = 0x40 | 0x4000;
/** sockaddr_un: two bytes of family, then the path. */
const MAX_PATH_BYTES = 107;

const silent: Notify = () => undefined;

/**
 * `address` is what stands in NOTIFY_SOCKET: a path, or `@NAME` for an abstract one. Undefined: nobody asks, and nothing
 * is loaded. Node has no datagram sockets of this kind, so the C library is asked itself: a process a message would
 * cost more than all that the unit does meanwhile.
 */
export async function openNotify(address: string | undefined, log: Log): Promise<Notify> {
  if (address === undefined || address === "") return silent;
  const path = Buffer.from(address.replace(/^@/, "\0"));
  if (path.length > MAX_PATH_BYTES || !/^[/@]/.test(address)) {
    log.warn("NOTIFY_SOCKET is no address that can be used: nobody is told that the unit is up");
    return silent;
  }
  try {
    const { default: koffi } = await import("koffi");
    const libc = koffi.load("libc.so.6");
    const socket = libc.func("int socket(int, int, int)");
    const sendTo = libc.func("long sendto(int, const void *, size_t, int, const void *, unsigned int)");
    const target = Buffer.concat([Buffer.from([AF_UNIX, 0]), path]);
    const descriptor = Number(socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0));
    if (descriptor < 0) throw new Error("no socket is to be had");
    return (lines) => {
      const bytes = Buffer.from(lines);
      const sent = Number(sendTo(descriptor, bytes, bytes.length, MSG_DONTWAIT_NOSIGNAL, target, target.length));
      if (sent !== bytes.length) log.warn("whoever started the unit does not listen to it");
    };
  } catch (error) {
    log.warn({ error: error instanceof Error ? error.message : String(error) }, "nobody is told that the unit is up");
    return silent;
  }
}
