import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { type Guest, startGuest } from "./guest.ts";

const USAGE = `usage: node deploy/measure.ts FOLDER [MEMORY_MB]

Boots an image that deploy/image made with --shell and a config that names its hub, until the unit listens: how long that
took, from power-on and from the service's start, and how much memory it takes. In software emulation times are many
times what a board needs; memory is what it is.
`;
/** A machine in software emulation beside others that are busy. */
const PATIENCE_MS = 900_000;
const LISTENING = '"msg":"listening"';
/** After it has listened for so long, it holds what it goes on holding. */
const SETTLE_S = 10;

const Figures = v.object({
  serviceAtUs: v.number(),
  listeningAtUs: v.number(),
  uptimeS: v.number(),
  brainKb: v.number(),
  audioKb: v.number(),
  cgroupBytes: v.number(),
  freeKb: v.number(),
  totalKb: v.number(),
});

/** One JSON object, put together by the guest's shell. */
const ASK = `
of() { for p in $(cat /sys/fs/cgroup/system.slice/porter.service/cgroup.procs); do tr '\\0' ' ' </proc/$p/cmdline | grep -q "$1" && echo $p; done | head -1; }
pss() { sed -n 's/^Pss: *\\([0-9]*\\) kB/\\1/p' /proc/$1/smaps_rollup; }
mem() { sed -n "s/^$1: *\\([0-9]*\\) kB/\\1/p" /proc/meminfo; }
at=$(journalctl -u porter -o json --output-fields=MESSAGE | grep 'msg[^a-z]*listening' | head -1 | sed 's/.*"__MONOTONIC_TIMESTAMP":"\\([0-9]*\\)".*/\\1/')
printf '{"serviceAtUs": %s, "listeningAtUs": %s, "uptimeS": %s, "brainKb": %s, "audioKb": %s, "cgroupBytes": %s, "freeKb": %s, "totalKb": %s}\n' \
  "$(systemctl show -P ExecMainStartTimestampMonotonic porter)" "$at" "$(cut -d' ' -f1 /proc/uptime)" \
  "$(pss $(of /device/main))" "$(pss $(of /audio/main))" \
  "$(systemctl show -P MemoryCurrent porter)" "$(mem MemAvailable)" "$(mem MemTotal)"`;

async function measure(image: string, memoryMb: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "porter-guest-"));
  const startedMs = performance.now();
  try {
    await using guest = await startGuest({ image, folder, memoryMb });
    await guest.console.untilPrompt(PATIENCE_MS);
    await untilListening(guest);
    await guest.console.shell(`sleep ${SETTLE_S}`, PATIENCE_MS);
    const answer = await guest.console.shell(ASK, 60_000);
    const upMs = performance.now() - startedMs;
    const figures = v.parse(v.pipe(v.string(), v.parseJson(), Figures), answer);
    say(figures, upMs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function untilListening(guest: Guest): Promise<void> {
  const log = "journalctl -u porter -o cat --no-pager";
  const wait = `for i in $(seq 120); do ${log} | grep -q '${LISTENING}' && break; sleep 1; done; ${log} | grep -q '${LISTENING}'`;
  try {
    await guest.console.shell(wait, PATIENCE_MS);
  } catch (cause) {
    const said = await guest.console.shell(`systemctl --no-pager status porter; ${log} | tail -30`).catch(String);
    throw new Error(`the unit does not listen:\n${said}`, { cause });
  }
}

function say(figures: v.InferOutput<typeof Figures>, upMs: number): void {
  const { serviceAtUs, listeningAtUs, uptimeS, brainKb, audioKb, cgroupBytes, freeKb, totalKb } = figures;
  // What passes before the kernel counts: firmware, and loading the kernel.
  const beforeS = upMs / 1_000 - uptimeS;
  const mb = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MB`;
  process.stdout.write(
    [
      `power-on → listening        ${(beforeS + listeningAtUs / 1e6).toFixed(1)} s`,
      `service's start → listening ${((listeningAtUs - serviceAtUs) / 1e6).toFixed(1)} s`,
      `memory: brain               ${mb(brainKb * 1024)} (PSS)`,
      `        audio process       ${mb(audioKb * 1024)} (PSS)`,
      `        the service         ${mb(cgroupBytes)} (its cgroup, page cache included)`,
      `        the whole machine   ${mb((totalKb - freeKb) * 1024)} of ${mb(totalKb * 1024)} (not available any more)`,
      "",
    ].join("\n"),
  );
}

const [image, memory = "512"] = process.argv.slice(2);
if (image === undefined || image === "--help") {
  process.stdout.write(USAGE);
  process.exitCode = image === undefined ? 2 : 0;
} else {
  process.exitCode = await measure(image, Number(memory)).then(
    () => 0,
    (error: unknown) => {
      process.stderr.write(`measure: ${error instanceof Error ? error.message : String(error)}\n`);
      return 1;
    },
  );
}
