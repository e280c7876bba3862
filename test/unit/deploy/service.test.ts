import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const SERVICE = resolve(import.meta.dirname, "../../../deploy/systemd/porter.service");
const ANALYZE = "/usr/bin/systemd-analyze";

/** systemd-analyze's own figure, 0 (closed) to 10 (open); it fails above the threshold, which is in tenths. */
async function exposureOf(service: string, threshold: number): Promise<number> {
  await using folder = await makeTempFolder();
  const path = join(folder.path, "porter.service");
  // It wants to see the program, which lies on a unit only.
  await writeFile(path, service.replace(/^ExecStart=\S+/m, "ExecStart=/bin/true"));
  const asked = ["security", "--offline=true", "--no-pager", `--threshold=${threshold}`, path];
  const { stdout } = await promisify(execFile)(ANALYZE, asked).catch((error: { stdout: string }) => error);
  return Number(/exposure level for porter.service: ([\d.]+)/.exec(stdout)?.[1]);
}

test.skipIf(!existsSync(ANALYZE))("systemd finds the service exposed by 2.0 at most", async () => {
  const service = await readFile(SERVICE, "utf8");
  expect(await exposureOf(service, 20)).toBeLessThanOrEqual(2);
  const open = service.replace(/^(NoNewPrivileges|ProtectSystem|CapabilityBoundingSet|SystemCallFilter)=.*$/gm, "");
  expect(await exposureOf(open, 20)).toBeGreaterThan(2);
});

test("the service is watched, starts again whatever it ended with, and its audio process goes first where memory ends", async () => {
  const service = await readFile(SERVICE, "utf8");
  for (const line of ["Type=notify", "User=porter", "WatchdogSec=20", "Restart=always", "OOMPolicy=continue"])
    expect(service).toContain(`\n${line}\n`);
  expect(Number(/^MemoryMax=(\d+)M$/m.exec(service)?.[1])).toBeLessThan(512);
});
