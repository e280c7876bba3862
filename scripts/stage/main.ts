import { copyFile, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { encodeWakeHead, zeroedWakeHead } from "#audio/engines/wake-head.ts";
import type { TimelineLine } from "#device/control/requests.ts";
import { besideBudgets } from "./figures.ts";
import type { Home } from "./home.ts";
import { type PageHome, page } from "./page.ts";
import { SCENES, setStage } from "./play.ts";
import { Listener } from "./recording.ts";
import { reportOf, type StepResult } from "./report.ts";
import { Street } from "./street.ts";

const HELP = `usage: scripts/demo [--json] [--out FOLDER]

Three homes, a hub and a relay on this machine, as real processes: Ana and Ben call each other and leave messages by
voice, and Mallory is blocked. Nothing is said but into a simulated room's microphone. Takes four to five minutes.

  --json         print the report as JSON at the end, and the live timeline on standard error
  --out FOLDER   where index.html, report.json and the rooms' WAVs go (default: out/demo); must be empty, or an
                 earlier demo's, which is replaced
  --mute-wake    a control that must fail: the wake word's weights are all zero
  --deaf-far-end a control that must fail: nothing of the far end's microphone is sent
  -h, --help
`;

/** Long enough to be heard, short enough for a demo. */
const RING_BACK_MS = 12_000;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      json: { type: "boolean" },
      out: { type: "string", default: "out/demo" },
      "mute-wake": { type: "boolean" },
      "deaf-far-end": { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const print = (line: string) => (values.json ? process.stderr : process.stdout).write(`${line}\n`);
  const out = resolve(values.out);
  const occupied = await clearOut(out);
  if (occupied !== null) {
    process.stderr.write(`demo: ${occupied}\n`);
    return 2;
  }
  const startedMs = Date.now();
  const stamp = () => `${((Date.now() - startedMs) / 1_000).toFixed(1).padStart(6)} s `;

  await using building = new AsyncDisposableStack();
  const listener = building.use(await Listener.open());
  const street = building.use(
    await Street.build({
      folder: join(out, "homes"),
      ringBackMs: RING_BACK_MS,
      onProgress: (what) => print(`${stamp()} · ${what}`),
      onLine: (name, line) => {
        const told = tellable(line);
        if (told) print(`${stamp()}   ${name.padEnd(8)} ${told}`);
      },
      ...(values["mute-wake"] && { audio: { wakeHead: await silentHead(out) } }),
    }),
  );
  if (values["deaf-far-end"]) await street.ana.unit.ask({ do: "cut-uplink", cut: true });

  const stage = setStage(street, listener, RING_BACK_MS);
  const steps: StepResult[] = [];
  for (const { name, play } of SCENES) {
    const atMs = Date.now();
    print(`${stamp()} ▶ ${name}`);
    const done = await play(stage).then(
      (detail) => ({ ok: true, detail }),
      (error: unknown) => ({ ok: false, detail: error instanceof Error ? error.message : String(error) }),
    );
    steps.push({ name, atMs, ms: Date.now() - atMs, ...done });
    print(`${stamp()} ${done.ok ? "✔" : "✘"} ${done.detail}`);
    // What follows stands on what came before.
    if (!done.ok) break;
  }

  const homes = await Promise.all(street.homes.map((home) => pageHome(home, out)));
  await building.disposeAsync();
  const report = reportOf(steps, SCENES.length, stage.figures);
  const figures = besideBudgets(stage.figures);
  const { unplugged } = stage.figures;
  await writeFile(join(out, "report.json"), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(
    join(out, "index.html"),
    page({ ok: report.ok, startedMs, endedMs: Date.now(), steps, homes, figures, unplugged }),
  );
  // What went wrong stands in the units' logs; what went well needs none of their folders, which hold keys.
  if (report.ok) await rm(join(out, "homes"), { recursive: true, force: true });
  else print(`The logs are in ${join(out, "homes")}`);
  for (const { what, measured, budget, ok } of figures) print(`${ok ? "  " : "! "}${what}: ${measured} (${budget})`);
  print(report.ok ? `It works. See ${join(out, "index.html")}` : `It failed. See ${join(out, "index.html")}`);
  if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  return report.ok ? 0 : 1;
}

/** Stands in a folder that a demo made, so that the next one may clear it. */
const MARK = ".porter-demo";

/** Makes room for what the demo leaves; says why not where the folder holds anything else. */
async function clearOut(out: string): Promise<string | null> {
  const found: string[] | Error = await readdir(out).catch((error: NodeJS.ErrnoException) =>
    error.code === "ENOENT" ? [] : error,
  );
  if (found instanceof Error) return `${out} cannot be used: ${found.message}`;
  if (found.length > 0 && !found.includes(MARK)) return `${out} is not empty, and no demo made it: name another --out`;
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  await writeFile(join(out, MARK), "");
  return null;
}

/** The wake word's weights, all zero. */
async function silentHead(out: string): Promise<string> {
  const path = join(out, "silent.head");
  await writeFile(path, encodeWakeHead(zeroedWakeHead()));
  return resolve(path);
}

/** Stops the recordings and lays each room's WAV beside the page. */
async function pageHome(home: Home, out: string): Promise<PageHome> {
  await home.unit.ask({ do: "record", folder: null });
  const { changes } = await home.unit.ask({ do: "lights" });
  const recordings = await Promise.all(
    home.recordings.map(async (recording, at) => {
      const wav = `${home.name.toLowerCase()}-${at + 1}.wav`;
      await copyFile(join(recording.folder, "room.wav"), join(out, wav));
      const [room, loudspeaker] = await Promise.all([recording.all("room"), recording.all("loudspeaker")]);
      const people = room.map((sample, index) => sample - (loudspeaker[index] ?? 0));
      return { startedMs: recording.startedMs, people, loudspeaker, wav };
    }),
  );
  return { name: home.name, recordings, lights: changes, timeline: home.unit.timeline };
}

/** What of the timeline is worth a line to somebody who watches. */
function tellable({ event, detail }: TimelineLine): string | null {
  switch (event) {
    case "ears-wake":
      return "hears its wake word";
    case "ears-heard":
      return detail?.text === null
        ? "understood nothing"
        : `understood "${detail?.text}" (${Number(detail?.score).toFixed(2)})`;
    case "says":
      return `says "${detail?.sentence}"`;
    case "ring":
      return "rings";
    case "stop-ring":
      return "stops ringing";
    case "call":
      return `call: ${detail?.at}`;
    case "journal":
      return detail?.act === null ? null : `gate: ${detail?.act} (${detail?.because}) ${detail?.kind}`;
    case "show":
    case "show-guest":
      return `light: ${detail?.scene}`;
    case "link":
      return `link ${detail?.state}`;
    case "refused":
      return `refused an effect without a pass: ${detail?.effect}`;
    default:
      return null;
  }
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});
process.exit();
