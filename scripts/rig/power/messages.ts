import * as v from "valibot";
import type { AccountId } from "#device/gate/book.ts";
import type { BookChange } from "#device/store/change.ts";

/**
 * What the guest and its host tell each other. The host writes a plan before each start, a file that the guest reads;
 * the guest writes lines to its console, each with `MARK` before it. What it has not finished writing when its power is
 * cut was never said.
 */
export const MARK = "@ ";

const Text = v.string();
const Count = v.number();
const Flag = v.boolean();

/** A voice message is made from `sound`, its seed, so that its missing parts can be made again after a cut. */
export const Left = v.strictObject({
  id: Text,
  /** Which of the senders, from 0. */
  sender: Count,
  from: Text,
  atMs: Count,
  /** The day key that it is sealed to. */
  key: Text,
  oneTime: Flag,
  text: v.nullable(Text),
  sound: v.nullable(Count),
  parts: Count,
});
export type Left = v.InferOutput<typeof Left>;

/** One thing that is promised once it is done. */
const Deed = v.variant("do", [
  v.strictObject({ do: v.literal("keys") }),
  v.strictObject({ do: v.literal("change"), change: v.custom<BookChange>((value) => typeof value === "object") }),
  v.strictObject({ do: v.literal("arrive"), message: Left, part: Count }),
  v.strictObject({ do: v.literal("remove"), from: Text, id: Text }),
  v.strictObject({ do: v.literal("leave"), text: Text }),
  v.strictObject({ do: v.literal("withdraw"), text: Text }),
  v.strictObject({ do: v.literal("receive"), version: Text, offset: Count }),
  v.strictObject({ do: v.literal("install"), version: Text }),
  v.strictObject({ do: v.literal("activate"), version: Text }),
  v.strictObject({ do: v.literal("confirm"), slot: v.picklist(["a", "b"]) }),
]);
export type Deed = v.InferOutput<typeof Deed>;

/** Everything promised, as it is found after a start. */
export const Found = v.strictObject({
  account: Text,
  /** Why nobody gets in; null where all is well. */
  fault: v.nullable(Text),
  warnings: v.array(Text),
  /** As `viewOf` tells it. */
  book: Text,
  journalHolds: Flag,
  keys: Flag,
  inbox: v.array(v.strictObject({ from: Text, id: Text, content: Text })),
  outbox: v.array(Text),
  /** Of those that the plan names: which were not seen, and which keys are not spent. */
  unseen: v.array(Text),
  unspent: v.array(Text),
  /** What the gate says of a call of each whom the plan names, in that order. */
  verdicts: v.array(Text),
});
export type Found = v.InferOutput<typeof Found>;

/** What stands in the firmware's folder, as it is found after a start. */
export const FoundFirmware = v.strictObject({
  slot: v.picklist(["a", "b"]),
  /** `boot.json`, as text. */
  state: Text,
  link: v.nullable(Text),
  /** Files that are not what was signed; null where there is no manifest. */
  wrong: v.strictObject({ a: v.nullable(v.array(Text)), b: v.nullable(v.array(Text)) }),
});
export type FoundFirmware = v.InferOutput<typeof FoundFirmware>;

export const Said = v.variant("say", [
  v.strictObject({ say: v.literal("mounted"), atS: Text }),
  v.strictObject({ say: v.literal("found"), found: Found, firmware: FoundFirmware }),
  v.strictObject({ say: v.literal("begin"), n: Count, deed: Deed }),
  v.strictObject({ say: v.literal("done"), n: Count }),
  /** Where the transfer of a bundle goes on after a cut. */
  v.strictObject({ say: v.literal("resumed"), version: Text, offset: Count }),
  /** The whole unit is up, with what it says of itself over its control socket. */
  v.strictObject({
    say: v.literal("unit"),
    people: Count,
    blocks: Count,
    fault: v.nullable(Text),
    firmware: FoundFirmware,
  }),
  v.strictObject({ say: v.literal("ended"), code: Count }),
  v.strictObject({ say: v.literal("trouble"), text: Text }),
]);
export type Said = v.InferOutput<typeof Said>;

/** Where the writer works, and what it is to look for. */
export const Plan = v.strictObject({
  seed: Count,
  senders: v.array(v.strictObject({ folder: Text, account: Text })),
  /** What is flashed. */
  bundle: v.strictObject({ path: Text, version: Text, sha256: Text }),
  seen: v.array(v.strictObject({ from: Text, id: Text })),
  spent: v.array(Text),
  callers: v.array(Text),
  /** Voice messages of which some parts are promised. */
  unfinished: v.array(v.strictObject({ message: Left, have: v.array(Count) })),
});
export type Plan = v.InferOutput<typeof Plan>;

export const nameOf = (from: AccountId, id: string): string => `${from} ${id}`;
