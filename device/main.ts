import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { systemClock as clock } from "#base/clock.ts";
import { openLog } from "#base/log.ts";
import { openBoard } from "#hal/open.ts";
import { type Config, readConfig } from "./config.ts";
import { Bench } from "./control/bench.ts";
import { controlHandlers } from "./control/handlers.ts";
import { openPatiently } from "./control/patient.ts";
import { openBenchSocket, openControlSocket } from "./control/socket.ts";
import { Daemon } from "./daemon.ts";
import { startEars } from "./ears.ts";
import { MailSender } from "./effects/mail-sender.ts";
import type { Event } from "./events.ts";
import { lookup } from "./gate/lookup.ts";
import { openKeystore } from "./keys/keystore.ts";
import { openLink } from "./link/broker.ts";
import type { Link } from "./link/link.ts";
import { receiver } from "./receive.ts";
import { mailOf } from "./receive-mail.ts";
import { openStores } from "./stores.ts";

const log = openLog("brain");

/** Builds a unit, in this order, and takes it apart in reverse. Resolves with how to stop it once it is up. */
async function start(config: Config): Promise<{ stopped: Promise<void>; stop: () => void }> {
  await using building = new AsyncDisposableStack();
  const startedMs = clock.nowMs();
  let daemon: Daemon | null = null;
  const early: Event[] = [];
  const dispatch = (event: Event) => (daemon ? daemon.dispatch(event) : early.push(event));

  // The keys come first: they make the unit's folder, which must be its own. Without them, or without a book, the unit
  // stays up, lets nobody in, and says so.
  const keys = await openKeystore({ folder: config.data, nowMs: startedMs });
  const opened = keys.ok
    ? openStores(config.data, keys.keystore, { region: config.region, clock, log })
    : ({ ok: false, fault: keys.message } as const);
  if (opened.ok) building.defer(opened.close);
  else log.error({ fault: opened.fault }, "the unit starts without a book: nobody gets in");
  for (const warning of opened.ok ? opened.warnings : []) log.error({ warning }, "the unit starts with a warning");
  const stores = opened.ok ? opened.stores : null;
  const keystore = keys.ok ? keys.keystore : null;

  const { hal, rig } = openBoard(config.board, { clock });
  building.use(hal);
  building.defer(hal.button.onChange((change) => dispatch({ type: "button", change })));
  building.defer(hal.mute.onChange((engaged) => dispatch({ type: "mute", engaged })));

  const ears = startEars({
    config: config.audio,
    data: config.data,
    clock,
    log,
    onReport: (report) => {
      bench?.hear(report);
      dispatch({ type: "report", report });
    },
    onDeath: () => {
      bench?.earsDied();
      dispatch({ type: "ears-died" });
    },
    onHealth: (failing) => dispatch({ type: "ears-health", failing }),
    isIdle: () => daemon?.isIdle ?? true,
  });
  building.use(ears);
  const bench = rig && new Bench({ rig, clock, send: (command) => ears.send(command) });

  let link: Link | null = null;
  if (stores && keystore) {
    const { replay, book, dayKeys, outbox } = stores;
    const isKnown = (account: string) => book.personOf(account) !== undefined;
    const mail = mailOf(stores);
    const settle: Link["settle"] = (receipt, became) => link?.settle(receipt, became);
    const onEnvelope = receiver({ keystore, replay, clock, log, isKnown, mail, settle, dispatch });
    const seqs = {
      get: (account: string) => replay.highestSeq(account),
      set: (account: string, seq: number) => replay.rememberSeq(account, seq),
    };
    let sender: MailSender | null = null;
    const onState = (state: "up" | "down") => {
      if (state === "up") sender?.linkIsUp();
      bench?.tell({ at: clock.nowMs(), event: "link", detail: { state } });
    };
    link = openLink({ hub: config.hub, keystore, clock, log, seqs, dayKeys, onEnvelope, onState });
    building.use(link);
    const mayGo = (to: string) => isKnown(to) && !lookup(book.book).blocked(to);
    sender = building.use(new MailSender({ outbox, link, keystore, clock, log, mayGo, dispatch }));
    if (config.invitation !== undefined && keys.ok) void enrol(link, config.invitation);
  }

  daemon = new Daemon({
    clock,
    log,
    ears,
    lights: hal.lights,
    network: link && keystore ? { link, keystore } : null,
    stores,
    ringBackMs: config.ringBackMs,
    muted: hal.mute.engaged,
    restored: opened.ok && opened.restored,
    tell: (line) => bench?.tell(line),
  });
  for (const event of early.splice(0)) daemon.dispatch(event);
  building.defer(() => daemon.stop());
  stores?.journal.append({ atMs: startedMs, what: "start" });

  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  const fault = opened.ok ? null : opened.fault;
  const warnings = opened.ok ? opened.warnings : [];
  const handlers = controlHandlers({ config, clock, daemon, ears, link, keystore, stores, fault, warnings, stop });
  const path = join(config.data, "control.sock");
  building.use(await openPatiently(() => openControlSocket({ path, handlers, log }), { clock, log }));
  if (bench) {
    const benchPath = join(config.data, "bench.sock");
    const open = () => openBenchSocket({ path: benchPath, handlers: bench.handlers, log });
    building.use(await openPatiently(open, { clock, log }));
  }
  flushCompileCache();
  log.info("the unit is up");
  const unit = building.move();
  return { stop, stopped: stopped.then(() => unit.disposeAsync()) };
}

/** Asked again until the hub answers: a unit may well start before its network does. */
async function enrol(link: Link, invitation: string): Promise<void> {
  for (let waitMs = 1_000; ; waitMs = Math.min(waitMs * 2, 60_000)) {
    const result = await link.enrol(invitation);
    if (result.ok) return;
    log.warn({ reason: result.reason }, "not enrolled with the hub");
    if (result.reason !== "unreachable") return;
    await new Promise<void>((resolve) => clock.after(waitMs, resolve));
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { config: { type: "string" }, help: { type: "boolean", short: "h" } } });
  if (values.help === true || values.config === undefined) {
    process.stdout.write(
      "usage: node device/main.ts --config FILE\n\nRuns one unit in the foreground; see README.md.\n",
    );
    return values.help === true ? 0 : 2;
  }
  const read = readConfig(values.config);
  if (!read.ok) {
    for (const fault of read.faults) process.stderr.write(`porter: ${values.config}: ${fault}\n`);
    return 2;
  }
  const unit = await start(read.config);
  // A terminal's Ctrl-C may come more than once: by itself, and handed on by whoever started us.
  process.on("SIGTERM", unit.stop);
  process.on("SIGINT", unit.stop);
  await unit.stopped;
  return 0;
}

process.exitCode = await main().catch((error: unknown) => {
  log.error({ error: error instanceof Error ? error.message : String(error) }, "the unit could not start");
  return 1;
});
// What holds the loop open by now (a timer of a library) is nobody's any more.
process.exit();
