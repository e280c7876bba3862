import { execFileSync, spawnSync } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openKeystore } from "#device/keys/keystore.ts";
import { leanNode } from "#device/lean-node.ts";
import { realDisk } from "#device/update/disk.ts";
import { BUNDLE, install } from "#device/update/install.ts";
import { publicKeyOf, signKeyList } from "#device/update/key-list.ts";
import { LAUNCHER, MAIN, NODE } from "#device/update/manifest.ts";
import { writeBundle } from "#scripts/bundle/write.ts";
import { sha256 } from "./deeds.ts";
import type { Plan } from "./messages.ts";

export const REPOSITORY = fileURLToPath(new URL("../../../", import.meta.url));
/** Firmware of this version ends at once: it must give way. */
export const BAD_VERSION = "1.0.9-bad";
const VERSIONS = ["1.0.1", "1.0.2", "1.0.3", BAD_VERSION] as const;
const FIRST_VERSION = "1.0.0";
const DISK_BYTES = 96 * 1_048_576;
const SENDERS = 4;
/** Incompressible, so that an update takes a while; in several files. */
const FILLING = { files: 10, bytes: 260_000 };
const BUILT_AT_S = 1_795_435_200;

type Bundle = Plan["bundle"];

/** Everything that one unit's lives need, in a folder of the host; the guest reads it there. */
export type UnitFiles = Readonly<
  { disk: string; config: string; code: string; sendersFolder: string; bundles: readonly Bundle[] } & Pick<
    Plan,
    "senders"
  >
>;

/** A unit that was never started: firmware in slot a, no data, and four bundles to flash. Takes about a second. */
export async function makeUnit(folder: string): Promise<UnitFiles> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const bundles = new Bundles(folder);
  const stage = join(folder, "stage");
  const root = join(stage, "firmware");
  mkdirSync(join(root, "incoming"), { recursive: true });
  const trust = { format: 1, root: bundles.root, board: "sim", development: false };
  writeFileSync(join(root, "trust.json"), JSON.stringify(trust));
  const first = await bundles.make(FIRST_VERSION);
  writeFileSync(join(root, BUNDLE), readFileSync(first.path));
  const installed = await install(realDisk, root, true);
  if (!installed.ok) throw new Error(installed.sentence);
  const disk = join(folder, "disk.ext4");
  writeFileSync(disk, "");
  truncateSync(disk, DISK_BYTES);
  execFileSync("mke2fs", ["-q", "-F", "-t", "ext4", "-d", stage, disk], {
    env: { ...process.env, PATH: `${process.env.PATH ?? ""}:/usr/sbin:/sbin` },
  });
  rmSync(stage, { recursive: true });
  const config = join(folder, "unit.json");
  const hub = { name: "hub.test", mqttUrl: "mqtt://127.0.0.1:9", httpUrl: "http://127.0.0.1:9" };
  writeFileSync(config, JSON.stringify({ data: "/mnt/data", hub, audio: { io: { type: "room" } } }));
  const code = join(folder, "code");
  compileInto(code);
  const sendersFolder = join(folder, "senders");
  const more: Bundle[] = [];
  for (const version of VERSIONS) more.push(await bundles.make(version));
  return { disk, config, code, sendersFolder, senders: await makeSenders(sendersFolder), bundles: more };
}

/** Compiled once for all lives, which start a second sooner: both end at once for want of a unit. */
function compileInto(folder: string): void {
  const { execArgv } = leanNode("brain", "");
  const env = { ...process.env, NODE_COMPILE_CACHE: folder };
  for (const main of ["device/update/boot.ts", "scripts/rig/power/guest/life.ts"]) {
    spawnSync(process.execPath, [...execArgv, join(REPOSITORY, main)], { env, stdio: "ignore" });
  }
}

async function makeSenders(folder: string): Promise<Plan["senders"]> {
  const senders: Plan["senders"] = [];
  for (let index = 0; index < SENDERS; index += 1) {
    const name = `sender-${index}`;
    const opened = await openKeystore({ folder: join(folder, name), nowMs: Date.now() });
    if (!opened.ok) throw new Error(opened.message);
    senders.push({ folder: name, account: opened.keystore.account });
  }
  return senders;
}

/** Signed firmware that runs what `CUT_RUNS` names, out of this checkout: small, and all that starts it is real. */
class Bundles {
  readonly #folder: string;
  readonly #rootKey = generateKeyPairSync("ed25519").privateKey;
  readonly #signingKey = generateKeyPairSync("ed25519").privateKey;
  readonly root = publicKeyOf(this.#rootKey);

  constructor(folder: string) {
    this.#folder = folder;
  }

  async make(version: string): Promise<Bundle> {
    const path = join(this.#folder, `bundle-${version}`);
    const launcher = join(REPOSITORY, "device/update/boot.ts");
    const runs = version === BAD_VERSION ? "process.exit(1);\n" : "await import(process.env.CUT_RUNS);\n";
    const texts = {
      [NODE]: `#!/bin/sh\n# ${version}\nexec "${process.execPath}" "$@"\n`,
      [MAIN]: runs,
      [LAUNCHER]: `import ${JSON.stringify(launcher)};\n`,
      "app/package.json": `{"type":"module","version":"${version}"}\n`,
    };
    const filling = Array.from({ length: FILLING.files }, (_, index) => ({
      path: `app/filling-${index}`,
      mode: "644" as const,
      read: () => randomBytes(FILLING.bytes),
    }));
    const files = Object.entries(texts).map(([name, text]) => ({
      path: name,
      mode: name === NODE ? ("755" as const) : ("644" as const),
      read: () => Buffer.from(text),
    }));
    await writeBundle({
      files: [...files, ...filling],
      about: {
        version,
        counter: 1,
        board: "sim",
        arch: process.arch === "arm64" ? "arm64" : "x64",
        builtAtS: BUILT_AT_S,
      },
      keys: signKeyList(
        { format: 1, number: 1, keys: [{ key: publicKeyOf(this.#signingKey), use: "release" }] },
        this.#rootKey,
      ),
      root: this.root,
      signingKey: this.#signingKey,
      out: path,
      level: 1,
    });
    return { path, version, sha256: sha256(readFileSync(path)) };
  }
}
