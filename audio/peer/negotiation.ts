import type { Clock } from "#base/clock.ts";
import type { IceServer } from "../protocol.ts";
import { gatherRelays } from "./gather.ts";
import { type LegDescription, readSdp, SENDING, type Sending, writeForLibrary, writeSdp } from "./sdp.ts";
import { configurationFor, type PeerConnection } from "./wrtc.ts";

type NegotiationOptions = Readonly<{ clock: Clock; connection: PeerConnection; sending: Sending | undefined }>;
type Made = Readonly<{ sdp: string; fingerprint: string }>;

/**
 * What is agreed upon anew while a leg is open; the DTLS association, and with it the certificate that was signed, stays.
 * - New ways through the relay (ICE restart, RFC 8445 §9). What was in use is used until a new way is found, so a renewal
 *   that comes to nothing costs nothing. One runs at a time, and only the newest that is asked for. Null: it came to
 *   nothing.
 * - How we send. The library is told by the other end's description, which we write anew: nobody else takes part.
 */
export class Negotiation {
  readonly #options: NegotiationOptions;
  #running: Promise<unknown> = Promise.resolve();
  #newest = 0;
  #offered = 0;
  #sending: Sending;
  #remote: LegDescription | null = null;

  constructor(options: NegotiationOptions) {
    this.#options = options;
    this.#sending = options.sending ?? SENDING;
  }

  /** The text by which our library takes `remote` for the other end. What it said of the channel at first, holds. */
  accept(remote: LegDescription): string {
    const takesChannel = (this.#remote ?? remote).takesChannel;
    this.#remote = { ...remote, takesChannel };
    // Once a description of either had the section, all have it.
    const isThere = this.#options.connection.localDescription?.sdp.includes("\nm=application ") === true;
    return writeForLibrary(remote, this.#sending, takesChannel ? "taken" : isThere ? "refused" : "none");
  }

  /** From now on we send so; not while the other end is to answer a renewal, whose answer will say it then. */
  send(sending: Sending): void {
    this.#sending = sending;
    this.#running = this.#running.then(() => this.#sendAnew()).catch(() => undefined);
  }

  async #sendAnew(): Promise<void> {
    const { connection } = this.#options;
    const local = readSdp(connection.localDescription?.sdp ?? "", "ours");
    if (this.#remote === null || this.#offered !== 0 || !local.ok) return;
    // Who offers now does not change who is the DTLS client.
    if (this.#remote.setup === "actpass") this.#remote = { ...this.#remote, ...opposite(local.description) };
    await connection.setLocalDescription(await connection.createOffer());
    await connection.setRemoteDescription({ type: "answer", sdp: this.accept(this.#remote) });
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
      const { connection } = this.#options;
      connection.setConfiguration(configurationFor(iceServers));
      await connection.setRemoteDescription({ type: "offer", sdp: this.accept(remote) });
      await connection.setLocalDescription(await connection.createAnswer());
      return this.#describe();
    });
  }

  /** Takes the other end's answer to our newest offer; any other is dropped. */
  async complete(round: number, remote: LegDescription): Promise<void> {
    if (round !== this.#offered || round !== this.#newest) return;
    this.#offered = 0;
    const { connection } = this.#options;
    await connection.setRemoteDescription({ type: "answer", sdp: this.accept(remote) }).catch(() => undefined);
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

function opposite({ setup }: LegDescription): Pick<LegDescription, "setup"> {
  return { setup: setup === "active" ? "passive" : "active" };
}
