import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";

const TRIES = 60;
const Message = v.looseObject({ event: v.optional(v.boolean()), type: v.optional(v.string()) });

/** Baresip's control over TCP (its module `ctrl_tcp`): JSON in netstrings, "LENGTH:JSON,". Dispose hangs up the line. */
export class ControlLine implements Disposable {
  readonly #socket: Socket;
  readonly #events: string[] = [];
  readonly #waiting = new Set<() => void>();
  #rest = "";

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => this.#take(bytes.toString("latin1")));
  }

  /** Waits until somebody listens on that port of the loopback interface. */
  static async open(port: number): Promise<ControlLine> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const socket = connect(port, "127.0.0.1");
      const { promise, resolve } = Promise.withResolvers<boolean>();
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
      if (await promise) return new ControlLine(socket);
      socket.destroy();
      await sleep(50);
    }
    throw new Error("baresip did not start: its log tells why");
  }

  send(command: string, params = ""): void {
    const text = JSON.stringify({ command, params });
    this.#socket.write(`${text.length}:${text},`);
  }

  /** Waits for `count` events of this type since the last `forget`. */
  async happens(type: string, count = 1, withinMs = 8_000): Promise<void> {
    const untilMs = performance.now() + withinMs;
    while (this.#events.filter((each) => each === type).length < count) {
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) throw new Error(`baresip: no ${type} came, only ${this.#events.join(", ") || "nothing"}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, leftMs);
      this.#waiting.add(resolve);
      await promise;
      clearTimeout(timer);
    }
  }

  forget(): void {
    this.#events.length = 0;
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #take(text: string): void {
    this.#rest += text;
    for (;;) {
      const colon = this.#rest.indexOf(":");
      const length = Number(this.#rest.slice(0, Math.max(0, colon)));
      if (colon === -1 || this.#rest.length < colon + length + 2) break;
      const parsed = v.safeParse(Message, JSON.parse(this.#rest.slice(colon + 1, colon + 1 + length)));
      this.#rest = this.#rest.slice(colon + length + 2);
      if (parsed.success && parsed.output.type !== undefined) this.#events.push(parsed.output.type);
    }
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
