import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, realpathSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export type MachineOptions = Readonly<{
  /** What `image` built. */
  cache: string;
  /** Of this machine: its data disk, its console's log, its serial line. */
  folder: string;
  /** Shared with the guest, as /share. */
  shared: string;
  /** What the guest reaches of the rig's loopback, at `RIG_ADDRESS`, and nothing else. */
  tcpPorts: readonly number[];
}>;

/** Where a guest finds the rig. */
export const RIG_ADDRESS = "10.0.2.100";

const CHECKOUT = resolve(import.meta.dirname, "../../..");
/** Emulated AVX is some 25 times slower for neural networks than SSE. */
const CPU = "max,-avx,-avx2,-fma,-f16c";
const MEMORY_MB = 1_024;
const DATA_MB = 256;

/** An x86-64 machine in QEMU, by software emulation: it is switched on and off like one, and its data disk stays. */
export class Machine implements AsyncDisposable {
  /** The guest's /dev/ttyS1. */
  readonly serial: string;
  readonly #options: MachineOptions;
  readonly #disk: string;
  #child: ChildProcess | null = null;

  constructor(options: MachineOptions) {
    this.#options = options;
    this.serial = join(options.folder, "ttyS1.sock");
    this.#disk = join(options.folder, "data.img");
  }

  get console(): string {
    return join(this.#options.folder, "console.log");
  }

  async powerOn(): Promise<void> {
    if (!existsSync(this.#disk)) execFileSync("/sbin/mke2fs", ["-q", "-F", "-t", "ext4", this.#disk, `${DATA_MB}M`]);
    await rm(this.serial, { force: true });
    await mkdir(join(this.#options.cache, "code"), { recursive: true });
    const log = openSync(this.console, "a");
    const child = spawn("qemu-system-x86_64", this.#args(), { stdio: ["ignore", log, log] });
    closeSync(log);
    this.#child = child;
    while (!existsSync(this.serial)) {
      if (child.exitCode !== null) throw new Error(`QEMU ended with ${child.exitCode}: see ${this.console}`);
      await sleep(20);
    }
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
  }

  #args(): string[] {
    const { cache, shared, tcpPorts } = this.#options;
    const modules = realpathSync(join(CHECKOUT, "node_modules"));
    const shares = [
      ["checkout", CHECKOUT, true],
      ["modules", modules, true],
      ["share", shared, false],
      ["code", join(cache, "code"), false],
    ] as const;
    const append = ["console=ttyS0", "quiet", "panic=-1", `porter.checkout=${CHECKOUT}`, `porter.modules=${modules}`];
    const words = [
      `-accel tcg,thread=multi -cpu ${CPU} -smp 2 -m ${MEMORY_MB}`,
      "-nodefaults -display none -no-reboot -serial stdio",
      "-device virtio-net-pci,netdev=net -device virtio-rng-pci",
    ];
    const reached = tcpPorts.map((port) => `,guestfwd=tcp:${RIG_ADDRESS}:${port}-cmd:socat - TCP:127.0.0.1:${port}`);
    const drives = [`file=${join(cache, "root.img")},readonly=on`, `file=${this.#disk},cache=writeback`];
    const folders = shares.map(
      ([tag, path, isReadOnly]) =>
        `local,path=${path},mount_tag=${tag},id=${tag},security_model=none,multidevs=remap${isReadOnly ? ",readonly=on" : ""}`,
    );
    return [
      ...words.flatMap((line) => line.split(" ")),
      "-netdev",
      `user,id=net,restrict=on${reached.join("")}`,
      "-serial",
      `unix:${this.serial},server=on,wait=off`,
      "-kernel",
      join(cache, "vmlinuz"),
      "-initrd",
      join(cache, "initramfs"),
      "-append",
      append.join(" "),
      ...drives.flatMap((drive) => ["-drive", `${drive},format=raw,if=virtio`]),
      ...folders.flatMap((folder) => ["-virtfs", folder]),
    ];
  }
}
