import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { choose } from "#device/update/boot-state.ts";
import { realDisk } from "#device/update/disk.ts";
import { firstWrong } from "#device/update/install.ts";
import { NODE } from "#device/update/manifest.ts";
import type { Slots } from "#device/update/slots.ts";
import { makeBundle, tinyTree } from "#test/house/bundle.ts";
import { makeFirmware } from "#test/house/firmware.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const CHECKOUT = resolve(import.meta.dirname, "../..");
const LAUNCHER = join(CHECKOUT, "device/update/boot.ts");

/** A slot that starts the unit of this checkout, whatever main it is asked for. */
const REAL_UNIT = {
  ...tinyTree("new"),
  [NODE]: `#!/bin/sh\nuntil [ "\${1%.ts}" != "$1" ]; do shift; done; shift\nexec "${process.execPath}" "${join(CHECKOUT, "device/main.ts")}" "$@"\n`,
};

/** What systemd would start; ends as what it started ends. */
function launch(root: string, ...words: string[]) {
  const child = spawn(process.execPath, [LAUNCHER, "--root", root, "--", ...words], {
    env: { ...process.env, PORTER_LOG: "info" },
  });
  const out = { text: "" };
  child.stdout.on("data", (piece: Buffer) => (out.text += piece.toString()));
  child.stderr.on("data", (piece: Buffer) => (out.text += piece.toString()));
  return {
    child,
    out,
    ended: once(child, "close").then(([code]) => ({ code: code as number | null, said: out.text })),
  };
}

function configIn(folder: string): string {
  const config = {
    data: "data",
    hub: { name: "hub.test", mqttUrl: "mqtt://127.0.0.1:9", httpUrl: "http://127.0.0.1:9" },
    audio: { io: { type: "room" } },
  };
  writeFileSync(join(folder, "unit.json"), JSON.stringify(config));
  return join(folder, "unit.json");
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries += 1) {
    if (tries > 600) throw new Error("it never came about");
    await new Promise((done) => setTimeout(done, 50));
  }
}

test("a unit that is well on trial confirms itself and goes on as the same process", async () => {
  await using folder = await makeTempFolder();
  const root = join(folder.path, "firmware");
  const slots = await makeFirmware(root, REAL_UNIT);
  const { child, ended, out } = launch(root, "--config", configIn(folder.path));
  await until(() => slots.state()?.confirmed === "b" || child.exitCode !== null);
  // Once in its rehearsal, once for good.
  await until(() => out.text.split('"listening"').length > 2 || child.exitCode !== null);
  child.kill("SIGTERM");
  expect(await ended, out.text).toMatchObject({ code: 0 });
  expect(slots.state()).toMatchObject({ confirmed: "b", counter: 6, trial: null });
  expect(realDisk.linkOf(join(root, "current"))).toBe("slots/b");
  expect(existsSync(join(folder.path, "data/trial"))).toBe(false);
});

test("a unit that cannot read its book on trial gives way after three starts", async () => {
  await using folder = await makeTempFolder();
  const root = join(folder.path, "firmware");
  const slots = await makeFirmware(root, REAL_UNIT);
  const config = configIn(folder.path);
  realDisk.makeFolder(join(folder.path, "data"));
  writeFileSync(join(folder.path, "data/keys"), "no keys", { mode: 0o600 });
  for (let tries = 3; tries > 0; tries -= 1) {
    expect(slots.state()?.trial).toEqual({ slot: "b", triesLeft: tries });
    const { code, said } = await launch(root, "--config", config).ended;
    expect(said).toContain("gives way");
    expect(code).toBe(1);
  }
  expect(await launch(root).ended).toEqual({ code: 0, said: "old\n" });
  expect(slots.state()).toMatchObject({ confirmed: "a", trial: null, gaveWay: { version: "1.1.0" } });
  expect(readFileSync(join(folder.path, "data/keys"), "utf8")).toBe("no keys");
});

test("killed anywhere while it receives, unpacks or switches, the unit starts whole firmware, and ends in the new one", async () => {
  await using folder = await makeTempFolder();
  const root = join(folder.path, "firmware");
  const slots = await makeFirmware(root, null);
  const bundle = join(folder.path, "bundle");
  const ballast = Array.from({ length: 60 }, (_, at) => [`app/ballast-${at + 10}`, Buffer.alloc(100_000, at)]);
  const files = { ...tinyTree("new"), ...Object.fromEntries(ballast) };
  writeFileSync(bundle, await makeBundle({ files, about: { counter: 6, version: "1.1.0" } }));
  const install = () =>
    spawn(process.execPath, [join(CHECKOUT, "device/update/cli.ts"), "install", bundle, "--root", root], {
      stdio: "ignore",
    });
  let killed = 0;
  for (let round = 0; round < 12 && !slots.state()?.trial; round += 1) {
    const child = install();
    const closed = once(child, "close");
    const timer = setTimeout(() => child.kill("SIGKILL"), 240 + ((round * 97) % 160));
    const [, signal] = await closed;
    clearTimeout(timer);
    if (signal === "SIGKILL") killed += 1;
    mustStart(slots);
  }
  expect(killed).toBeGreaterThan(0);
  if (!slots.state()?.trial) await once(install(), "close");
  expect(slots.state()?.trial).toEqual({ slot: "b", triesLeft: 3 });
  expect((await launch(root).ended).said).toContain("new\n");
});

function mustStart(slots: Slots): void {
  const state = slots.state();
  const slot = state && choose(state).slot;
  const manifest = slot && slots.manifestIn(slot);
  if (!slot || !manifest) throw new Error("nothing would start");
  expect(firstWrong(realDisk, slots.folderOf(slot), manifest)).toBeNull();
}
