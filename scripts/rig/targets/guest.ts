import { mkdirSync } from "node:fs";
import { copyFile, readFile } from "node:fs/promises";
import type { Server } from "node:net";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { readWav, WAV_HEADER_BYTES } from "#audio/wav.ts";
import type { Ask } from "#device/control/client.ts";
import { Answers, type Do, type Reply, RequestError } from "#device/control/requests.ts";
import type { Finding } from "#device/doctor/finding.ts";
import { AgentClient } from "../agent/client.ts";
import { fromTcp } from "../agent/datagrams.ts";
import { Machine, type MachineOptions } from "../guest/machine.ts";
import { writeGuestFiles } from "./guest-files.ts";
import {
  DIGITAL_DBFS,
  type Lit,
  peopleTrack,
  type Target,
  type TargetOptions,
  type TargetRecording,
} from "./target.ts";

/** The first guest of a checkout compiles it all; and the host may be busy. */
const BOOT_WITHIN_MS = 600_000;
const ANSWER_WITHIN_MS = 60_000;
const DOCTOR_WITHIN_MS = 300_000;
const PLAY_WITHIN_MS = 120_000;
const SAMPLES_PER_MS = 16;
/** What was played lies in the shared folder so much later. */
const WRITTEN_WITHIN_MS = 2_000;
const CLOCK_TRIES = 5;

/** `wired`: the unit has drivers on lines and a card of the kernel's; else its board and room are simulated in itself. */
export type GuestKind = Readonly<{
  wired: boolean;
  boots: Pick<MachineOptions, "arch" | "image" | "modules" | "code">;
  /** Machine and unit each have so long to start. */
  startsWithinMs?: number;
}>;

/** `startedMs`: when its recording began; null until it did. */
type Life = { readonly recording: string; readonly aheadMs: number; startedMs: number | null };

/** A unit in a machine of QEMU's: the real drivers of button, mute switch, LEDs and sound card, on lines of the kernel's own. */
export class GuestTarget implements Target {
  readonly slowness = 6;
  readonly quietDbfs = DIGITAL_DBFS;
  readonly timeline = [];
  readonly #wired: boolean;
  readonly #startsWithinMs: number;
  readonly #options: TargetOptions;
  readonly #shared: string;
  readonly #machine: Machine;
  readonly #datagrams: Server;
  readonly #lives: Life[] = [];
  readonly #played: { atMs: number; samples: Int16Array }[] = [];
  #agent: AgentClient | null = null;

  private constructor(
    { wired, startsWithinMs }: GuestKind,
    options: TargetOptions,
    machine: Machine,
    shared: string,
    datagrams: Server,
  ) {
    this.#wired = wired;
    this.#startsWithinMs = startsWithinMs ?? BOOT_WITHIN_MS;
    this.#options = options;
    this.#machine = machine;
    this.#shared = shared;
    this.#datagrams = datagrams;
  }

  static make(kind: GuestKind, options: TargetOptions): GuestTarget {
    const { folder, wires } = options;
    const shared = join(folder, "shared");
    mkdirSync(shared, { recursive: true });
    const tcpPorts = [wires.mqtt, wires.http, wires.turn];
    const machine = new Machine({ ...kind.boots, folder, shared, tcpPorts });
    return new GuestTarget(kind, options, machine, shared, fromTcp(wires.turn, wires.turn));
  }

