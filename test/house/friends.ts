import { setTimeout as sleep } from "node:timers/promises";
import type { Delivery } from "#device/link/link.ts";
import { seal } from "#device/wire/envelope.ts";
import { AudioProcess } from "./audio-process.ts";
import { SIDE } from "./brain.ts";
import type { LinkedBrain } from "./linked-brain.ts";
import type { LinkedUnit } from "./linked-unit.ts";

const RING_WITHIN_MS = 10_000;
const TIMED_SOUND = new URL("timed-sound.ts", import.meta.url).href;

/** A real audio process that tells when its loudspeaker begins to sound. */
export async function startTimedSound(): Promise<AudioProcess> {
  return AudioProcess.start({}, { NODE_OPTIONS: `--import ${TIMED_SOUND}` });
}

/** One after the other rings, is seen to ring, gives up; over and over. */
export class Friends {
  readonly #ben: LinkedBrain;
  readonly #units: readonly LinkedUnit[];
  readonly #sound: AudioProcess | null;
  readonly #ringsMs: number[] = [];
  readonly #soundsMs: number[] = [];
  readonly #endToEndMs: number[] = [];
  deliveries = 0;
  /** What came from everybody else. */
  readonly others: Delivery[] = [];
  #otherSounds = 0;
  #deliveredMs = 0;
  #isCalling = false;
  #next = 0;
  #rang: (() => void) | null = null;

  constructor(ben: LinkedBrain, units: readonly LinkedUnit[], sound: AudioProcess | null) {
    this.#ben = ben;
    this.#units = units;
    this.#sound = sound;
    const accounts = new Set(units.map(({ keystore }) => keystore.account));
    ben.onDelivery = (delivery) => {
      if (accounts.has(delivery.sender)) {
        this.deliveries += 1;
        this.#deliveredMs = performance.now();
      } else this.others.push(delivery);
    };
    ben.onCommand = (command) => {
      sound?.send(command);
      if (command.type !== "start-tone" && command.type !== "say") return;
      if (!this.#isCalling) this.#otherSounds += 1;
      if (command.type === "start-tone" && command.tone === "ring") this.#rang?.();
    };
  }

  get figures() {
    return {
      calls: this.#ringsMs.length,
      ringsMs: this.#ringsMs,
      soundsMs: this.#soundsMs,
      endToEndMs: this.#endToEndMs,
      otherSounds: this.#otherSounds,
    };
  }

  forget(): void {
    for (const figures of [this.#ringsMs, this.#soundsMs, this.#endToEndMs]) figures.length = 0;
    this.deliveries = 0;
  }

  async ringsOnce(): Promise<void> {
    const friend = this.#units[this.#next % this.#units.length];
    if (!friend) throw new Error("there is no friend");
    this.#next += 1;
    const sentMs = performance.now();
    this.#isCalling = true;
    const rang = new Promise<number>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("a friend's call did not ring")), RING_WITHIN_MS);
      this.#rang = () => {
        clearTimeout(late);
        this.#rang = null;
        this.#ringsMs.push(performance.now() - this.#deliveredMs);
        this.#endToEndMs.push(performance.now() - sentMs);
        resolve(performance.timeOrigin + performance.now());
      };
    });
    const offer = await this.#send(friend, { kind: "call.offer", body: SIDE });
    const rangMs = await rang;
    if (this.#sound) this.#soundsMs.push((await this.#sound.next("leg-sound")).atMs - rangMs);
    this.#isCalling = false;
    await this.#send(friend, { kind: "call.end", body: { offer } });
    while (this.#ben.daemon.state.call.at !== "idle") await sleep(5);
  }

  async #send(friend: LinkedUnit, message: Parameters<typeof seal>[0]["message"]): Promise<string> {
    const { certificate } = this.#ben;
    const sealed = await seal({ sender: friend.keystore, to: certificate, message, nowMs: Date.now() });
    const { account: to, unit } = certificate;
    const published = await friend.link.publish({ to, unit, class: "calls", id: sealed.id, envelope: sealed.bytes });
    if (!published.ok) throw new Error(`a friend's envelope was not accepted: ${published.reason}`);
    return sealed.id;
  }
}
