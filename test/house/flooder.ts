import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { verifyCertificate } from "#device/keys/certificate.ts";
import { newEnvelopeId, seal } from "#device/wire/envelope.ts";
import { SIDE } from "./brain.ts";
import { LinkedUnit } from "./linked-unit.ts";

/**
 * Many accounts, a process of their own, that send one unit offers as fast as the hub takes them. Says whom it is made
 * of, then waits for a line, seals, says so, waits for a line, floods, and says how much was accepted. JSON lines.
 */
const { values } = parseArgs({
  options: {
    hub: { type: "string", default: "{}" },
    invitation: { type: "string", default: "" },
    to: { type: "string", default: "" },
    accounts: { type: "string", default: "1" },
    each: { type: "string", default: "1" },
    pause: { type: "string", default: "0" },
  },
});
const to = verifyCertificate(new Uint8Array(Buffer.from(values.to, "hex")), Date.now());
if (!to.ok) throw new Error(to.reason);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const say = (what: unknown) => process.stdout.write(`${JSON.stringify(what)}\n`);

const units: LinkedUnit[] = [];
for (let count = 0; count < Number(values.accounts); count += 1) {
  units.push(await LinkedUnit.enrolled(JSON.parse(values.hub), values.invitation));
}
say({ accounts: units.map(({ keystore }) => keystore.account) });
await lines.next();

const message = { kind: "call.offer", body: SIDE } as const;
const offers: { unit: LinkedUnit; bytes: Uint8Array }[] = [];
for (let count = 0; count < Number(values.each); count += 1) {
  for (const unit of units) {
    const sealed = await seal({ sender: unit.keystore, to: to.certificate, message, nowMs: Date.now() });
    offers.push({ unit, bytes: sealed.bytes });
  }
}
say({ sealed: offers.length });
await lines.next();

let accepted = 0;
const { account, unit: unitId } = to.certificate;
for (let at = 0; at < offers.length; at += units.length) {
  const round = offers.slice(at, at + units.length).map(async ({ unit, bytes }) => {
    const frame = { to: account, unit: unitId, class: "calls", id: newEnvelopeId(), envelope: bytes } as const;
    if ((await unit.link.publish(frame, 20_000)).ok) accepted += 1;
  });
  await Promise.all(round);
  await sleep(Number(values.pause));
}
say({ accepted });
for (const unit of units) await unit[Symbol.asyncDispose]();
process.exit();
