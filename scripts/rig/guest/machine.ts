import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { bound } from "#scripts/stage/bound-process.ts";
import { checkoutDisk, dataDisk, keepCode, packagesDisk } from "./disks.ts";

export type MachineOptions = Readonly<{
  arch: "x64" | "arm64";
  /** What `image` built. */
  image: string;
  /** Of its processor; for arm64 they are not this machine's own. */
  modules: string;
  /** Code that guests compiled: it outlives them. */
  code: string;
  /** Of this machine: its data disk, its console's log, its serial line. */
  folder: string;
  /** Shared with the guest, as /share. */
  shared: string;
  /** What the guest reaches of the rig's loopback, at `RIG_ADDRESS`, and nothing else. */
  tcpPorts: readonly number[];
}>;

/** Where a guest finds the rig. */
export const RIG_ADDRESS = "10.0.2.100";

/** Where a guest has the checkout, wherever it lies here: code that one guest compiled is found again by path. */
const CHECKOUT = "/opt/porter";
type Arch = Readonly<{
  program: string;
  machine: string;
  console: string;
  /** How the rig's serial line is plugged in, and what the guest calls it. */
  plug: readonly string[];
  port: string;
}>;

const ARCHS: Readonly<Record<"x64" | "arm64", Arch>> = {
  x64: {
    program: "qemu-system-x86_64",
    // Emulated AVX is some 25 times slower for neural networks than SSE.
    machine: "-cpu max,-avx,-avx2,-fma,-f16c",
    console: "ttyS0",
    plug: ["-device", "isa-serial,chardev=rig"],
    port: "/dev/ttyS1",
  },
  arm64: {
    program: "qemu-system-aarch64",
    machine: "-M virt -cpu cortex-a72",
    console: "ttyAMA0",
    plug: ["-device", "pci-serial,chardev=rig"],
    port: "/dev/ttyS0",
  },
};
const MEMORY_MB = 1_024;
const DATA_MB = 256;

/** A machine in QEMU, by software emulation: it is switched on and off like one, and its data disk stays. */
export class Machine implements AsyncDisposable {
  /** The socket at the other end of the line that the guest has for the rig. */
  readonly serial: string;
  readonly #options: MachineOptions;
  readonly #disk: string;
  #child: ChildProcess | null = null;

  constructor(options: MachineOptions) {
    this.#options = options;
    this.serial = join(options.folder, "rig.sock");
    this.#disk = join(options.folder, "data.img");
  }

  /** What the guest calls the line that it has for the rig. */
  get port(): string {
    return ARCHS[this.#options.arch].port;
  }

  get console(): string {
    return join(this.#options.folder, "console.log");
  }

  async powerOn(): Promise<void> {
    const { arch, image, modules, code } = this.#options;
    if (!existsSync(this.#disk)) await dataDisk(this.#disk, code, DATA_MB);
    if (!existsSync(this.#checkout)) await checkoutDisk(this.#checkout);
    const packages = await packagesDisk(modules, image);
    await rm(this.serial, { force: true });
    const log = openSync(this.console, "a");
    const child = spawn(...bound("SIGKILL", ARCHS[arch].program, this.#args(packages)), {
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    this.#child = child;
    while (!existsSync(this.serial)) {
      this.mustRun();
      await sleep(20);
    }
  }

  /** Throws where QEMU ended by itself. */
  mustRun(): void {
    const { exitCode = null, signalCode = null } = this.#child ?? {};
    if (exitCode === null && signalCode === null) return;
    throw new Error(`QEMU ended with ${exitCode ?? signalCode}: see ${this.console}`);
  }

  /** SIGKILL: what the guest had not flushed to its disk is lost. */
  async cutPower(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cutPower();
    if (existsSync(this.#disk)) await keepCode(this.#disk, this.#options.code);
  }

  get #checkout(): string {
    return join(this.#options.folder, "checkout.img");
  }

  #args(packages: string): string[] {
    const { arch, image, shared, tcpPorts } = this.#options;
    const { machine, console, plug, port } = ARCHS[arch];
    const append = [
      `console=${console}`,
      "quiet",
      // Nobody attacks it, and a clock that is a device costs an emulated machine more than all else.
      "mitigations=off tsc=reliable",
      "panic=-1",
      `porter.checkout=${CHECKOUT}`,
      `porter.port=${port}`,
    ];
    const words = [
      `-accel tcg,thread=multi ${machine} -smp 2 -m ${MEMORY_MB}`,
      "-nodefaults -display none -no-reboot -serial stdio",
      "-device virtio-net-pci,netdev=net -device virtio-rng-pci",
    ];
    const reached = tcpPorts.map((each) => `,guestfwd=tcp:${RIG_ADDRESS}:${each}-cmd:socat - TCP:127.0.0.1:${each}`);
    // vda, vdb and so on.
    const drives = [
      `file=${join(image, "root.img")},readonly=on`,
      `file=${this.#disk},cache=writeback`,
      `file=${this.#checkout},readonly=on`,
      `file=${packages},readonly=on`,
    ];
    return [
      ...words.flatMap((line) => line.split(" ")),
      "-netdev",
      `user,id=net,restrict=on${reached.join("")}`,
      "-chardev",
      `socket,id=rig,path=${this.serial},server=on,wait=off`,
      ...plug,
      "-kernel",
      join(image, "vmlinuz"),
      "-initrd",
      join(image, "initramfs"),
      "-append",
      append.join(" "),
      ...drives.flatMap((drive) => ["-drive", `${drive},format=raw,if=virtio`]),
      "-virtfs",
      `local,path=${shared},mount_tag=share,id=share,security_model=none,multidevs=remap`,
    ];
  }
}
