import type { Daemon } from "#device/daemon.ts";
import type { Keystore } from "#device/keys/keystore.ts";
import type { Link } from "#device/link/link.ts";
import type { Stores } from "#device/ports.ts";
import { soundlessBrain } from "#scripts/stage/soundless-brain.ts";

/** The brain as it stands in a unit, without sound, and with a hub that delivers what the test hands it. */
export type Brain = Readonly<{
  daemon: Daemon;
  /** Resolves when the unit tells the hub that it is settled: from then on the hub has it no more. */
  deliver: (sender: string, bytes: Uint8Array) => Promise<void>;
}>;

export function startBrain(keystore: Keystore, stores: Stores): Brain {
  const settled = new Map<number, () => void>();
  let receipts = 0;
  const link = linkWith((receipt) => {
    settled.get(receipt)?.();
    settled.delete(receipt);
  });
  const { daemon, take } = soundlessBrain(keystore, stores, link);
  const deliver = (sender: string, bytes: Uint8Array) =>
    new Promise<void>((resolve) => {
      receipts += 1;
      settled.set(receipts, resolve);
      take({ sender, class: "inbox", bytes, receipt: receipts });
    });
  return { daemon, deliver };
}

function linkWith(settle: (receipt: number) => void): Link {
  const unreachable = { ok: false, reason: "unreachable" } as const;
  return {
    state: "up",
    publish: async () => ({ ok: false, reason: "closed" }),
    settle: (receipt, became) => {
      if (became === "settled") settle(receipt);
    },
    certificateOf: async () => unreachable,
    dayKeyOf: async () => unreachable,
    turn: () => [],
    enrol: async () => unreachable,
    [Symbol.asyncDispose]: async () => undefined,
  };
}
