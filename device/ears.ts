import { fileURLToPath } from "node:url";
import { type AudioConfig, BEAT_EVERY_MS, type Command, type Report } from "#audio/protocol.ts";
import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import {
  afterEnd,
  afterSteadyLife,
  type EndOfLife,
  type Health,
  healthy,
  isFailing,
  pauseMs,
  troubleIn,
  YOUNG_MS,
} from "./ears-health.ts";
import { SoundProcess } from "./sound-process.ts";

/** The audio process as the brain sees it. It may die at any time; it comes back by itself. */
export interface Ears extends AsyncDisposable {
  /**
   * Sent at once, or dropped where the process is not ready: the brain says again what matters once it is. `keep`: it
   * waits, so that the owner gets to hear what went wrong.
   */
  send(command: Command, keep?: boolean): void;
  readonly state: "starting" | "ready" | "down";
  /** Why there is no sound card, where the process runs without one; null where all is well. */
  readonly noSound: string | null;
  /** Process id, for a rig that measures; null while down. */
  readonly pid: number | null;
  /** What the owner should know of how often it had to be replaced; null while all is well. */
  readonly trouble: string | null;
}

/** Physical memory in MB. Each is raised for a process that held more soon after its start. */
type MemoryLimits = Readonly<{
  /** Above it the process is replaced as soon as the unit has nothing to do. */
  soft: number;
  /** Above it the process is replaced at once, whatever it is doing. */
  hard: number;
}>;

export type EarsOptions = Readonly<{
  config: AudioConfig;
  /** The unit's folder. */
  data: string;
  clock: Clock;
  log: Log;
  onReport(report: Report): void;
  /** The process is gone, whatever it was doing; a new one is on its way. */
  onDeath(): void;
  /** It dies again and again, or has at last lived on. */
  onHealth(failing: boolean): void;
  /** Nothing goes on that a second of deafness would disturb. */
  isIdle(): boolean;
  /** What a test puts in place of the audio process: a file that Node runs. */
  program?: string;
  memory?: MemoryLimits;
  /** All that it may take, it may take so many times longer. */
  patience?: number;
}>;

const AUDIO_MAIN = fileURLToPath(new URL("../audio/main.ts", import.meta.url));
const WATCH_EVERY_MS = 50;
/** After this silence of a process that beats every 100 ms a spare one starts to load, in case that it hangs. */
const SUSPECT_MS = 2.5 * BEAT_EVERY_MS;
/** After this silence it hangs: it is killed, and the spare one takes over. Less would take a busy machine for it. */
const HANGS_MS = 6.5 * BEAT_EVERY_MS;
/** A process that runs but gets no sound has so long to get its device going again, or to do without. */
const SOUNDLESS_MS = 4_000;
/** A machine that is merely busy is not made busier by one spare after the other. */
const NEXT_SPARE_MS = 10_000;
/** So long may loading take; twice as long after each time that it took longer, up to the longest. */
const LOADING_MS = 10_000;
const LONGEST_LOADING_MS = 80_000;
const MEMORY_EVERY_MS = 2_000;
/** Listening and in a call it holds some 200 MB. */
const MEMORY: MemoryLimits = { soft: 320, hard: 450 };
const MAX_KEPT = 2;

export function startEars(options: EarsOptions): Ears {
  return new ForkedEars(options);
}

class ForkedEars implements Ears {
  readonly #options: EarsOptions;
  readonly #patience: number;
  #process: SoundProcess | null = null;
  /** Loads while it is doubtful whether the other one still lives; listens to nothing. */
  #spare: SoundProcess | null = null;
  #noSpareBeforeMs = 0;
  #state: Ears["state"] = "down";
  #noSound: string | null = null;
  #closing = false;
  #startedMs = 0;
  /** Since the last beat, in time in which the brain itself was awake. */
  #silentMs = 0;
  /** Since the last beat with sound, in the same time. */
  #soundlessMs = 0;
  #loadingMs: number;
  #memoryAtMs = 0;
  #limits: MemoryLimits | null = null;
  /** Why it was killed, if it was. */
  #why: EndOfLife = "died";
  #health: Health = healthy;
  #kept: Command[] = [];
  /** What it was given to say and has not said yet. */
  readonly #saying = new Set<number>();
  #cancelTimer: () => void = () => undefined;

  constructor(options: EarsOptions) {
    this.#options = options;
    this.#patience = options.patience ?? 1;
    this.#loadingMs = LOADING_MS * this.#patience;
    this.#start();
  }

  get state(): Ears["state"] {
    return this.#state;
  }

  get noSound(): string | null {
    return this.#noSound;
  }

  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  get trouble(): string | null {
    return troubleIn(this.#health, this.#options.clock.monotonicMs());
  }

  send(command: Command, keep = false): void {
    if (this.#state === "ready") this.#hand(command);
    else if (command.type === "hush") this.#kept = [];
    else if (keep) this.#kept = [...this.#kept, command].slice(-MAX_KEPT);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    this.#cancelTimer();
    this.#dropSpare();
    await this.#process?.end();
  }

  #hand(command: Command): void {
    if (command.type === "say") this.#saying.add(command.id);
    this.#process?.send(command);
  }

  #start(): void {
    const spare = this.#spare;
    this.#spare = null;
    this.#process = spare ?? this.#fork(false);
    spare?.send({ type: "open" });
    this.#state = "starting";
    this.#why = "died";
    this.#limits = null;
    this.#saying.clear();
    this.#startedMs = this.#options.clock.monotonicMs();
    this.#silentMs = 0;
    this.#soundlessMs = 0;
    this.#watch();
  }

