import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import { Accounts } from "./accounts.ts";
import { admission } from "./admission.ts";
import { Broker } from "./broker.ts";
import type { HubConfig } from "./config.ts";
import { DayKeys } from "./day-keys.ts";
import { Deliveries, type DeliveriesOptions } from "./deliveries.ts";
import { Directory } from "./directory.ts";
import { Holdings } from "./holdings.ts";
import { Ingress } from "./ingress.ts";
import { Spool } from "./spool.ts";
import { Store } from "./store.ts";
import { TurnRelay } from "./turn.ts";

/** A running hub: store, spool, broker, relay, directory; disposed in the reverse order. */
export async function openHub(config: HubConfig, clock: Clock, log: Log): Promise<AsyncDisposable> {
  await using opening = new AsyncDisposableStack();
  await mkdir(config.data, { recursive: true, mode: 0o700 });
  const store = opening.use(await Store.open(join(config.data, "store")));
  const accounts = await Accounts.load(store);
  const admit = admission(config.name, accounts, clock);
  const turn =
    config.turn && opening.use(await TurnRelay.open({ config: config.turn, dataFolder: config.data, clock, log }));
  const { spoolBytes, spoolBytesPerSender, connections, publications } = config.limits;

  const spool = new Spool(store);
  const ingress = opening.use(
    new Ingress({
      clock,
      log,
      rate: publications,
      spool,
      tell: (unit, topic, payload) => broker.tell(unit, topic, payload),
      cutOff: (unit) => broker.cutOff(unit),
      route: (entry) => deliveries.route(entry),
      release: (unit, digests) => deliveries.release(unit, digests),
    }),
  );
  const deliveries = opening.use(
    new Deliveries({
      clock,
      log,
      limits: queueLimits(config.limits),
      holdings: new Holdings({ bytes: spoolBytes, bytesPerSender: spoolBytesPerSender }),
      broker: () => broker,
      unitOf: (account) => accounts.get(account)?.certificate,
      read: (key) => spool.read(key),
      settled: (key) => ingress.settled(key),
    }),
  );
  const recovered = await Array.fromAsync(spool.recover());
  const broker: Broker = opening.use(
    await Broker.open({
      host: config.host,
      port: config.mqttPort,
      connections,
      store,
      admit,
      events: {
        published: (sender, payload) => ingress.take(sender, payload),
        ready: (unit) => deliveries.ready(unit),
        gone: (unit) => deliveries.gone(unit),
        acknowledged: (number) => deliveries.acknowledged(number),
      },
      log,
    }),
  );
  for (const entry of recovered) deliveries.recover(entry);
  accounts.onPublish((certificate) => broker.enforce(certificate));
  const grant = turn ? turn.grant.bind(turn) : null;
  const dayKeys = new DayKeys({ store, accounts, clock });
  opening.use(await Directory.open({ config, store, accounts, admit, dayKeys, turn: grant, clock, log }));
  return opening.move();
}

function queueLimits(limits: HubConfig["limits"]): DeliveriesOptions["limits"] {
  const { queueEntries, queueEntriesPerSender, inboxEntries, inboxEntriesPerSender } = limits;
  return {
    calls: { entries: queueEntries, entriesPerSender: queueEntriesPerSender },
    inbox: { entries: inboxEntries, entriesPerSender: inboxEntriesPerSender },
  };
}
