import { readFileSync } from "node:fs";
import * as v from "valibot";
import { decodeFrame, decodeReceipt } from "#device/wire/frame.ts";
import { Broker } from "#hub/broker.ts";
import { Ingress } from "#hub/ingress.ts";

/**
 * A hub with a leak, for controls: loaded before hub/main.ts. The file named by PORTER_TEST_LEAK says as JSON what leaks
 * and for which accounts; without a file nothing does.
 *   delay    publications for them are taken 20 ms late, as by a hub that looks at the addressee before it answers;
 *   packet   `accepted` is said twice.
 */
const Leak = v.strictObject({ leak: v.picklist(["delay", "packet"]), accounts: v.array(v.string()) });
export type Leak = v.InferOutput<typeof Leak>;

const LEAK_MS = 20;
// oxlint-disable-next-line typescript/unbound-method -- called with its `this` below
const take = Ingress.prototype.take;
// oxlint-disable-next-line typescript/unbound-method -- called with its `this` below
const tell = Broker.prototype.tell;
const doubled = new Set<string>();

Ingress.prototype.take = function takeLeaking(this: Ingress, sender, payload) {
  const decoded = decodeFrame(payload);
  const leak = decoded.ok ? leakFor(decoded.frame.to) : null;
  if (decoded.ok && leak === "packet") doubled.add(decoded.frame.id);
  if (leak !== "delay") take.call(this, sender, payload);
  else {
    const copy = payload.slice();
    setTimeout(() => take.call(this, sender, copy), LEAK_MS);
  }
};

Broker.prototype.tell = function tellLeaking(this: Broker, unit, topic, payload) {
  tell.call(this, unit, topic, payload);
  if (doubled.delete(decodeReceipt(payload) ?? "")) tell.call(this, unit, topic, payload);
};

function leakFor(account: string): Leak["leak"] | null {
  let text: string;
  try {
    text = readFileSync(process.env.PORTER_TEST_LEAK ?? "", "utf8");
  } catch {
    return null;
  }
  const { leak, accounts } = v.parse(Leak, JSON.parse(text));
  return accounts.includes(account) ? leak : null;
}
