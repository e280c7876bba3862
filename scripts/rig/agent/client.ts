import * as v from "valibot";
import { splitLines } from "#device/control/lines.ts";
import { type Line, openLine } from "#device/smp/line.ts";
import { type AgentAnswer, AgentAnswers, type AgentDo, AgentReply, type AgentRequest } from "./requests.ts";

type Asked<D extends AgentDo> = Omit<Extract<AgentRequest, { do: D }>, "id" | "do">;
type Waiting = Readonly<{ settle: (answer: unknown) => void; fail: (error: Error) => void }>;

const MAX_ANSWER_BYTES = 4 * 1_024 * 1_024;
const BAUD_RATE = 115_200;

/** The rig's end of the line to an agent. */
export class AgentClient implements AsyncDisposable {
  readonly #line: Line;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #ended: string | null = null;

  private constructor(line: Line) {
    this.#line = line;
    const split = splitLines((text) => this.#take(text), MAX_ANSWER_BYTES);
    line.onBytes((bytes) => split(Buffer.from(bytes)));
    line.onEnd((why) => {
      this.#ended = why;
      for (const { fail } of this.#waiting.values()) fail(new Error(why));
      this.#waiting.clear();
    });
  }

  /** `port`: a serial device, or `unix:PATH`. */
  static async open(port: string): Promise<AgentClient> {
    const opened = await openLine(port, BAUD_RATE);
    if (!opened.ok) throw new Error(opened.why);
    return new AgentClient(opened.line);
  }

  async ask<D extends AgentDo>(name: D, asked: Asked<D>, withinMs: number): Promise<AgentAnswer<D>> {
    if (this.#ended !== null) throw new Error(`the line to the machine ended: ${this.#ended}`);
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { settle: resolve, fail: reject });
    const timer = setTimeout(() => {
      this.#waiting.delete(id);
      reject(new Error(`the machine did not answer "${name}" within ${withinMs / 1_000} s`));
    }, withinMs);
    await this.#line.write(Buffer.from(`${JSON.stringify({ ...asked, do: name, id })}\n`));
    const answer = await promise.finally(() => clearTimeout(timer));
    const schema: (typeof AgentAnswers)[D] = AgentAnswers[name];
    return v.parse(schema, answer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#line[Symbol.asyncDispose]();
  }

  /** What is no answer (a console's noise, an echo) is passed over. */
  #take(text: string): void {
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), AgentReply), text);
    if (!parsed.success) return;
    const waiting = this.#waiting.get(parsed.output.id);
    this.#waiting.delete(parsed.output.id);
    if (parsed.output.ok) waiting?.settle(parsed.output.answer);
    else waiting?.fail(new Error(parsed.output.why));
  }
}
