import type { Clock } from "#base/clock.ts";
import type { IceServer } from "../protocol.ts";
import { gatherRelays } from "./gather.ts";
import { type LegDescription, readSdp, type Sending, writeSdp } from "./sdp.ts";
import { configurationFor, type PeerConnection } from "./wrtc.ts";

type RenewalsOptions = Readonly<{ clock: Clock; connection: PeerConnection; sending: Sending | undefined }>;
type Made = Readonly<{ sdp: string; fingerprint: string }>;

/**
 * New ways through the relay for a leg that is open (ICE restart, RFC 8445 §9): the DTLS association, and with it the
 * certificate that was signed, stays. What was in use is used until a new way is found, so a renewal that comes to
 * nothing costs nothing. One runs at a time, and only the newest that is asked for. Null: it came to nothing.
 */
export class Renewals {
  readonly #options: RenewalsOptions;
  #running: Promise<unknown> = Promise.resolve();
  #newest = 0;
  #offered = 0;

  constructor(options: RenewalsOptions) {
    this.#options = options;
  }

  /** Our new candidates, for the other end to answer. */
  offer(round: number, iceServers: readonly IceServer[]): Promise<Made | null> {
    return this.#next(round, async () => {
      const { connection } = this.#options;
      connection.setConfiguration(configurationFor(iceServers));
      await connection.setLocalDescription(await connection.createOffer({ iceRestart: true }));
      const made = await this.#describe();
      if (made !== null) this.#offered = round;
      return made;
    });
  }

  /** Answers the other end's new candidates with ours. */
  answer(round: number, remote: LegDescription, iceServers: readonly IceServer[]): Promise<Made | null> {
    return this.#next(round, async () => {
      const { connection, sending } = this.#options;
      connection.setConfiguration(configurationFor(iceServers));
      await connection.setRemoteDescription({ type: "offer", sdp: writeSdp(remote, sending) });
      await connection.setLocalDescription(await connection.createAnswer());
      return this.#describe();
    });
  }

  /** Takes the other end's answer to our newest offer; any other is dropped. */
  async complete(round: number, remote: LegDescription): Promise<void> {
    if (round !== this.#offered || round !== this.#newest) return;
    this.#offered = 0;
    const { connection, sending } = this.#options;
    await connection.setRemoteDescription({ type: "answer", sdp: writeSdp(remote, sending) }).catch(() => undefined);
  }

  #next(round: number, run: () => Promise<Made | null>): Promise<Made | null> {
    if (round <= this.#newest) return Promise.resolve(null);
    this.#newest = round;
    // What the library throws is one renewal that came to nothing; there will be another.
    const made = this.#running.then(() => (round === this.#newest ? run() : null)).catch(() => null);
    this.#running = made;
    return made;
  }

  async #describe(): Promise<Made | null> {
    const { connection, clock } = this.#options;
    const found = await gatherRelays(connection, clock);
    const local = found ? readSdp(connection.localDescription?.sdp ?? "", "ours") : null;
    return local?.ok ? { sdp: writeSdp(local.description), fingerprint: local.description.fingerprint } : null;
  }
}
