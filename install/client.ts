import * as v from "valibot";
import { ConsoleDecoder, encodeConsole } from "#device/smp/console.ts";
import { type Line, openLine } from "#device/smp/line.ts";
import { decodePacket, encodePacket, OP, type Packet, RC } from "#device/smp/packet.ts";
import { EXIT, Failure } from "./exit.ts";

export type Request = Readonly<{ group: number; id: number; op: "read" | "write"; body?: Packet["body"] }>;

/** `denied`: the unit was handed over. `line`: the port itself is gone. */
export type Reply =
  | Readonly<{ ok: true; body: Packet["body"] }>
  | Readonly<{ ok: false; why: "refused"; denied: boolean; notSupported: boolean; rsn: string }>
  | Readonly<{ ok: false; why: "silent" | "line"; rsn: string }>;

export type Patience = Readonly<{ timeoutMs?: number; tries?: number }>;

const Failed = v.object({
  rc: v.optional(v.number(), 0),
  err: v.optional(v.object({ group: v.number(), rc: v.number() })),
  rsn: v.optional(v.string(), ""),
});

const TIMEOUT_MS = 2_000;
const TRIES = 3;

/** Asks one unit on one line; one request at a time. */
export class SmpClient implements AsyncDisposable {
  readonly #line: Line;
  readonly #decoder = new ConsoleDecoder((packet) => this.#take(packet));
  #seq = Math.floor(Math.random() * 256);
  #pending: { head: Packet; resolve: (body: Packet["body"] | null) => void } | null = null;
  #ended: string | null = null;

  private constructor(line: Line) {
    this.#line = line;
    line.onBytes((bytes) => this.#decoder.push(bytes));
    line.onEnd((why) => {
      this.#ended = why;
      this.#pending?.resolve(null);
    });
  }

  /** Throws `Failure` where the port cannot be opened. */
  static async open(port: string, baudRate: number): Promise<SmpClient> {
    const opened = await openLine(port, baudRate);
    if (!opened.ok) throw new Failure(EXIT.silent, opened.why);
    return new SmpClient(opened.line);
  }

  async request(request: Request, { timeoutMs = TIMEOUT_MS, tries = TRIES }: Patience = {}): Promise<Reply> {
    for (let left = tries; left > 0 && this.#ended === null; left -= 1) {
      const body = await this.#once(request, timeoutMs);
      if (body) return replyOf(body);
    }
    if (this.#ended !== null) return { ok: false, why: "line", rsn: this.#ended };
    return { ok: false, why: "silent", rsn: this.#silence() };
  }

  /** The same, for what has to succeed: anything else throws `Failure`. */
  async ask(request: Request, patience?: Patience): Promise<Packet["body"]> {
    const reply = await this.request(request, patience);
    if (reply.ok) return reply.body;
    switch (reply.why) {
      case "refused":
        throw new Failure(EXIT.refused, reply.rsn);
      case "silent":
        throw new Failure(EXIT.silent, reply.rsn);
      case "line":
        throw new Failure(EXIT.lost, `the line was lost (${reply.rsn}): look at the cable, then run this again`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#line[Symbol.asyncDispose]();
  }

  async #once({ group, id, op, body = {} }: Request, timeoutMs: number): Promise<Packet["body"] | null> {
    this.#seq = (this.#seq + 1) % 256;
    const head: Packet = { version: 1, op: OP[op], group, seq: this.#seq, id, body };
    const { promise, resolve } = Promise.withResolvers<Packet["body"] | null>();
    const late = setTimeout(() => resolve(null), timeoutMs);
    this.#pending = { head, resolve };
    void this.#line.write(encodeConsole(encodePacket(head)));
    try {
      return await promise;
    } finally {
      clearTimeout(late);
      this.#pending = null;
    }
  }

  /** Answers to what was given up long ago, or to somebody else, are not ours. */
  #take(bytes: Uint8Array): void {
    const packet = decodePacket(bytes);
    const asked = this.#pending?.head;
    if (!packet?.body || !asked) return;
    const { op, group, seq, id } = packet;
    if (op === asked.op + 1 && group === asked.group && seq === asked.seq && id === asked.id) {
      this.#pending?.resolve(packet.body);
    }
  }

  #silence(): string {
    const { noise, badCrc, broken, packets } = this.#decoder.counts;
    if (badCrc + broken > packets) return "answers arrive damaged: a bad cable, or too fast a line? Try a lower --baud";
    if (noise > 0) return `something talks on this port (${noise} bytes), but not as a unit does: is the --baud right?`;
    return "nothing answers on this port: is the unit switched on, and is this its port? One that starts, or checks a whole bundle that it has just got, may take a minute";
  }
}

function replyOf(body: Packet["body"]): Reply {
  const failed = v.safeParse(Failed, body);
  if (!failed.success) return { ok: true, body };
  const { rc, err, rsn } = failed.output;
  if (rc === 0 && (err === undefined || err.rc === 0)) return { ok: true, body };
  const words = rsn === "" ? `the unit refused it, with number ${err?.rc ?? rc}` : rsn;
  return { ok: false, why: "refused", denied: rc === RC.denied, notSupported: rc === RC.notSupported, rsn: words };
}
