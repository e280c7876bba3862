import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import { ButtonInput } from "../button-input.ts";
import type { Hal, Lights, Scene } from "../hal.ts";
import { HalError } from "../hal-error.ts";
import { Health } from "../health.ts";
import { MuteInput } from "../mute-input.ts";
import { FrameDecoder } from "./frame.ts";
import type { ByteLine, OpenLine } from "./line.ts";
import { encodeMessage, readMessage } from "./messages.ts";
import { type Session, type SessionEffect, type SessionEvent, startSession, stepSession } from "./session.ts";

const TICK_MS = 50;
/** What a microcontroller has to say in a second fits into a hundredth of it. */
const MOST_BYTES_A_TICK = 16_384;
const REST_MS = 1_000;
const FIRST_REOPEN_MS = 250;
const LONGEST_REOPEN_MS = 5_000;
/** A board is waited for so long at the start; it may still come later. */
const PATIENCE_MS = 2_000;
/** A switch that flaps stays muted. */
const MUTE_SETTLE_MS = 100;

type McuBoardOptions = Readonly<{
  clock: Clock;
  log: Log;
  openLine: OpenLine;
  /** The port's name, for messages. */
  path: string;
  /** 1 to 65,535: the first session. */
  session: number;
}>;

/** Resolves once the microcontroller has said how its inputs are, or two seconds later: it is waited for on and on. */
export async function openMcuBoard(options: McuBoardOptions): Promise<Hal> {
  const board = new McuBoard(options);
  await board.settled;
  return board;
}

/** Button, mute switch and lights on a microcontroller at the end of a serial line. */
class McuBoard implements Hal {
  readonly button: ButtonInput;
  readonly mute: MuteInput;
  readonly lights: Lights = { show: (scene: Scene) => this.#take({ type: "show", scene }) };
  readonly settled: Promise<void>;

  readonly #options: McuBoardOptions;
  readonly #health: Health<"line" | "microcontroller">;
  readonly #settle: () => void;
  #decoder = new FrameDecoder();
  #session: Session;
  #line: ByteLine | null = null;
  #opening: Promise<void> = Promise.resolve();
  #reopenMs = FIRST_REOPEN_MS;
  #bytesThisTick = 0;
  #cancelTimer: () => void = () => undefined;
  readonly #cancelPatience: () => void;
  #isClosed = false;

  constructor(options: McuBoardOptions) {
    const { clock, log, session } = options;
    this.#options = options;
    this.#health = new Health(log);
    this.button = new ButtonInput(clock);
    this.mute = new MuteInput({ clock, settleMs: MUTE_SETTLE_MS, engaged: true });
    this.#session = startSession(session, clock.monotonicMs());
    const { promise, resolve } = Promise.withResolvers<void>();
    this.settled = promise;
    this.#settle = resolve;
    this.#cancelPatience = clock.after(PATIENCE_MS, () => {
      if (this.fault === null && this.#session.at !== "talking") this.#lose("silent");
      resolve();
    });
    this.#reopen();
  }

  get fault(): HalError | null {
    return this.#health.fault;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.lights.show("off");
    this.#isClosed = true;
    this.#cancelTimer();
    this.#cancelPatience();
    this.#settle();
    this.button.close();
    this.mute.close();
    await this.#opening;
    await this.#line?.close();
    this.#line = null;
  }

  #reopen(): void {
    this.#opening = this.#options
      .openLine({ onBytes: (bytes) => this.#read(bytes), onGone: (why) => this.#gone(why) })
      .then(
        async (line) => {
          this.#line = line;
          if (this.#isClosed) return;
          this.#reopenMs = FIRST_REOPEN_MS;
          this.#health.set("line", null);
          this.#decoder = new FrameDecoder();
          this.#take({ type: "opened" });
          this.#tick();
        },
        (error: unknown) => this.#gone(error instanceof Error ? error.message : String(error)),
      );
  }

  #gone(why: string): void {
    this.#line = null;
    if (this.#isClosed) return;
    this.#cancelTimer();
    const { path, clock } = this.#options;
    const hint = "is it plugged in, the path in board.json right, and may the unit's user open it (group dialout)?";
    this.#health.set(
      "line",
      new HalError("board-failed", `the board's serial port ${path}: ${why} (${hint})`, { path }),
    );
    this.#loseInputs();
    this.#settle();
    this.#cancelTimer = clock.after(this.#reopenMs, () => this.#reopen());
    this.#reopenMs = Math.min(this.#reopenMs * 2, LONGEST_REOPEN_MS);
  }

  #tick(): void {
    this.#bytesThisTick = 0;
    this.#take({ type: "tick" });
    this.#cancelTimer = this.#options.clock.after(TICK_MS, () => this.#tick());
  }

  #read(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    this.#bytesThisTick += bytes.length;
    if (this.#bytesThisTick > MOST_BYTES_A_TICK) {
      this.#line?.rest(REST_MS);
      this.#take({ type: "flooded" });
      return;
    }
    this.#decoder.push(bytes, (frame) => {
      const message = readMessage(frame);
      if (message !== null) this.#take({ type: "heard", message });
    });
  }

  #take(event: SessionEvent): void {
    if (this.#isClosed) return;
    const [next, effects] = stepSession(this.#session, event, this.#options.clock.monotonicMs());
    this.#session = next;
    for (const effect of effects) this.#run(effect);
  }

  #run(effect: SessionEffect): void {
    switch (effect.type) {
      case "send":
        this.#line?.write(encodeMessage(effect.message));
        return;
      case "inputs":
        this.#health.set("microcontroller", null);
        this.mute.set(effect.mute);
        this.button.set(effect.button);
        this.#settle();
        return;
      case "lost":
        this.#lose(effect.why);
        return;
    }
    effect satisfies never;
  }

  #lose(why: Extract<SessionEffect, { type: "lost" }>["why"]): void {
    this.#health.set("microcontroller", faultOf(why, this.#options.path));
    this.#loseInputs();
  }

  #loseInputs(): void {
    this.button.lose();
    this.mute.set(true);
  }
}

function faultOf(why: Extract<SessionEffect, { type: "lost" }>["why"], path: string): HalError {
  const who = `the board's microcontroller on ${path}`;
  switch (why) {
    case "silent":
      return new HalError(
        "board-silent",
        `${who} says nothing: is it powered, and the baud rate in board.json its own?`,
      );
    case "started anew":
      return new HalError("board-silent", `${who} has started anew: if it does so again, look at its supply`);
    case "other version":
      return new HalError("board-babbles", `${who} speaks another protocol: give it firmware for hal/mcu/README.md`);
    case "floods":
      return new HalError(
        "board-babbles",
        `${who} sends far more than it should: its firmware is broken, or not its own`,
      );
  }
}
