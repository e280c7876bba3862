import { readFileSync } from "node:fs";
import { decodeFrame } from "#device/wire/frame.ts";
import { Ingress } from "#hub/ingress.ts";

/**
 * A hub with a leak, for controls: loaded before hub/main.ts, it takes publications for the account named in the file
 * PORTER_TEST_LEAK 20 ms late, as a hub would that looks at the addressee before it answers.
 */
const LEAK_MS = 20;
// oxlint-disable-next-line typescript/unbound-method -- called with its `this` below
const take = Ingress.prototype.take;

Ingress.prototype.take = function takeLate(this: Ingress, sender, payload) {
  const decoded = decodeFrame(payload);
  const late = decoded.ok && decoded.frame.to === readFileSync(process.env.PORTER_TEST_LEAK ?? "", "utf8");
  if (!late) take.call(this, sender, payload);
  else setTimeout(() => take.call(this, sender, payload.slice()), LEAK_MS);
};