  async powerOn(): Promise<void> {
    const { onProgress } = this.#options;
    const recording = `loudspeaker-${this.#lives.length + 1}`;
    const { port } = this.#machine;
    await writeGuestFiles({ options: this.#options, shared: this.#shared, wired: this.#wired, port, recording });
    const startedMs = Date.now();
    await this.#machine.powerOn();
    this.#agent = await AgentClient.open(`unix:${this.#machine.serial}`);
    await this.#until("the machine's start", async () => {
      await this.#asked.ask("now", {}, 2_000);
      return true;
    });
    const life: Life = { recording, aheadMs: await this.#aheadMs(), startedMs: null };
    this.#lives.push(life);
    onProgress(`the machine is up after ${secondsSince(startedMs)} s; the unit starts in it`);
    await this.#until("the unit's start", async () => {
      const { audio, hub, fault } = await this.ask({ do: "status" });
      return audio === "ready" && hub === "connected" && fault === null;
    });
    const { cpuMs, unitMb, machineMb } = await this.#asked.ask("cost", {}, ANSWER_WITHIN_MS);
    onProgress(
      `it listens ${secondsSince(startedMs)} s after power on, having taken ${(cpuMs / 1_000).toFixed(0)} s of CPU; its memory is ${unitMb.toFixed(0)} MB, the machine's ${machineMb.toFixed(0)}`,
    );
    const { atMs } = await this.#asked.ask("record", {}, ANSWER_WITHIN_MS);
    life.startedMs = atMs + life.aheadMs;
  }

  async cutPower(): Promise<void> {
    await this.#agent?.[Symbol.asyncDispose]();
    this.#agent = null;
    await this.#machine.cutPower();
  }

  async setClock(aheadMs: number): Promise<void> {
    await this.#asked.ask("clock", { atMs: Math.round(Date.now() + aheadMs) }, ANSWER_WITHIN_MS);
  }

  async ask<A extends Ask>(ask: A): Promise<Extract<Reply<A["do"]>, { ok: true }>["answer"]> {
    const { ok, ...rest } = await this.#asked.ask("unit", { ask }, ANSWER_WITHIN_MS);
    if (ok) return answerOf(ask.do, rest);
    const refused = v.safeParse(v.object({ error: RequestError }), rest);
    throw new Error(`the unit: ${ask.do}: ${refused.success ? refused.output.error.message : "refused"}`);
  }

  get cannotHave(): Target["cannotHave"] {
    const clock = "nobody in an emulated machine sets it";
    return this.#wired ? { clock } : { clock, sound: "its room is simulated" };
  }

  async doctor(): Promise<readonly Finding[]> {
    return (await this.#asked.ask("doctor", {}, DOCTOR_WITHIN_MS)).findings;
  }

  async setButton(down: boolean): Promise<void> {
    await this.#asked.ask("button", { down }, ANSWER_WITHIN_MS);
  }

  async setMute(engaged: boolean): Promise<void> {
    await this.#asked.ask("mute", { engaged }, ANSWER_WITHIN_MS);
  }

  async lights(): Promise<readonly Lit[]> {
    const { aheadMs } = this.#life;
    const { changes } = await this.#asked.ask("lights", {}, ANSWER_WITHIN_MS);
    return changes.map(({ scene, atMs }) => ({ scene, atMs: atMs + aheadMs }));
  }

  async play(wav: string): Promise<void> {
    const file = basename(wav);
    await copyFile(wav, join(this.#shared, file));
    this.#played.push({ atMs: Date.now(), samples: readWav(await readFile(wav)) });
    await this.#asked.ask("play", { file }, PLAY_WITHIN_MS);
  }

  async loudspeaker(fromMs: number, toMs: number): Promise<Int16Array> {
    await sleep(Math.max(0, toMs + WRITTEN_WITHIN_MS - Date.now()));
    const { startedMs, samples } = await this.#recorded(this.#life);
    const at = (ms: number) => Math.max(0, Math.round((ms - startedMs) * SAMPLES_PER_MS));
    return samples.subarray(at(fromMs), at(toMs));
  }

  async recordings(): Promise<readonly TargetRecording[]> {
    return Promise.all(
      this.#lives.map(async (life) => {
        const { startedMs, samples } = await this.#recorded(life);
        return { startedMs, people: peopleTrack(this.#played, startedMs, samples.length), loudspeaker: samples };
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cutPower();
    await new Promise((resolve) => this.#datagrams.close(resolve));
  }

  get #asked(): AgentClient {
    if (!this.#agent) throw new Error("the machine is off");
    return this.#agent;
  }

  get #life(): Life {
    const life = this.#lives.at(-1);
    if (!life) throw new Error("the machine was never switched on");
    return life;
  }

  async #recorded({ recording, startedMs }: Life): Promise<{ startedMs: number; samples: Int16Array }> {
    if (startedMs === null) return { startedMs: 0, samples: new Int16Array(0) };
    const path = join(this.#shared, this.#wired ? `${recording}.raw` : join(recording, "loudspeaker.wav"));
    const bytes = new Uint8Array(await readFile(path)).subarray(this.#wired ? 0 : WAV_HEADER_BYTES).slice();
    return { startedMs, samples: new Int16Array(bytes.buffer, 0, Math.floor(bytes.length / 2)) };
  }

  /** How far the rig's wall clock is ahead of the agent's own; the quickest of a few answers is the surest. */
  async #aheadMs(): Promise<number> {
    let best = { tookMs: Number.POSITIVE_INFINITY, aheadMs: 0 };
    for (let tries = 0; tries < CLOCK_TRIES; tries++) {
      const askedMs = Date.now();
      const { atMs } = await this.#asked.ask("now", {}, ANSWER_WITHIN_MS);
      const tookMs = Date.now() - askedMs;
      if (tookMs < best.tookMs) best = { tookMs, aheadMs: askedMs + tookMs / 2 - atMs };
    }
    return best.aheadMs;
  }

  async #until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + this.#startsWithinMs;
    let why = "";
    while (Date.now() < deadline) {
      this.#machine.mustRun();
      const held = await holds().catch((error: unknown) => {
        why = `: ${error instanceof Error ? error.message : String(error)}`;
        return false;
      });
      if (held) return;
      await sleep(500);
    }
    throw new Error(`${what} took more than ${this.#startsWithinMs / 1_000} s${why} (see ${this.#options.folder})`);
  }
}

function secondsSince(startedMs: number): number {
  return Math.round((Date.now() - startedMs) / 1_000);
}

function answerOf<D extends Do>(name: D, rest: unknown): Extract<Reply<D>, { ok: true }>["answer"] {
  const schema: (typeof Answers)[D] = Answers[name];
  return v.parse(schema, v.parse(v.object({ answer: v.unknown() }), rest).answer);
}
