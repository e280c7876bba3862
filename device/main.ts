import { readFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as v from "valibot";
import { systemClock as clock } from "#base/clock.ts";
import { openLog } from "#base/log.ts";
import { Sweep } from "#base/sweep.ts";
import type { Hal } from "#hal/hal.ts";
import { openBench, openBoard } from "#hal/open.ts";
import { type Config, readBase, withTold } from "./config.ts";
import { connect } from "./connect.ts";
import { Bench } from "./control/bench.ts";
import { controlHandlers } from "./control/handlers.ts";
import { openPatiently } from "./control/patient.ts";
import { controlLine, openBenchSocket, openControlSocket } from "./control/socket.ts";
import { Daemon } from "./daemon.ts";
import { type Ears, startEars } from "./ears.ts";
import type { Event } from "./events.ts";
import { foldersOf } from "./household.ts";
import { openNotify } from "./notify.ts";
import { settleBench } from "./on-bench.ts";
import { openOwners } from "./owners.ts";
import { resetIfAsked } from "./smp/factory-reset.ts";
import type { Firmware } from "./smp/firmware.ts";
import type { Rig } from "./smp/group-bench.ts";
import { Station } from "./smp/station.ts";
import { openFirmware } from "./smp/updates-firmware.ts";
import { FIRST, type ResidentId } from "./state.ts";
import { openPin } from "./store/pin.ts";
import { readTaught } from "./store/taught-words.ts";
import { TakeDesk } from "./take-desk.ts";
import { passTrial } from "./update/pass-trial.ts";
import { ROOT_VARIABLE } from "./update/slots.ts";
import { type HealthCheck, healthOf } from "./update/trial.ts";
import { keepVoice, readVoice } from "./voice-settings.ts";
import { startWatchdog, type WatchdogOptions, watchedWithinMs } from "./watchdog.ts";

const log = openLog("brain");
const PACKAGE = new URL("../package.json", import.meta.url);
const Package = v.pipe(v.string(), v.parseJson(), v.object({ version: v.string() }));
/** "Start me again" (EX_TEMPFAIL of sysexits.h): systemd does, after an update, a factory reset or a new hub. */
const RESTART_EXIT = 75;
const RESTART_AFTER_MS = 300;
/** As long as deploy/systemd/porter.service gives it. */
const START_WITHIN_MS = 240_000;

type Unit = Readonly<{
  stopped: Promise<void>;
  stop: () => void;
  hal: Hal;
  /** Null where it is nobody's but its owner's. */
  rig: Rig | null;
  ears: Ears;
  health: readonly HealthCheck[];
}>;

/**
 * Builds a unit, in this order, and takes it apart in reverse. Resolves with how to stop it once it is up. `reachable`
 * false: nothing from outside gets to it, nor anything out. `onBench`: it is a rig's.
 */
async function start(
  config: Config,
  { reachable, onBench }: Readonly<{ reachable: boolean; onBench: boolean }>,
): Promise<Unit> {
  await using building = new AsyncDisposableStack();
  const startedMs = clock.nowMs();
  let daemon: Daemon | null = null;
  const early: (readonly [Event, ResidentId])[] = [];
  const dispatch = (event: Event, of: ResidentId = FIRST) =>
    daemon ? daemon.dispatch(event, of) : early.push([event, of]);

  // The keys come first: they make the unit's folder, which must be its own. Without them, or without a book, the unit
  // stays up, lets nobody in, and says so.
  const opened = await openOwners(foldersOf(config), { region: config.region, clock, log });
  for (const { close } of opened) building.defer(close);

  const { hal, rig } = await openBoard(config.board, { clock, log, onBench });
  building.use(hal);
  building.defer(hal.button.onChange((change) => dispatch({ type: "button", change })));
  building.defer(hal.mute.onChange((engaged) => dispatch({ type: "mute", engaged })));

  const { taughtWord } = config.audio;
  const taught = taughtWord === undefined ? null : readTaught(config.data, taughtWord);
  if (taught?.ok === false) log.warn("the word that the unit was taught cannot be used");
  const takes = new TakeDesk({ clock, dispatch });
  const ears = startEars({
    config: config.audio,
    patience: config.patience,
    data: config.data,
    clock,
    log,
    onReport: (report) => {
      // Before the grammar comes: the word stands in front of it.
      if (report.type === "ready" && taught?.ok)
        ears.send({ type: "set-wake", word: taught.taught.word, head: taught.taught.head });
      takes.hear(report);
      bench?.hear(report);
      dispatch({ type: "report", report });
    },
    onDeath: () => {
      takes.earsDied();
      bench?.earsDied();
      dispatch({ type: "ears-died" });
    },
    onHealth: (failing) => dispatch({ type: "ears-health", failing }),
    isIdle: () => daemon?.isIdle ?? true,
  });
  building.use(ears);
  const bench = rig && new Bench({ rig, clock, send: (command) => ears.send(command) });

  const strangersTurn = { fromMs: 0 };
  const owners = opened.map(({ name, keystore, stores, restored }, of) => {
    if (!stores || !keystore || !reachable) return { name, stores, restored, network: null };
    const { link } = building.use(
      connect({
        hub: config.hub,
        invitation: of === FIRST ? config.invitation : config.household[of - 1]?.invitation,
        keystore,
        stores,
        strangersTurn,
        clock,
        log,
        dispatch: (event) => dispatch(event, of),
        onState: (state) =>
          bench?.tell({ at: clock.nowMs(), event: "link", detail: of === FIRST ? { state } : { state, owner: of } }),
      }),
    );
    return { name, stores, restored, network: { link, keystore } };
  });
  const pin = openPin({ folder: config.data, clock });
  const [first = NOBODY, ...household] = owners;
  daemon = new Daemon({
    ...first,
    pin,
    household,
    clock,
    log,
    ears,
    lights: hal.lights,
    ringBackMs: config.ringBackMs,
    voice: readVoice(config.data),
    keepVoice: (voice) => {
      if (!keepVoice(config.data, voice)) log.warn("how the unit speaks could not be saved");
    },
    muted: hal.mute.engaged,
    tell: (line) => bench?.tell(line),
  });
  for (const [event, of] of early.splice(0)) daemon.dispatch(event, of);
  building.defer(() => daemon.stop());
  building.use(new Sweep({ clock, isQuiet: () => daemon.isIdle, collect: () => globalThis.gc?.() }));
  for (const { stores } of opened) stores?.journal.append({ atMs: startedMs, what: "start" });

  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  let control: Rig["control"] = null;
  for (const [of, owner] of opened.entries()) {
    const { folder, name, keystore, stores, fault, warnings } = owner;
    const link = owners[of]?.network?.link ?? null;
    const unit = { name: config.name ?? null, owner: name, clock, daemon: daemon.ownersView(of), ears, hal, link };
    const only = of === FIRST ? { pin, stop, takes } : { pin: null, stop: null, takes: null };
    const told = taught?.ok === false && of === FIRST ? [...warnings, taught.fault] : warnings;
    const handlers = controlHandlers({ ...unit, keystore, stores, fault, warnings: told, ...only });
    if (of === FIRST) control = controlLine({ handlers, log });
    const path = join(folder, "control.sock");
    const open = openPatiently(() => openControlSocket({ path, handlers, log }), { clock, log });
    // Whatever is wrong with another owner's socket does not stop the first owner's calls.
    const socket = await (of === FIRST ? open : open.catch((error: unknown) => withoutSocket(error)));
    if (socket) building.use(socket);
  }
  if (bench) {
    const benchPath = join(config.data, "bench.sock");
    const open = () => openBenchSocket({ path: benchPath, handlers: bench.handlers, log });
    building.use(await openPatiently(open, { clock, log }));
  }
  flushCompileCache();
  log.info("the unit is up");
  const unit = building.move();
  const fault = opened.find((owner) => owner.fault !== null)?.fault ?? null;
  const health = healthOf({ fault, ears, hal });
  return {
    stop,
    hal,
    rig: rig && onBench ? { board: rig, control } : null,
    ears,
    stopped: stopped.then(() => unit.disposeAsync()),
    health,
  };
}

/** There is always a first owner; but a list may be empty. */
const NOBODY = { name: null, stores: null, restored: false, network: null };

function withoutSocket(error: unknown): null {
  log.error({ error: error instanceof Error ? error.message : String(error) }, "an owner has no control socket");
  return null;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { config: { type: "string" }, help: { type: "boolean", short: "h" } } });
  if (values.help === true || values.config === undefined) {
    process.stdout.write(
      "usage: node device/main.ts --config FILE\n\nRuns one unit in the foreground; see README.md.\n",
    );
    return values.help === true ? 0 : 2;
  }
  const read = readBase(values.config);
  if (!read.ok) {
    for (const fault of read.faults) process.stderr.write(`porter: ${values.config}: ${fault}\n`);
    return 2;
  }
  const { base } = read;
  if (resetIfAsked(base.data)) log.warn("a factory reset was asked for: the unit begins anew");
  await using bench = await openBench(base.board, { clock, log });
  const onBench = bench !== null;
  if (settleBench(base.data, onBench)) log.warn({ onBench }, "the rig's jumper was moved: the unit begins anew");
  const notify = await openNotify(process.env.NOTIFY_SOCKET, log);
  const watch = { notify, withinMs: watchedWithinMs(process.env, process.pid), clock, log };
  const restart = Promise.withResolvers<"restart">();
  const firmware = base.serial ? openFirmware(process.env[ROOT_VARIABLE]) : null;
  await using station = base.serial
    ? await Station.open({
        base,
        serial: base.serial,
        isToldByFile: read.isTold,
        version: versionOf(firmware),
        firmware,
        clock,
        log,
        // After the answer has left.
        restart: () => clock.after(RESTART_AFTER_MS, () => restart.resolve("restart")),
      })
    : null;
  // Firmware proves itself whether or not an installer has told the unit its hub: in a rehearsal nobody reaches that.
  const rehearse = (data: string) => start({ ...base, data }, { reachable: false, onBench: false });
  const { data, patience } = base;
  // The time that the service gives a unit to start is for one that is not emulated.
  if (patience > 1) notify(`EXTEND_TIMEOUT_USEC=${Math.round(START_WITHIN_MS * patience * 1_000)}`);
  if (!(await passTrial({ env: process.env, data, rehearse, patience, clock, log }))) return 1;
  const config = read.isTold
    ? base
    : station && (await awaitInstaller({ base, station, onBench, restart: restart.promise, watch }));
  if (!config || config === "restart") return RESTART_EXIT;
  if (config.timeZone !== undefined) process.env.TZ = config.timeZone;
  const unit = await start(config, { reachable: true, onBench });
  const letGo = station?.use(unit.hal, { running: true, rig: unit.rig });
  notify("READY=1");
  using watchdog = startWatchdog({ ...watch, ears: unit.ears });
  // A terminal's Ctrl-C may come more than once: by itself, and handed on by whoever started us.
  process.on("SIGTERM", unit.stop);
  process.on("SIGINT", unit.stop);
  const why = await Promise.race([unit.stopped, restart.promise]);
  letGo?.();
  watchdog[Symbol.dispose]();
  notify("STOPPING=1");
  if (why !== "restart") return 0;
  unit.stop();
  await unit.stopped;
  return RESTART_EXIT;
}

