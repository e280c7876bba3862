import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Machine } from "./guest/machine.ts";
import { bootsX64 } from "./targets/make.ts";

const WITHIN_MS = 600_000;
/** What the guest runs in place of the agent: the boards' contract on the lines of gpio-sim that `init` made. */
const CONTRACT = `
cd "$checkout"
# vitest writes beside the packages.
packages=$(readlink -f node_modules)
mkdir -p /run/vitest/upper /run/vitest/work
mount -t overlay -o "lowerdir=$packages,upperdir=/run/vitest/upper,workdir=/run/vitest/work" vitest "$packages"
PORTER_GPIO_SIM=$(ls -d /sys/devices/platform/gpio-sim*/gpiochip*)
PORTER_GPIO_CHIP=\${PORTER_GPIO_SIM##*/}
export PORTER_GPIO_SIM PORTER_GPIO_CHIP
node_modules/.bin/node node_modules/vitest/vitest.mjs run --config vitest.long.config.ts test/long/board-gpio-sim.test.ts >/share/output 2>&1
echo $? >/share/result.part && mv /share/result.part /share/result
sync
sleep 60
`;

/** `npm run rig -- boards`: the boards' contract on GPIO lines of a real kernel, in a machine in QEMU. */
export async function boards(): Promise<number> {
  const folder = resolve("out/rig/boards");
  const shared = join(folder, "shared");
  await rm(folder, { recursive: true, force: true });
  await mkdir(shared, { recursive: true });
  await writeFile(join(shared, "run"), CONTRACT);
  const boots = await bootsX64((what) => process.stderr.write(`  · ${what}\n`));
  await using machine = new Machine({ ...boots, folder, shared, tcpPorts: [] });
  await machine.powerOn();
  const result = join(shared, "result");
  const deadline = Date.now() + WITHIN_MS;
  while (!existsSync(result)) {
    if (Date.now() > deadline) throw new Error(`no end within ${WITHIN_MS / 60_000} minutes: see ${machine.console}`);
    await sleep(500);
  }
  process.stdout.write(await readFile(join(shared, "output"), "utf8"));
  return Number(await readFile(result, "utf8")) === 0 ? 0 : 1;
}
