import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import * as v from "valibot";
import { GuestConsole } from "./guest-console.ts";

const run = promisify(execFile);

export type GuestOptions = Readonly<{
  /** What deploy/image wrote. */
  image: string;
  /** Sockets and the disk's overlay lie here. One that has an overlay goes on with it, as after a power cut. */
  folder: string;
  memoryMb?: number;
  processors?: number;
  /** Further words of the kernel's command line. */
  append?: string;
  /** TCP ports: what connects to `host` on this machine's loopback reaches `guest` in the other. */
  forwards?: readonly Readonly<{ host: number; guest: number }>[];
  /** The machine may open connections of its own: to this machine's loopback (as 10.0.2.2), and to the network. */
  reachesOut?: boolean;
  /** What comes on the console, in any pieces. */
  onText?: (text: string) => void;
  /** Further words for QEMU. */
  qemu?: readonly string[];
}>;

/** An emulated machine that runs. Disposing it is pulling its plug. */
export interface Guest extends AsyncDisposable {
  readonly pid: number;
  readonly console: GuestConsole;
  /** Where QEMU listens for this serial port, as `porter-install --port` takes it. */
  port(name: SerialName): string;
  /** Asks QEMU itself (its QMP protocol); throws what QEMU answers in place of a result. */
  monitor(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** As if the plug were pulled: nothing is written any more. Resolves when it is gone. */
  cutPower(): Promise<void>;
}

const SERIALS = ["installer", "ttyS2", "ttyS3"] as const;
/** A serial line in the machine: /dev/ttyS1 to 3, and /dev/ttyUSB0. */
export type SerialName = (typeof SERIALS)[number] | "usb";

const Image = v.object({ append: v.string(), kernel: v.string() });
const OVERLAY = "disk.qcow2";
const QEMU = "qemu-system-x86_64";
/** Emulated AVX is some 25 times slower for neural networks than SSE. */
const PROCESSOR = "max,-avx,-avx2,-fma,-f16c";
/** Whoever is killed leaves no machine behind (prctl(2), PR_SET_PDEATHSIG). */
const DIES_WITH_US = ["--pdeathsig", "KILL"];
/** A socket's address holds no more (unix(7)). */
const MAX_SOCKET_PATH = 107;

/** Boots an image in QEMU's software emulation: KVM is not asked for, since it is not everywhere. */
export async function startGuest(options: GuestOptions): Promise<Guest> {
  const folder = resolve(options.folder);
  mkdirSync(folder, { recursive: true });
  if (join(folder, "installer.sock").length > MAX_SOCKET_PATH) throw new Error(`${folder} is too long for a socket`);
  await openOverlay(resolve(options.image, "root.img"), join(folder, OVERLAY));
  await run(QEMU, ["--version"]).catch((cause: unknown) => {
    throw new Error(`${QEMU} cannot be started: apt-get install --no-install-recommends qemu-system-x86`, { cause });
  });
  const words = [...DIES_WITH_US, QEMU, ...argumentsOf(options, folder)];
  const child = spawn("setpriv", words, { stdio: ["pipe", "pipe", "pipe"] });
  await once(child, "spawn");
  return new QemuGuest(child, folder, options.onText);
}

async function openOverlay(root: string, overlay: string): Promise<void> {
  if (!existsSync(root)) throw new Error(`${root} is not there: deploy/image makes it`);
  if (existsSync(overlay)) return;
  await run("qemu-img", ["create", "-q", "-f", "qcow2", "-b", root, "-F", "raw", overlay]);
}

function argumentsOf(options: GuestOptions, folder: string): string[] {
  const { image, memoryMb = 512, processors = 2, append = "", forwards = [], reachesOut = false, qemu = [] } = options;
  const told = v.parse(Image, JSON.parse(readFileSync(join(image, "image.json"), "utf8")));
  const socket = (name: string) => `unix:${join(folder, `${name}.sock`)},server=on,wait=off`;
  const forwarded = forwards.map(({ host, guest }) => `,hostfwd=tcp:127.0.0.1:${host}-:${guest}`).join("");
  const words: readonly (readonly string[])[] = [
    ["-accel", "tcg,thread=multi", "-cpu", PROCESSOR, "-smp", String(processors), "-m", String(memoryMb)],
    ["-display", "none", "-nodefaults", "-no-reboot"],
    ["-kernel", join(image, "vmlinuz"), "-initrd", join(image, "initrd")],
    ["-append", `${told.append} console=ttyS0 ${append}`],
    ["-drive", `file=${join(folder, OVERLAY)},if=virtio,format=qcow2,cache=writeback`],
    ["-device", "virtio-rng-pci"],
    ["-netdev", `user,id=net,restrict=${reachesOut ? "off" : "on"}${forwarded}`],
    ["-device", "virtio-net-pci,netdev=net,romfile="],
    ["-device", "qemu-xhci", "-chardev", `socket,id=usb,path=${join(folder, "usb.sock")},server=on,wait=off`],
    ["-device", "usb-serial,chardev=usb,always-plugged=on"],
    ["-serial", "stdio", ...SERIALS.flatMap((name) => ["-serial", socket(name)])],
    ["-qmp", socket("qmp")],
    qemu,
  ];
  return words.flat();
}

class QemuGuest implements Guest {
  readonly console: GuestConsole;
  readonly #child: ChildProcess;
  readonly #folder: string;
  #said = "";

  constructor(child: ChildProcess, folder: string, onText?: (text: string) => void) {
    this.#child = child;
    this.#folder = folder;
    this.console = new GuestConsole(child, onText);
    child.stderr?.on("data", (bytes: Buffer) => {
      this.#said = `${this.#said}${bytes.toString("utf8")}`.slice(-2_000);
    });
    child.once("exit", (code, signal) => {
      this.console.end(`the machine is off (${signal ?? `code ${code}`}) ${this.#said}`.trim());
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  port(name: SerialName): string {
    return `unix:${join(this.#folder, `${name}.sock`)}`;
  }

  async monitor(command: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const socket = connect(join(this.#folder, "qmp.sock"));
    await once(socket, "connect");
    const lines = createInterface({ input: socket });
    try {
      socket.write('{"execute": "qmp_capabilities"}\n');
      socket.write(`${JSON.stringify({ execute: command, arguments: args, id: "asked" })}\n`);
      for await (const line of lines) {
        const answer = v.parse(Answer, JSON.parse(line));
        if (answer.id !== "asked") continue;
        if (answer.error !== undefined) throw new Error(`${command}: ${JSON.stringify(answer.error)}`);
        return answer.return;
      }
      throw new Error(`${command}: QEMU is gone`);
    } finally {
      lines.close();
      socket.destroy();
    }
  }

  async cutPower(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
    // The kernel lets go of the disk's lock a moment later.
    await pause(50);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cutPower();
  }
}

/** QMP: greetings and events have no id. */
const Answer = v.object({
  id: v.optional(v.string()),
  return: v.optional(v.unknown()),
  error: v.optional(v.unknown()),
});
