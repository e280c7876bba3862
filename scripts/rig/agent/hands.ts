import { join } from "node:path";
import { type Ask, ControlClient } from "#device/control/client.ts";
import { GpioSim } from "./gpio-sim.ts";
import type { AgentConfig } from "./requests.ts";
import { SoundCard } from "./sound-card.ts";

/** `atMs`: by the agent's clock. */
type Change = Readonly<{ scene: string; atMs: number }>;

/** What an agent does to a unit from the outside. */
export interface Hands {
  setButton(down: boolean): Promise<void>;
  setMute(engaged: boolean): Promise<void>;
  lights(): Promise<readonly Change[]>;
  /** Resolves when the sound is over. */
  play(path: string): Promise<void>;
  /** From when on the loudspeaker is recorded. */
  record(): Promise<number>;
}

export function openHands(config: AgentConfig, nowMs: () => number): Hands {
  return config.wires === null ? new BenchHands(config, nowMs) : new WiredHands(config, config.wires, nowMs);
}

/** The unit's own drivers are at lines and a card of the kernel's; the other ends of those are here. */
class WiredHands implements Hands {
  readonly #gpio: GpioSim;
  readonly #card: SoundCard;
  readonly #started: Promise<number>;

  constructor(config: AgentConfig, { lines, sound }: NonNullable<AgentConfig["wires"]>, nowMs: () => number) {
    this.#gpio = new GpioSim(lines, nowMs);
    this.#card = new SoundCard(sound);
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#started = promise;
    this.#card.record(join(config.shared, `${config.recording}.raw`), nowMs, resolve);
  }

  async setButton(down: boolean): Promise<void> {
    this.#gpio.setButton(down);
  }

  async setMute(engaged: boolean): Promise<void> {
    this.#gpio.setMute(engaged);
  }

  async lights(): Promise<readonly Change[]> {
    return this.#gpio.changes;
  }

  play(path: string): Promise<void> {
    return this.#card.play(path);
  }

  record(): Promise<number> {
    return this.#started;
  }
}

/** The unit's board and room are simulated in the unit itself: its bench is asked. */
class BenchHands implements Hands {
  readonly #config: AgentConfig;
  readonly #nowMs: () => number;
  #bench: ControlClient | null = null;

  constructor(config: AgentConfig, nowMs: () => number) {
    this.#config = config;
    this.#nowMs = nowMs;
  }

  async setButton(down: boolean): Promise<void> {
    await this.#ask({ do: down ? "hold" : "release" });
  }

  async setMute(engaged: boolean): Promise<void> {
    await this.#ask({ do: "mute", engaged });
  }

  async lights(): Promise<readonly Change[]> {
    const { changes } = await this.#ask({ do: "lights" });
    const behindMs = this.#nowMs() - Date.now();
    return changes.map(({ scene, atMs }) => ({ scene, atMs: atMs + behindMs }));
  }

  async play(path: string): Promise<void> {
    await this.#ask({ do: "play", file: path });
  }

  async record(): Promise<number> {
    await this.#ask({ do: "record", folder: join(this.#config.shared, this.#config.recording) });
    return this.#nowMs();
  }

  async #ask<A extends Ask>(ask: A) {
    this.#bench ??= await ControlClient.connect(join(this.#config.data, "bench.sock"));
    const reply = await this.#bench.ask(ask, null).catch((error: unknown) => {
      this.#bench = null;
      throw error;
    });
    if (!reply.ok) throw new Error(reply.error.message);
    return reply.answer;
  }
}
