import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Guest, startGuest } from "#deploy/guest.ts";
import { collect } from "#scripts/bundle/collect.ts";
import { stagePackages } from "#scripts/bundle/stage.ts";
import { type Source, writeBundle } from "#scripts/bundle/write.ts";
import { keyList, ROOT, signers } from "#test/house/bundle.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const CHECKOUT = resolve(import.meta.dirname, "../..");
const ARCH = { arch: "x64" } as const;
const MINUTE_MS = 60_000;
/** A quick level: bundles some 85 MB long. */
const LEVEL = 3;
const BAUD = 921_600;
/**
 * It waits on its serial line, at an adapter: the emulated 16550 hands over 14 bytes at a time, 5.6 kB/s of a bundle. Its
 * room is simulated, since the machine has no sound card.
 */
const CONFIG = {
  data: "/var/lib/porter/data",
  serial: { port: "/dev/ttyUSB0", baudRate: BAUD },
  // A network a machine as slow as this one has no time for: it would take from the line what it needs itself.
  audio: { io: { type: "room" }, wakeWord: false, confined: true },
  patience: 6,
};
/** What a machine has to be told that is many times slower than a board. */
const EMULATED = {
  "etc/systemd/system/porter.service.d/emulated.conf": "[Service]\nTimeoutStartSec=900\nWatchdogSec=120\n",
  "etc/modules-load.d/porter.conf": "ftdi_sio\n",
};
const WITHOUT_EARS = Buffer.from("process.exit(1);\n");

type Folder = Awaited<ReturnType<typeof makeTempFolder>>;
type Told = Readonly<{ exitCode: number; steps: readonly { what: string; outcome: string; detail: string }[] }>;

let folder: Folder;
let guest: Guest;
const fileOf = (version: string) => join(folder.path, `${version}.porter`);

async function build(version: string, counter: number, change = (file: Source): Source => file): Promise<string> {
  const staging = stagePackages(CHECKOUT, join(CHECKOUT, "out/bundle"), ARCH, () => undefined);
  const { files } = collect(CHECKOUT, staging, ARCH, () => undefined);
  await writeBundle({
    files: files.map(change),
    about: { version, counter, board: "sim", arch: "x64", builtAtS: 0 },
    keys: keyList(),
    root: ROOT,
    signingKey: signers.release,
    out: fileOf(version),
    level: LEVEL,
  });
  return fileOf(version);
}

function install(command: string, ...words: string[]): ChildProcess {
  const line = ["--port", guest.port("usb"), "--baud", String(BAUD), "--patience", "600", "--json", ...words];
  return spawn(process.execPath, [join(CHECKOUT, "install/main.ts"), command, ...line], {
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function ended(child: ChildProcess): Promise<Told | null> {
  let said = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  await once(child, "close");
  return said === "" ? null : (JSON.parse(said) as Told);
}

/** How much of a bundle the unit holds, as its own disk says. */
async function received(): Promise<number> {
  const said = await guest.console.shell("stat -c %s /var/lib/porter/firmware/incoming/bundle 2>/dev/null || echo 0");
  return Number(said);
}

/** The slot that counts. */
async function confirmed(): Promise<string> {
  const said = await guest.console.shell("cat /var/lib/porter/firmware/boot.json");
  const slot = /"confirmed":\s*"([ab])"/.exec(said)?.[1];
  if (slot === undefined) throw new Error(`no slot counts: ${said}`);
  return slot;
}

async function untilAnswers(): Promise<void> {
  for (let tries = 0; tries < 60; tries += 1) {
    const told = await ended(install("status"));
    if (told?.exitCode === 0) return;
    await pause(2_000);
  }
  throw new Error(`the unit does not answer:\n${guest.console.tail}`);
}

async function boot(): Promise<void> {
  guest = await startGuest({ image: join(folder.path, "image"), folder: join(folder.path, "guest") });
  await guest.console.untilPrompt(10 * MINUTE_MS);
  await untilAnswers();
}

beforeAll(async () => {
  folder = await makeTempFolder();
  const first = await build("0.1.1", 1);
  const image = join(folder.path, "image");
  await mkdir(image);
  const config = join(folder.path, "unit.json");
  await writeFile(config, JSON.stringify(CONFIG));
  const overlay = join(folder.path, "overlay");
  for (const [path, content] of Object.entries(EMULATED)) {
    await mkdir(join(overlay, dirname(path)), { recursive: true });
    await writeFile(join(overlay, path), content);
  }
  const files = ["--bundle", first, "--config", config, "--overlay", overlay, "--out", image];
  const words = [...files, "--root-key", ROOT, "--shell"];
  await promisify(execFile)(join(CHECKOUT, "deploy/image"), words, { maxBuffer: 2 ** 24 });
  await boot();
}, 20 * MINUTE_MS);

afterAll(async () => {
  await guest?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

test(
  "a bundle flashed through a serial line, its cable pulled and the power cut on the way, runs and is confirmed",
  async () => {
    const file = await build("0.1.2", 2);
    const killed = install("flash", file, "--root", ROOT);
    while ((await received()) < 20e6) await pause(1_000);
    killed.kill("SIGKILL");
    await once(killed, "close");
    const startedMs = performance.now();
    const second = install("flash", file, "--root", ROOT);
    while ((await received()) < 40e6) await pause(1_000);
    process.stdout.write(`over the line: ${Math.round(20e6 / (performance.now() - startedMs))} kB/s\n`);
    second.kill("SIGKILL");
    await once(second, "close");
    await guest.cutPower();
    await boot();
    expect(await received()).toBeGreaterThan(35e6);
    const told = await ended(install("flash", file, "--root", ROOT));
    expect(told?.exitCode, JSON.stringify(told)).toBe(0);
    expect(told?.steps.at(-1)?.detail).toMatch(/0\.1\.2 runs and has confirmed itself/);
    expect(await confirmed()).toBe("b");
  },
  60 * MINUTE_MS,
);

test(
  "a bundle whose ears do not start is tried, and the unit goes back to what ran before",
  async () => {
    const before = await confirmed();
    const file = await build("0.1.3", 3, (source) =>
      source.path === "app/audio/main.ts" ? { ...source, read: () => WITHOUT_EARS } : source,
    );
    const told = await ended(install("flash", file, "--root", ROOT));
    expect(told?.exitCode, JSON.stringify(told)).toBe(7);
    expect(await confirmed()).toBe(before);
    await untilAnswers();
  },
  60 * MINUTE_MS,
);
