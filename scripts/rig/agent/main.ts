import { execFileSync, spawn } from "node:child_process";
import { createWriteStream, readFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { freemem, totalmem } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import * as v from "valibot";
import { ControlClient } from "#device/control/client.ts";
import { splitLines } from "#device/control/lines.ts";
import { ControlRequest } from "#device/control/requests.ts";
import { leanNode } from "#device/lean-node.ts";
import { openLine } from "#device/smp/line.ts";
import { costOf } from "#scripts/bench/cost.ts";
import { forward } from "./forward.ts";
import { type Hands, openHands } from "./hands.ts";
import { examine, ofCheckout, ofSlot, type Program, type Programs } from "./programs.ts";
import { type AgentAnswer, AgentConfig, AgentRequest } from "./requests.ts";

/**
 * Runs on the machine that a rig tests a unit on (a guest, or a board whose lines a rig may work): starts the unit, and
 * is the rig's hands, eyes, voice and ears there, told over a serial line. Never part of what a unit runs.
 */

const BAUD_RATE = 115_200;
/** An emulated machine is slow. */
const UNIT_ANSWERS_WITHIN_MS = 60_000;
const USAGE = "usage: node scripts/rig/agent/main.ts --config FILE [--firmware FOLDER of a unit's slots]";
const nowMs = () => performance.now();

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: "string" }, firmware: { type: "string" } } });
  if (values.config === undefined) throw new Error(USAGE);
  const config = v.parse(v.pipe(v.string(), v.parseJson(), AgentConfig), readFileSync(values.config, "utf8"));
  const opened = await openLine(config.port, BAUD_RATE);
  if (!opened.ok) throw new Error(opened.why);
  forward(config.forward);
  const programs = values.firmware === undefined ? ofCheckout(config) : ofSlot(config, values.firmware);
  const unit: Unit = { pid: null };
  const agent = new Agent(config, openHands(config, nowMs), programs, unit);
  const { line } = opened;
  const answer = async (text: string) => {
    const reply = await agent.answer(text);
    if (reply !== null) await line.write(Buffer.from(reply));
  };
  const split = splitLines((text) => void answer(text));
  line.onBytes((bytes) => split(Buffer.from(bytes)));
  // It never ends by itself.
  flushCompileCache();
  await keepRunning(config, programs.unit, unit);
}

/** `pid`: while it runs. */
type Unit = { pid: number | null };

/** Starts the unit, and again where it ends: what a service manager does. */
async function keepRunning({ data, shared }: AgentConfig, { program, words }: Program, unit: Unit): Promise<never> {
  const { env } = leanNode("brain", data);
  for (;;) {
    const log = createWriteStream(join(shared, "unit.log"), { flags: "a" });
    const child = spawn(program, words, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
    unit.pid = child.pid ?? null;
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    const how = await new Promise<string>((resolve) =>
      child.on("exit", (code, signal) => resolve(signal ?? `${code}`)),
    );
    unit.pid = null;
    log.end(`the unit ended: ${how}\n`);
    await sleep(1_000);
  }
}

class Agent {
  readonly #config: AgentConfig;
  readonly #hands: Hands;
  readonly #programs: Programs;
  readonly #unit: Unit;
  #control: ControlClient | null = null;

  constructor(config: AgentConfig, hands: Hands, programs: Programs, unit: Unit) {
    this.#config = config;
    this.#hands = hands;
    this.#programs = programs;
    this.#unit = unit;
  }

  /** One line from the rig to one line for it; null where it is none that could be answered. */
  async answer(text: string): Promise<string | null> {
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), AgentRequest), text);
    if (!parsed.success) return null;
    const { id } = parsed.output;
    try {
      return `${JSON.stringify({ id, ok: true, answer: await this.#do(parsed.output) })}\n`;
    } catch (error) {
      return `${JSON.stringify({ id, ok: false, why: error instanceof Error ? error.message : String(error) })}\n`;
    }
  }

  async #do(request: AgentRequest): Promise<unknown> {
    switch (request.do) {
      case "now":
        return { atMs: nowMs() };
      case "unit":
        return this.#askUnit(request.ask);
      case "button":
        await this.#hands.setButton(request.down);
        return {};
      case "mute":
        await this.#hands.setMute(request.engaged);
        return {};
      case "lights":
        return { changes: await this.#hands.lights() };
      case "play":
        await this.#hands.play(join(this.#config.shared, request.file));
        return {};
      case "record":
        return { atMs: await this.#hands.record() };
      case "doctor":
        return { findings: await examine(this.#programs.doctor) };
      case "cost":
        return this.#cost();
      case "clock":
        execFileSync("date", ["-s", `@${request.atMs / 1_000}`]);
        return {};
    }
  }

  async #cost(): Promise<AgentAnswer<"cost">> {
    if (this.#unit.pid === null) throw new Error("the unit does not run");
    const { cpuMs, memoryMb } = await costOf(this.#unit.pid);
    return { cpuMs, unitMb: memoryMb, machineMb: (totalmem() - freemem()) / 2 ** 20 };
  }

  async #askUnit(asked: object): Promise<unknown> {
    const { id: _, ...ask } = v.parse(ControlRequest, { ...asked, id: 0 });
    this.#control ??= await ControlClient.connect(join(this.#config.data, "control.sock"));
    try {
      return await this.#control.ask(ask, UNIT_ANSWERS_WITHIN_MS);
    } catch (error) {
      this.#control = null;
      throw error;
    }
  }
}

await main().catch((error: unknown) => {
  process.stderr.write(`agent: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
