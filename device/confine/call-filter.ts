/** Numbers of Linux' system calls (asm/unistd_64.h, asm-generic/unistd.h), and the processor's in AUDIT_ARCH_*. */
const PROCESSORS = {
  x64: {
    arch: 0xc000003e,
    seccomp: 317,
    socket: 41,
    // ptrace, process_vm_readv, process_vm_writev, pidfd_getfd, add_key, request_key, keyctl, bpf, perf_event_open,
    // userfaultfd, io_uring_setup (it opens sockets past this filter), unshare, setns
    denied: [101, 310, 311, 438, 248, 249, 250, 321, 298, 323, 425, 272, 308],
  },
  arm64: {
    arch: 0xc00000b7,
    seccomp: 277,
    socket: 198,
    denied: [117, 270, 271, 438, 217, 218, 219, 280, 241, 282, 425, 97, 268],
  },
} as const;

/** seccomp_data: where the call's number, the processor and the first two arguments lie (linux/seccomp.h). */
const AT = { call: 0, arch: 4, first: 16, second: 24 } as const;
/** linux/bpf_common.h: load a word, mask it, jump where equal, jump where at least, return. */
const OP = { load: 0x20, and: 0x54, ifEqual: 0x15, ifAtLeast: 0x35, give: 0x06 } as const;
const ALLOW = 0x7fff0000;
/** EPERM. */
const DENY = 0x00050001;
const AF_UNIX = 1;
/** Beside it stand flags (SOCK_CLOEXEC, SOCK_NONBLOCK). */
const SOCK_STREAM = 1;
const TYPE_MASK = 0xf;
/** Calls of the x32 ABI have their bit set: they would pass by another number. */
const X32_BIT = 0x40000000;

type Instruction = Readonly<{
  op: number;
  value: number;
  denyIf?: boolean;
  allowUnless?: boolean;
  denyUnless?: boolean;
}>;

/**
 * What the audio process may not ask of the kernel, as a program for seccomp(2): `CALL:HEX` for confine.pl; null on a
 * processor that it is not written for. `sockets`: it may open streams, and sockets of this machine (a sound server's).
 * Without them it cannot reach the unit's own control socket, where it would be the owner, nor anything by TCP.
 */
export function callFilter(arch: string, sockets: boolean): string | null {
  if (arch !== "x64" && arch !== "arm64") return null;
  const { arch: processor, seccomp, socket, denied } = PROCESSORS[arch];
  const program: Instruction[] = [
    { op: OP.load, value: AT.arch },
    { op: OP.ifEqual, value: processor, denyUnless: true },
    { op: OP.load, value: AT.call },
    { op: OP.ifAtLeast, value: X32_BIT, denyIf: true },
    ...denied.map((value) => ({ op: OP.ifEqual, value, denyIf: true })),
    ...(sockets ? [] : withoutStreams(socket)),
  ];
  return `${seccomp}:${assemble(program)}`;
}

function withoutStreams(socket: number): Instruction[] {
  return [
    { op: OP.ifEqual, value: socket, allowUnless: true },
    { op: OP.load, value: AT.first },
    { op: OP.ifEqual, value: AF_UNIX, denyIf: true },
    { op: OP.load, value: AT.second },
    { op: OP.and, value: TYPE_MASK },
    { op: OP.ifEqual, value: SOCK_STREAM, denyIf: true },
  ];
}

/** Jumps are relative; after the program comes `allow`, then `deny`. */
function assemble(program: readonly Instruction[]): string {
  const bytes = Buffer.alloc((program.length + 2) * 8);
  const write = (at: number, op: number, value: number, [yes, no]: readonly [number, number]) => {
    bytes.writeUInt16LE(op, at * 8);
    bytes.writeUInt8(yes, at * 8 + 2);
    bytes.writeUInt8(no, at * 8 + 3);
    bytes.writeUInt32LE(value, at * 8 + 4);
  };
  for (const [at, { op, value, denyIf, denyUnless, allowUnless }] of program.entries()) {
    const toAllow = program.length - at - 1;
    const no = denyUnless === true ? toAllow + 1 : allowUnless === true ? toAllow : 0;
    write(at, op, value, [denyIf === true ? toAllow + 1 : 0, no]);
  }
  write(program.length, OP.give, ALLOW, [0, 0]);
  write(program.length + 1, OP.give, DENY, [0, 0]);
  return bytes.toString("hex");
}
