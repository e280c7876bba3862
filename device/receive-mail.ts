import type { AccountId } from "./gate/book.ts";
import type { DropReason } from "./gate/decide.ts";
import { isTurnedAway } from "./judge-message.ts";
import type { Delivery } from "./link/link.ts";
import type { Stores } from "./ports.ts";
import type { ReceiverOptions } from "./receive.ts";
import { isFresh } from "./wire/envelope.ts";
import { openParcel, type ParcelContext } from "./wire/parcel.ts";

export type MailOptions = Readonly<{
  secretOf: ParcelContext["secretOf"];
  /** Would the gate drop whatever this account leaves? Then nothing of it is opened. */
  turnedAway(account: AccountId): DropReason | null;
}>;

/** A unit's own keys and book. */
export function mailOf({ dayKeys, book }: Pick<Stores, "dayKeys" | "book">): MailOptions {
  return {
    secretOf: (keyId) => dayKeys.secretOf(keyId),
    turnedAway: (account) => isTurnedAway(account, book.book),
  };
}

type Options = Pick<ReceiverOptions, "mail" | "replay" | "clock" | "log" | "isKnown" | "settle" | "dispatch">;

/** Opens parcels, one at a time; what is opened, or turned away unopened, is settled by what follows from the event. */
export function mailOpener({ mail, replay, clock, log, isKnown, settle, dispatch }: Options) {
  return async ({ sender, bytes, receipt }: Delivery): Promise<void> => {
    const because = mail.turnedAway(sender);
    if (because !== null) {
      dispatch({ type: "message-turned-away", from: sender, because, receipt: receipt ?? null });
      return;
    }
    const known = isKnown(sender);
    const nowMs = Math.max(clock.nowMs(), replay.floorMs(known));
    const highestSeq = (account: AccountId) => replay.highestSeq(account);
    const opened = await openParcel(bytes, { sender, secretOf: mail.secretOf, nowMs, highestSeq });
    if (!opened.ok) {
      log.info({ reason: opened.reason }, "a parcel was dropped unopened");
      if (receipt !== undefined) settle(receipt, "settled");
      return;
    }
    const { parcel } = opened;
    const replayed = replay.seen({ account: sender, known }, parcel.envelope.id);
    const fresh = isFresh(parcel.envelope, nowMs);
    dispatch({ type: "message-part", parcel, replayed, fresh, receipt: receipt ?? null });
  };
}