/** What the bundle said that this runs from; the package's where it runs from none. */
function versionOf(firmware: Firmware | null): string {
  const running = firmware?.slots().find(({ active }) => active);
  return running?.version ?? v.parse(Package, readFileSync(PACKAGE, "utf8")).version;
}

/** The unit has its keys, shows that it calls nobody, and waits on its serial line for what an installer says. */
async function awaitInstaller(
  waiting: Readonly<{
    base: Config;
    station: Station;
    onBench: boolean;
    restart: Promise<"restart">;
    watch: Omit<WatchdogOptions, "ears">;
  }>,
): Promise<Config | "restart"> {
  const { base, station, onBench, restart, watch } = waiting;
  const { hal, rig } = await openBoard(base.board, { clock, log, onBench });
  await using board = hal;
  const letGo = station.use(board, { running: false, rig: rig && onBench ? { board: rig, control: null } : null });
  board.lights.show(station.waitingScene);
  log.info("the unit waits on its serial line to be provisioned: porter-install provision --port PORT");
  watch.notify("READY=1\nSTATUS=waits on its serial line to be provisioned (porter-install provision)");
  using _ = startWatchdog({ ...watch, ears: null });
  const told = await Promise.race([station.told, restart]);
  letGo();
  if (told === "restart") return told;
  log.info("the unit is provisioned");
  return withTold(base, told.told);
}

process.exitCode = await main().catch((error: unknown) => {
  log.error({ error: error instanceof Error ? error.message : String(error) }, "the unit could not start");
  return 1;
});
// What holds the loop open by now (a timer of a library) is nobody's any more.
process.exit();
