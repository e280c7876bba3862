import type { Clock } from "#base/clock.ts";
import type { Arrival } from "./adaptation.ts";
import type { PeerConnection, Sender } from "./wrtc.ts";

/** How often packets are counted, and how long none may come: both ends send even while they are muted. */
const COUNT_EVERY_MS = 500;
/** An outage of 2 s is waited out. */
const SILENT_AFTER_MS = 2_500;

type Stats = Iterable<readonly [string, Readonly<Record<string, unknown>>]>;
export type PathEvent = "silent" | "alive" | "gone";

type PathWatchOptions = Readonly<{
  clock: Clock;
  connection: PeerConnection;
  sound: Readonly<{ sender: Sender; packets: number }>;
  onEvent: (event: PathEvent) => void;
  onArrival: (arrival: Arrival) => void;
}>;

/**
 * Watches whether packets come: `silent` once none did for a while, or once ICE gave the path up; `alive` when they do
 * again; `gone`, and nothing after it, once the other end has closed what no new path could mend. ICE alone takes its
 * time to notice a far end that is gone, or never does; its packets stop at once.
 */
export class PathWatch implements Disposable {
  readonly #options: PathWatchOptions;
  #cancel: () => void = () => undefined;
  #packets = -1;
  #lastNewMs: number;
  #isSilent = false;
  #reportedAt: unknown = null;
  #isOver = false;

  constructor(options: PathWatchOptions) {
    this.#options = options;
    this.#lastNewMs = options.clock.monotonicMs();
    this.#countLater();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#cancel();
  }

  #countLater(): void {
    this.#cancel = this.#options.clock.after(COUNT_EVERY_MS, () => {
      this.#count().catch(() => this.#gone());
    });
  }

  /** Once for each report of the other end's. */
  #tellArrival(stats: Stats): void {
    for (const [, { type, timestamp, fractionLost, roundTripTime, roundTripTimeMeasurements }] of stats) {
      if (type !== "remote-inbound-rtp" || typeof fractionLost !== "number" || timestamp === this.#reportedAt) continue;
      this.#reportedAt = timestamp;
      const isMeasured = typeof roundTripTime === "number" && roundTripTimeMeasurements !== 0;
      this.#options.onArrival({ lostShare: fractionLost, roundTripMs: isMeasured ? roundTripTime * 1_000 : null });
    }
  }

  #gone(): void {
    if (this.#isOver) return;
    this[Symbol.dispose]();
    this.#options.onEvent("gone");
  }

  async #count(): Promise<void> {
    const { clock, connection, sound, onEvent } = this.#options;
    const stats = await connection.getStats();
    if (this.#isOver) return;
    const packets = receivedPackets(stats) + sound.packets;
    this.#tellArrival(stats);
    const transport = sound.sender.transport?.state;
    if (transport === "closed" || transport === "failed") {
      this.#gone();
      return;
    }
    const nowMs = clock.monotonicMs();
    if (packets !== this.#packets) this.#lastNewMs = nowMs;
    this.#packets = packets;
    const isBroken = connection.connectionState === "disconnected" || connection.connectionState === "failed";
    const isSilent = isBroken || nowMs - this.#lastNewMs >= SILENT_AFTER_MS;
    this.#countLater();
    if (isSilent === this.#isSilent) return;
    this.#isSilent = isSilent;
    onEvent(isSilent ? "silent" : "alive");
  }
}

function receivedPackets(stats: Stats): number {
  for (const [, entry] of stats)
    if (entry.type === "inbound-rtp" && typeof entry.packetsReceived === "number") return entry.packetsReceived;
  return 0;
}
