import { parseArgs } from "node:util";
import { systemClock as clock } from "#base/clock.ts";
import { noLog as log } from "#base/log.ts";
import { MailSender } from "#device/effects/mail-sender.ts";
import { openKeystore } from "#device/keys/keystore.ts";
import { openLink } from "#device/link/broker.ts";
import type { Delivery, Link } from "#device/link/link.ts";
import { openStores } from "#device/stores.ts";
import { soundlessBrain } from "#scripts/stage/soundless-brain.ts";
import { ENOUGH, LATE_MS, soundOf, VOICE_EVERY } from "./mail.ts";

/**
 * A unit with all that messages pass through and nothing that sounds, to be killed. With `--to`, it leaves that account
 * one message after the other, from `--from` on, and says the number of each once the outbox has it.
 * `--broken settle-first`: it tells the hub that a parcel is settled before it keeps it, and keeps it a while later.
 */
const { values } = parseArgs({
  options: {
    folder: { type: "string", default: "" },
    mqtt: { type: "string", default: "" },
    http: { type: "string", default: "" },
    to: { type: "string" },
    from: { type: "string", default: "0" },
    broken: { type: "string" },
  },
});
/** A unit settles eight a second: more would wait at the hub, and a settlement behind them for as long. */
const EVERY_MS = 140;
const TOLD_EVERY_MS = 250;

const keys = await openKeystore({ folder: values.folder, nowMs: clock.nowMs() });
if (!keys.ok) throw new Error(keys.message);
const { keystore } = keys;
const opened = openStores(values.folder, keystore, { region: "GB", clock, log, rooms: ENOUGH });
if (!opened.ok) throw new Error(opened.fault);
const { stores } = opened;

const link: Link = openLink({
  hub: { name: "hub.test", mqttUrl: values.mqtt, httpUrl: values.http },
  keystore,
  clock,
  log,
  seqs: {
    get: (account) => stores.replay.highestSeq(account),
    set: (account, seq) => stores.replay.rememberSeq(account, seq),
  },
  dayKeys: stores.dayKeys,
  onEnvelope: (delivery) => (values.broken === "settle-first" ? takeLate(delivery) : take(delivery)),
  onState: (state) => {
    if (state === "up") sender?.linkIsUp();
    process.stdout.write(`${state}\n`);
  },
});
const { daemon, take } = soundlessBrain(keystore, stores, link);
const sender: MailSender | null = new MailSender({
  outbox: stores.outbox,
  link,
  keystore,
  clock,
  log,
  mayGo: () => true,
  dispatch: (event) => daemon.dispatch(event),
  gapMs: 10,
});

function takeLate(delivery: Delivery): void {
  if (delivery.receipt !== undefined) link.settle(delivery.receipt, "settled");
  setTimeout(() => take(delivery), LATE_MS);
}

process.stdout.write("started\n");
setInterval(() => {
  process.stdout.write(`waiting ${stores.outbox.waiting().length}\nkept ${stores.inbox.entries().length}\n`);
}, TOLD_EVERY_MS);
async function leaveMessages(to: string): Promise<never> {
  for (let number = Number(values.from); ; ) {
    const sound = number % VOICE_EVERY === VOICE_EVERY - 1 ? soundOf(number) : null;
    const added = sound
      ? stores.outbox.add({ to, kind: "voice", sound, durationMs: 1_000 + number })
      : stores.outbox.add({ to, kind: "text", text: `message ${number}` });
    if (added.ok) {
      process.stdout.write(`added ${number}\n`);
      number += 1;
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

if (values.to !== undefined) await leaveMessages(values.to);
