import type { AccountId, UnitId } from "#device/keys/account.ts";
import { isAccountId } from "#device/keys/account.ts";

/** Who is at the other end of a connection: its MQTT client id is `<account>.<unit>`. */
export type Address = Readonly<{ account: AccountId; unit: UnitId }>;

/** What the hub keeps apart: calls die after 60 s, the inbox waits. */
export type EnvelopeClass = "calls" | "inbox";

/** The one topic that a unit may publish to. */
export function outTopic(self: Address): string {
  return `porter/1/${self.account}/out/${self.unit}`;
}

/** The one filter that a unit may subscribe to. */
export function inFilter(self: Address): string {
  return `porter/1/${self.account}/in/${self.unit}/#`;
}

/** Where the hub lays an envelope. The sender stands here so that it can be dropped early; it never admits. */
export function deliveryTopic(self: Address, sender: AccountId, envelopeClass: EnvelopeClass): string {
  return `porter/1/${self.account}/in/${self.unit}/${sender}/${envelopeClass}`;
}

/** What the hub says of a unit's own publications. */
export function hubTopic(self: Address, word: "accepted" | "refused"): string {
  return `porter/1/${self.account}/in/${self.unit}/hub/${word}`;
}

export function clientId(self: Address): string {
  return `${self.account}.${self.unit}`;
}

export type Incoming =
  | Readonly<{ type: "delivery"; sender: AccountId; class: EnvelopeClass }>
  | Readonly<{ type: "accepted" }>
  | Readonly<{ type: "refused" }>;

/** Reads a topic under our own `in`; null for any other. */
export function parseInTopic(self: Address, topic: string): Incoming | null {
  const prefix = `porter/1/${self.account}/in/${self.unit}/`;
  if (!topic.startsWith(prefix)) return null;
  const [who, what, ...rest] = topic.slice(prefix.length).split("/");
  if (rest.length > 0) return null;
  if (who === "hub") return what === "accepted" || what === "refused" ? { type: what } : null;
  if (!isAccountId(who) || (what !== "calls" && what !== "inbox")) return null;
  return { type: "delivery", sender: who, class: what };
}
