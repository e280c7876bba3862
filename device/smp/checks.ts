import { execFile } from "node:child_process";
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as v from "valibot";
import type { SoundCheck, SoundConfig } from "#audio/protocol.ts";
import { RC } from "./packet.ts";
import type { Network, Sound } from "./unit-messages.ts";

/** What `audio/check/main.ts` prints of a test. */
const Heard = v.object({
  verdict: v.string(),
  says: v.string(),
  next: v.nullable(v.string()),
  sweeps: v.number(),
  delayMs: v.nullable(v.number()),
  levelDbfs: v.nullable(v.number()),
  noiseDbfs: v.number(),
  peakDbfs: v.number(),
});

const SOUND_PATIENCE_MS = 30_000;
const NETWORK_PATIENCE_MS = 5_000;
/** Ports where an address names none. */
const PORTS: Readonly<Record<string, number>> = { "mqtt:": 1883, "mqtts:": 8883, "http:": 80, "https:": 443 };

/** Plays three tones and listens for them, in a process of its own, as all sound is. Takes about eight seconds. */
export async function checkSound(
  io: SoundConfig,
): Promise<Readonly<{ ok: true; sound: Sound }> | Readonly<{ ok: false; rc: number; rsn: string }>> {
  const main = fileURLToPath(new URL("../../audio/check/main.ts", import.meta.url));
  const asked: SoundCheck = { do: "test", io, json: true };
  const ended = await promisify(execFile)(process.execPath, [main, JSON.stringify(asked)], {
    timeout: SOUND_PATIENCE_MS,
    killSignal: "SIGKILL",
    maxBuffer: 65_536,
  }).catch((error: unknown) => (isOutput(error) ? error : { stdout: "", stderr: String(error) }));
  const heard = v.safeParse(v.pipe(v.string(), v.parseJson(), Heard), ended.stdout.trim().split("\n").at(-1) ?? "");
  if (!heard.success) {
    const why = ended.stderr.trim().split("\n").at(-1) ?? "";
    return { ok: false, rc: RC.unknown, rsn: why === "" ? "the sound test ended without a word" : why };
  }
  const { sweeps, delayMs, levelDbfs, noiseDbfs, peakDbfs, ...said } = heard.output;
  const sound = {
    ...said,
    tones: sweeps,
    delayMs: delayMs === null ? null : Math.round(delayMs),
    levelTenthsDbfs: tenths(levelDbfs),
    noiseTenthsDbfs: tenths(noiseDbfs),
    peakTenthsDbfs: tenths(peakDbfs),
  };
  return { ok: true, sound };
}

function tenths(db: number | null): number | null {
  return db === null || !Number.isFinite(db) ? null : Math.round(db * 10);
}

function isOutput(error: unknown): error is { stdout: string; stderr: string } {
  return error instanceof Error && "stdout" in error && "stderr" in error;
}

/** Whether the hub is to be reached: its names, its broker, its service. */
export async function checkNetwork(hub: { mqttUrl: string; httpUrl: string }): Promise<Network> {
  const steps: Network["steps"][number][] = [];
  for (const [what, address] of [["broker", hub.mqttUrl] as const, ["service", hub.httpUrl] as const]) {
    const { hostname, port, protocol } = new URL(address);
    const host = hostname.replace(/^\[|\]$/g, "");
    const at = port === "" ? (PORTS[protocol] ?? 0) : Number(port);
    const found = await attempt(() => lookup(host));
    steps.push({ what: `name of the hub's ${what}`, ok: found === null, detail: found ?? `${host} is found` });
    if (found !== null) continue;
    const reached = await attempt(() => reach(host, at));
    steps.push({ what: `hub's ${what}`, ok: reached === null, detail: reached ?? `${host} answers on port ${at}` });
  }
  return { steps };
}

async function reach(host: string, port: number): Promise<void> {
  const socket = connect({ host, port });
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(NETWORK_PATIENCE_MS) });
  } finally {
    socket.destroy();
  }
}

async function attempt(run: () => Promise<unknown>): Promise<string | null> {
  try {
    await run();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
