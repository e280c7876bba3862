import type { Clock } from "#base/clock.ts";
import { Debounce } from "../debounce.ts";
import type { Scene } from "../hal.ts";
import { FrameDecoder } from "./frame.ts";
import { encodeMessage, type McuMessage, nextSeq, readMessage, VERSION } from "./messages.ts";

const REPEAT_EACH_MS = 250;
const RESEND_AFTER_MS = 100;
const ALONE_AFTER_MS = 3_000;
const MOST_WAITING = 16;
const TICK_MS = 25;
const DEBOUNCE_MS = 20;

type Inputs = Readonly<{ button: boolean; mute: boolean }>;
type Sent = Readonly<{ seq: number; inputs: Inputs; sentMs: number }>;

/** The microcontroller's side of README.md, as its firmware would be: for tests and rigs without hardware. */
export class SimMcu implements Disposable {
  readonly #clock: Clock;
  readonly #write: (bytes: Uint8Array) => void;
  readonly #versions: readonly number[];
  readonly #button: Debounce;
  readonly #mute: Debounce;
  #decoder = new FrameDecoder();
  #inputs: Inputs = { button: false, mute: false };
  #scene: Scene = "off";
  /** 0: none yet. */
  #session = 0;
  #lastIn = 0;
  #lastOut = 0;
  #sent: Sent | null = null;
  readonly #waiting: Inputs[] = [];
  #spokeMs = Number.NEGATIVE_INFINITY;
  #heardMs = Number.NEGATIVE_INFINITY;
  #cancelTick: () => void = () => undefined;

  /** `write` puts bytes on its line; what comes from it goes to `read`. */
  constructor(options: { clock: Clock; write: (bytes: Uint8Array) => void; versions?: readonly number[] }) {
    const { clock } = options;
    this.#clock = clock;
    this.#write = options.write;
    this.#versions = options.versions ?? [VERSION];
    const settle = (change: (level: boolean) => Partial<Inputs>) =>
      new Debounce({ clock, settleMs: DEBOUNCE_MS, onStable: (level) => this.#become(change(level)) });
    this.#button = settle((button) => ({ button }));
    this.#mute = settle((mute) => ({ mute }));
    this.#tick();
  }

  /** What its ring shows: `fault` where no unit has spoken to it for three seconds. */
  get scene(): Scene {
    return this.#clock.monotonicMs() - this.#heardMs > ALONE_AFTER_MS ? "fault" : this.#scene;
  }

  /** The button's contact, bounces and all. */
  setButton(down: boolean): void {
    this.#button.feed(down);
  }

  setMute(engaged: boolean): void {
    this.#mute.feed(engaged);
  }

  /** As after a brown-out: everything is forgotten but what its contacts say. */
  reboot(): void {
    this.#decoder = new FrameDecoder();
    this.#session = 0;
    this.#scene = "off";
    this.#sent = null;
    this.#waiting.length = 0;
    this.#heardMs = Number.NEGATIVE_INFINITY;
    this.#say({ type: "booted" });
  }

  read(bytes: Uint8Array): void {
    this.#decoder.push(bytes, (frame) => {
      const message = readMessage(frame);
      if (message !== null) this.#hear(message);
    });
  }

  [Symbol.dispose](): void {
    this.#cancelTick();
    this.#button[Symbol.dispose]();
    this.#mute[Symbol.dispose]();
  }

  #hear(message: McuMessage): void {
    switch (message.type) {
      case "hello":
        this.#greet(message);
        return;
      case "scene":
        if (message.session !== this.#session) return;
        this.#heardMs = this.#clock.monotonicMs();
        if (message.seq === nextSeq(this.#lastIn)) {
          this.#lastIn = message.seq;
          this.#scene = message.scene;
        }
        if (message.seq === this.#lastIn) this.#say({ type: "ack", session: this.#session, seq: message.seq });
        return;
      case "ack":
        if (message.session !== this.#session || message.seq !== this.#sent?.seq) return;
        this.#heardMs = this.#clock.monotonicMs();
        this.#sent = null;
        this.#sendNext();
        return;
      case "welcome":
      case "booted":
      case "inputs":
        return;
    }
  }

  #greet({ session, oldest, newest }: Extract<McuMessage, { type: "hello" }>): void {
    const version = this.#versions.findLast((each) => each >= oldest && each <= newest) ?? 0;
    this.#say({ type: "welcome", session, version, name: "simulated" });
    // The same again: our welcome was lost.
    if (version === 0 || session === this.#session) return;
    this.#session = session;
    this.#heardMs = this.#clock.monotonicMs();
    this.#lastIn = 0;
    this.#lastOut = 0;
    this.#sent = null;
    this.#waiting.splice(0, this.#waiting.length, this.#inputs);
    this.#sendNext();
  }

  #become(change: Partial<Inputs>): void {
    this.#inputs = { ...this.#inputs, ...change };
    if (this.#session === 0) return;
    this.#waiting.push(this.#inputs);
    // The two oldest: what was pressed and let go meanwhile is left out whole.
    if (this.#waiting.length > MOST_WAITING) this.#waiting.splice(0, 2);
    this.#sendNext();
  }

  #tick(): void {
    const nowMs = this.#clock.monotonicMs();
    if (this.#sent !== null) {
      if (nowMs - this.#sent.sentMs >= RESEND_AFTER_MS) this.#send({ ...this.#sent, sentMs: nowMs });
    } else if (nowMs - this.#spokeMs >= REPEAT_EACH_MS) {
      if (this.#session === 0) this.#say({ type: "booted" });
      else {
        this.#waiting.push(this.#inputs);
        this.#sendNext();
      }
    }
    this.#cancelTick = this.#clock.after(TICK_MS, () => this.#tick());
  }

  #sendNext(): void {
    if (this.#sent !== null) return;
    const inputs = this.#waiting.shift();
    if (inputs === undefined) return;
    this.#lastOut = nextSeq(this.#lastOut);
    this.#send({ seq: this.#lastOut, inputs, sentMs: this.#clock.monotonicMs() });
  }

  #send(sent: Sent): void {
    this.#sent = sent;
    this.#say({ type: "inputs", session: this.#session, seq: sent.seq, ...sent.inputs });
  }

  #say(message: McuMessage): void {
    this.#spokeMs = this.#clock.monotonicMs();
    this.#write(encodeMessage(message));
  }
}
