import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readWav } from "#audio/wav.ts";
import type { Ask } from "#device/control/client.ts";
import { SoundCard } from "../../agent/sound-card.ts";
import { type Lit, peopleTrack, type Target, type TargetOptions, type TargetRecording } from "../target.ts";
import { BoardLine } from "./board-line.ts";
import { ClockOffset } from "./clock-offset.ts";
import type { BoardSettings } from "./settings.ts";
import { switchPower } from "./supply.ts";

const LOOK_EVERY_MS = 200;
const SAMPLES_PER_MS = 16;
/** What is recorded lies on the disk so much later; a sound server may be a second late by itself. */
const WRITTEN_WITHIN_MS = 1_500;
const RECORDS_WITHIN_MS = 10_000;
const REGION = "GB";

/**
 * A real unit: its serial line tells it of the hub, works its button and mute switch, reads its lights and carries its
 * owner's requests (its jumper is set, hal/linux/jumper.ts); a sound card of the rig's is its voice and ears, and a
 * command of the rig's owner its supply. What it was before is gone: each scenario begins with a unit that is new.
 */
export class BoardTarget implements Target {
  readonly slowness = 1;
  readonly cannotHave = {};
  readonly timeline = [];
  readonly quietDbfs: number;
  readonly #settings: BoardSettings;
  readonly #options: TargetOptions;
  readonly #played: { atMs: number; samples: Int16Array }[] = [];
  readonly #offset = new ClockOffset();
  #card: SoundCard | null = null;
  /** When the recording began. */
  #startedMs = 0;
  #line: BoardLine | null = null;
  #isTold = false;

  constructor(settings: BoardSettings, options: TargetOptions) {
    this.#settings = settings;
    this.#options = options;
    this.quietDbfs = settings.quietDbfs;
  }

  async powerOn(): Promise<void> {
    await switchPower(this.#settings, "on");
    await this.#reopen();
    if (!this.#isTold) await this.#begin();
    this.#isTold = true;
    await this.#until("it does not listen", async () => {
      const { audio, hub, fault } = await this.ask({ do: "status" });
      return audio === "ready" && hub === "connected" && fault === null;
    });
    const { warnings } = await this.ask({ do: "status" });
    for (const warning of warnings) this.#options.onProgress(`the unit warns: ${warning}`);
    await this.#record();
  }

  async cutPower(): Promise<void> {
    await switchPower(this.#settings, "off");
    await this.#line?.[Symbol.asyncDispose]();
    this.#line = null;
  }

  setClock(): Promise<void> {
    return Promise.reject(new Error("a real unit's clock is not the rig's to set"));
  }

  async ask<A extends Ask>(ask: A) {
    return this.#open.ask(ask);
  }

  doctor(): Promise<never> {
    return Promise.reject(new Error("nobody can run a program on a real unit over its line"));
  }

  async setButton(down: boolean): Promise<void> {
    await this.#open.hands({ do: down ? "hold" : "release" });
  }

  async setMute(engaged: boolean): Promise<void> {
    await this.#open.hands({ do: "mute", engaged });
  }

  async lights(): Promise<readonly Lit[]> {
    const askedMs = Date.now();
    const { nowMs, changes } = await this.#open.lights();
    this.#offset.see({ askedMs, answeredMs: Date.now(), theirsMs: nowMs });
    return changes.map(({ scene, atMs }) => ({ scene, atMs: atMs + this.#offset.aheadMs }));
  }

  async play(wav: string): Promise<void> {
    if (!this.#card || this.#settings.play === undefined) throw new Error("the rig has no sound card to play by");
    this.#played.push({ atMs: Date.now(), samples: readWav(await readFile(wav)) });
    await this.#card.play(wav);
  }

  async loudspeaker(fromMs: number, toMs: number): Promise<Int16Array> {
    await sleep(Math.max(0, toMs + WRITTEN_WITHIN_MS - Date.now()));
    const samples = await this.#recorded();
    const at = (ms: number) => Math.max(0, Math.round((ms - this.#startedMs) * SAMPLES_PER_MS));
    return samples.subarray(at(fromMs), at(toMs));
  }

  async recordings(): Promise<readonly TargetRecording[]> {
    if (this.#startedMs === 0) return [];
    const samples = await this.#recorded();
    const startedMs = this.#startedMs;
    return [{ startedMs, people: peopleTrack(this.#played, startedMs, samples.length), loudspeaker: samples }];
  }

  /** The unit stays switched on, with nobody at its button. */
  async [Symbol.asyncDispose](): Promise<void> {
    const line = this.#line;
    if (line) {
      await line.hands({ do: "release" }).catch(() => undefined);
      await line.hands({ do: "mute", engaged: false }).catch(() => undefined);
      await line[Symbol.asyncDispose]();
    }
    await this.#card?.[Symbol.asyncDispose]();
  }

  get #open(): BoardLine {
    if (!this.#line) throw new Error("the unit's supply is cut");
    return this.#line;
  }

  get #file(): string {
    return join(this.#options.folder, "loudspeaker.raw");
  }

  /** As a new unit, told of this scenario's hub. */
  async #begin(): Promise<void> {
    const { name, hubName, wires, invitation, onProgress } = this.#options;
    const { address } = this.#settings;
    const { stage } = await this.#open.status();
    if (stage !== "new") {
      onProgress("the unit begins anew");
      await this.#open.reset();
      await this.#until("it does not begin anew", async () => {
        const { stage: now, resetting } = await this.#open.status();
        return now === "new" && !resetting;
      });
    }
    const [mqttUrl, httpUrl] = [`mqtt://${address}:${wires.mqtt}`, `http://${address}:${wires.http}`];
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const hub = { name: hubName, mqttUrl, httpUrl };
    await this.#open.provision({ name, region: REGION, timeZone, hub, invitation });
    onProgress("the unit is told of the hub");
  }

  async #record(): Promise<void> {
    const { play, record } = this.#settings;
    if (this.#card || (play === undefined && record === undefined)) return;
    mkdirSync(this.#options.folder, { recursive: true });
    const card = new SoundCard({ play: play ?? "", record: record ?? "" });
    this.#card = card;
    if (record === undefined) return;
    this.#startedMs = await new Promise<number>((resolve, reject) => {
      const late = `nothing can be recorded from "${record}": is that the name of a sound card of this machine (arecord -L)?`;
      const timer = setTimeout(() => reject(new Error(late)), RECORDS_WITHIN_MS);
      card.record(this.#file, Date.now, (atMs) => {
        clearTimeout(timer);
        resolve(atMs);
      });
    });
  }

  async #recorded(): Promise<Int16Array> {
    const bytes = new Uint8Array(await readFile(this.#file)).slice();
    return new Int16Array(bytes.buffer, 0, Math.floor(bytes.length / 2));
  }

  async #reopen(): Promise<void> {
    const { port, baudRate, startsWithinMs } = this.#settings;
    await this.#line?.[Symbol.asyncDispose]();
    this.#line = null;
    this.#line = await BoardLine.open(port, baudRate, startsWithinMs);
  }

  /** A unit that starts again may take its port with it. */
  async #until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const deadlineMs = Date.now() + this.#settings.startsWithinMs;
    let why = "";
    for (;;) {
      const held = await holds().catch(async (error: unknown) => {
        why = `: ${error instanceof Error ? error.message : String(error)}`;
        await this.#reopen();
        return false;
      });
      if (held) return;
      if (Date.now() > deadlineMs) throw new Error(`${what} within ${this.#settings.startsWithinMs / 1_000} s${why}`);
      await sleep(LOOK_EVERY_MS);
    }
  }
}