  #fork(spare: boolean): SoundProcess {
    const { config, data, clock, log, program = AUDIO_MAIN } = this.#options;
    const made = new SoundProcess({
      program,
      config,
      data,
      spare,
      clock,
      log,
      onReport: (report) => {
        if (made === this.#process) this.#hear(report);
      },
      onEnd: (how) => {
        if (made === this.#spare) this.#spare = null;
        if (made === this.#process) this.#bury(how);
      },
    });
    return made;
  }

  #hear(report: Report): void {
    const { clock, onReport } = this.#options;
    switch (report.type) {
      case "beat":
        this.#silentMs = 0;
        if (report.sounds) this.#soundlessMs = 0;
        this.#dropSpare();
        break;
      case "ready":
        this.#state = "ready";
        this.#silentMs = 0;
        this.#soundlessMs = 0;
        this.#loadingMs = LOADING_MS * this.#patience;
        this.#memoryAtMs = clock.monotonicMs() + MEMORY_EVERY_MS;
        this.#weigh();
        onReport(report);
        for (const command of this.#kept.splice(0)) this.#hand(command);
        break;
      case "sound":
        this.#noSound = report.lost;
        onReport(report);
        break;
      case "said":
        this.#saying.delete(report.id);
        onReport(report);
        break;
      default:
        onReport(report);
    }
  }

  /** A brain that was held up itself counts one round, whatever it missed: beats may lie in its own mailbox. */
  #watch(): void {
    this.#cancelTimer = this.#options.clock.after(WATCH_EVERY_MS, () => {
      this.#silentMs += WATCH_EVERY_MS;
      this.#soundlessMs += WATCH_EVERY_MS;
      if (this.#state === "ready") this.#watchReady();
      else if (this.#soundlessMs > this.#loadingMs) {
        this.#loadingMs = Math.min(this.#loadingMs * 2, LONGEST_LOADING_MS * this.#patience);
        this.#kill("hung");
      }
      this.#watch();
    });
  }

  #watchReady(): void {
    const nowMs = this.#options.clock.monotonicMs();
    const silentMs = this.#silentMs / this.#patience;
    if (silentMs > HANGS_MS || this.#soundlessMs / this.#patience > SOUNDLESS_MS) this.#kill("hung");
    else if (silentMs > SUSPECT_MS && this.#spare === null && nowMs >= this.#noSpareBeforeMs) {
      this.#noSpareBeforeMs = nowMs + NEXT_SPARE_MS;
      this.#options.log.warn({ silentMs: this.#silentMs }, "the audio process is late: a spare one loads");
      this.#spare = this.#fork(true);
    }
    if (this.#health.young > 0 && nowMs - this.#startedMs >= YOUNG_MS) {
      this.#setHealth(afterSteadyLife(this.#health));
    }
    if (nowMs < this.#memoryAtMs) return;
    this.#memoryAtMs = nowMs + MEMORY_EVERY_MS;
    this.#weigh();
  }

  #weigh(): void {
    const { memory = MEMORY, isIdle } = this.#options;
    const heldMb = this.#process?.memoryMb() ?? null;
    if (heldMb === null) return;
    // A platform on which it needs more from the start must not have it replaced over and over.
    this.#limits ??= { soft: Math.max(memory.soft, heldMb * 1.5), hard: Math.max(memory.hard, heldMb * 2) };
    const { soft, hard } = this.#limits;
    if (heldMb > hard || (heldMb > soft && this.#saying.size === 0 && isIdle())) this.#kill("grown", heldMb);
  }

  /** What is killed stays until the kernel says that it is gone. */
  #kill(why: EndOfLife, heldMb?: number): void {
    if (this.#why === "died") {
      const details = { silentMs: this.#silentMs, ...(heldMb !== undefined && { heldMb: Math.round(heldMb) }) };
      this.#options.log.error({ why, ...details }, "the audio process is killed");
    }
    this.#why = why;
    this.#process?.kill();
  }

  #bury(how: string): void {
    const { clock, log, onDeath } = this.#options;
    this.#cancelTimer();
    this.#process = null;
    this.#state = "down";
    this.#noSound = null;
    if (this.#closing) return;
    const atMs = clock.monotonicMs();
    const health = afterEnd(this.#health, { atMs, livedMs: atMs - this.#startedMs, why: this.#why });
    const afterMs = pauseMs(health);
    log.warn({ how, why: this.#why, afterMs }, "the audio process ended: it is started again");
    // Set before anything follows from the death: whoever is told may close us.
    this.#cancelTimer = clock.after(afterMs, () => this.#start());
    onDeath();
    this.#setHealth(health);
  }

  #setHealth(health: Health): void {
    const was = isFailing(this.#health);
    this.#health = health;
    if (isFailing(health) !== was) this.#options.onHealth(!was);
  }

  #dropSpare(): void {
    this.#spare?.kill();
    this.#spare = null;
  }
}
