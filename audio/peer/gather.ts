import type { Clock } from "#base/clock.ts";
import type { PeerConnection } from "./wrtc.ts";

/** A relay that has not answered by then is not there. */
const GIVE_UP_MS = 5_000;
/** After the first relay candidate, how long to wait for those of other networks; "complete" takes 50 ms more. */
const OTHERS_MS = 15;

/**
 * Waits until the connection has its relay candidates in its local description; false where it waited in vain. Call
 * it right after `setLocalDescription`.
 */
export function gatherRelays(connection: PeerConnection, clock: Clock): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let found = connection.iceGatheringState === "complete";
  let cancel = clock.after(GIVE_UP_MS, () => finish());
  const finish = (): void => {
    cancel();
    connection.onicecandidate = null;
    resolve(found);
  };
  connection.onicecandidate = ({ candidate }) => {
    if (candidate === null) finish();
    else if (!found && / typ relay /.test(candidate.candidate)) {
      found = true;
      cancel();
      cancel = clock.after(OTHERS_MS, finish);
    }
  };
  if (connection.iceGatheringState === "complete") finish();
  return promise;
}
