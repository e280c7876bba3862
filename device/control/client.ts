import { once } from "node:events";
import { connect, type Socket } from "node:net";
import * as v from "valibot";
import { type Clock, systemClock } from "#base/clock.ts";
import { DeviceError } from "../errors.ts";
import { splitLines } from "./lines.ts";
import {
  Answers,
  type BenchRequest,
  type ControlRequest,
  type Do,
  type Reply,
  RequestError,
  TimelineLine,
} from "./requests.ts";

/** A request without its number: the client numbers it. What has a default may be left out. */
export type Ask = WithoutId<v.InferInput<typeof ControlRequest> | v.InferInput<typeof BenchRequest>>;
type WithoutId<Request> = Request extends { id: unknown } ? Omit<Request, "id"> : never;

/** A whole journal page fits several times over. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const ANSWER_WITHIN_MS = 10_000;

/** Only the fields that every line has; the rest is judged by what was asked. */
const Line = v.looseObject({
  id: v.optional(v.nullable(v.number())),
  ok: v.optional(v.boolean()),
  event: v.optional(v.string()),
});
type Line = v.InferOutput<typeof Line>;
type Settled = Omit<Line, "id">;

type Waiting = Readonly<{ settle: (line: Settled) => void; fail: (error: DeviceError) => void }>;

/** The other end of a unit's local socket: for the command line, the demo and tests. */
export class ControlClient implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(line: TimelineLine) => void>();
  #nextId = 1;
  #gone: DeviceError | null = null;

  private constructor(socket: Socket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    const split = splitLines((line) => this.#take(line), MAX_ANSWER_BYTES);
    socket.on("data", (bytes) => {
      if (!split(bytes)) this.#end(nonsense("its answer is longer than any answer"));
    });
    socket.on("error", () => undefined);
    socket.on("close", () => this.#end(new DeviceError("unit-unreachable", "the unit closed the connection")));
  }

  /** Throws DeviceError `unit-unreachable` where nobody listens. */
  static async connect(path: string, clock: Clock = systemClock): Promise<ControlClient> {
    const socket = connect(path);
    try {
      await once(socket, "connect");
    } catch (error) {
      socket.destroy();
      throw new DeviceError("unit-unreachable", whyUnreachable(error, path), { path }, error);
    }
    return new ControlClient(socket, clock);
  }

  /**
   * Asks and waits: `withinMs` at most, but null waits for as long as it takes (a sound that plays). A refusal is an
   * answer; DeviceError means that none came.
   */
  async ask<A extends Ask>(ask: A, withinMs: number | null = ANSWER_WITHIN_MS): Promise<Reply<A["do"]>> {
    if (this.#gone) throw this.#gone;
    const id = this.#nextId;
    this.#nextId += 1;
    const line = await new Promise<Settled>((settle, reject) => {
      const cancel =
        withinMs === null
          ? () => undefined
          : this.#clock.after(withinMs, () => {
              this.#waiting.delete(id);
              reject(new DeviceError("unit-unreachable", "the unit did not answer in time", { do: ask.do }));
            });
      this.#waiting.set(id, {
        settle: (answer) => {
          cancel();
          settle(answer);
        },
        fail: (error) => {
          cancel();
          reject(error);
        },
      });
      this.#socket.write(`${JSON.stringify({ ...ask, id })}\n`);
    });
    return readReply(ask.do, line);
  }

  /** Called for each line of the timeline, once `{ do: "events" }` was asked; returns how to stop. */
  onEvent(listener: (line: TimelineLine) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.destroyed) return;
    const closed = once(this.#socket, "close");
    this.#socket.destroy();
    await closed;
  }

  #take(text: string): void {
    const line = readLine(text);
    if (line === null) {
      this.#end(nonsense("it sent a line that is no answer"));
      return;
    }
    const { id, ...rest } = line;
    if (typeof id === "number") {
      this.#waiting.get(id)?.settle(rest);
      this.#waiting.delete(id);
      return;
    }
    const event = v.safeParse(TimelineLine, line);
    if (!event.success) return;
    for (const listener of this.#listeners) listener(event.output);
  }

  #end(error: DeviceError): void {
    this.#gone ??= error;
    this.#socket.destroy();
    for (const waiting of this.#waiting.values()) waiting.fail(this.#gone);
    this.#waiting.clear();
  }
}

function readLine(text: string): Line | null {
  try {
    const parsed = v.safeParse(Line, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

/** The same for a line that came another way. Throws DeviceError where it is no answer to that. */
export function readReplyLine<D extends Do>(name: D, text: string): Reply<D> {
  const line = readLine(text);
  if (line === null) throw nonsense(`its answer to "${name}" is not one`);
  const { id: _, ...rest } = line;
  return readReply(name, rest);
}

function readReply<D extends Do>(name: D, { ok, ...rest }: Settled): Reply<D> {
  if (ok === false) {
    const refused = v.safeParse(v.object({ error: RequestError }), rest);
    if (refused.success) return { ok: false, error: refused.output.error };
  }
  const schema: (typeof Answers)[D] = Answers[name];
  const answer = v.safeParse(schema, rest);
  if (ok !== true || !answer.success) throw nonsense(`its answer to "${name}" is not one`);
  return { ok: true, answer: answer.output };
}

function nonsense(what: string): DeviceError {
  return new DeviceError("unit-answered-nonsense", `the unit was not understood: ${what}; is it of another version?`);
}

function whyUnreachable(error: unknown, path: string): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EACCES") return `${path} belongs to another user: run this as the user whom the unit runs as`;
  if (code === "ENOENT") return `no unit is running here: there is no ${path}; start it with "porter start"`;
  if (code === "ECONNREFUSED") return `the unit has stopped (nobody listens on ${path}); start it with "porter start"`;
  return `cannot reach a unit at ${path}: ${error instanceof Error ? error.message : String(error)}`;
}
