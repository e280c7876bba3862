import * as v from "valibot";
import type { Log } from "#base/log.ts";
import { ConsoleDecoder, encodeConsole, MAX_PACKET_BYTES } from "./console.ts";
import { decodePacket, encodePacket, OP, type Packet, RC } from "./packet.ts";
import type { Need, Rights, Verdict } from "./rights.ts";

/**
 * `err`: an error of the group's own, by its number; SMP 1, which knows none, is told `rc`. `rsn` is for people.
 * `after` runs when the answer is on the line.
 */
export type Answer =
  | Readonly<{ ok: true; body: Packet["body"]; after?: () => void }>
  | Readonly<{ ok: false; rc: number; err?: number; rsn: string }>;

/** One thing that a client may ask. `run` gets a map of anything and judges it itself. */
export type Command = Readonly<{
  group: number;
  id: number;
  op: "read" | "write";
  need: Need;
  run: (body: Packet["body"]) => Answer | Promise<Answer>;
}>;

export type ServerOptions = Readonly<{
  commands: readonly Command[];
  rights: Rights;
  log: Log;
  /** Puts bytes on the line; resolves when they are on it, or when it is gone. */
  send: (bytes: Uint8Array) => Promise<void>;
}>;

/** Requests that wait while one is worked on; more are dropped, and their sender asks again. */
const MAX_WAITING = 4;

const DENIED: Readonly<Record<Exclude<Verdict, "yes">, string>> = {
  "hold-the-button": "the unit was handed over: hold its button for 10 seconds, then ask again within 10 more",
  "handed-over": "the unit was handed over: only a factory reset gives this right back",
};

/** Answers SMP on one serial line. One request at a time; whatever else arrives on the line changes nothing. */
export class SmpServer {
  readonly #options: ServerOptions;
  readonly #commands: ReadonlyMap<string, Command>;
  readonly #decoder = new ConsoleDecoder((packet) => this.#take(packet));
  readonly #waiting: NonNullable<ReturnType<typeof decodePacket>>[] = [];
  #working = false;
  #dropped = 0;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#commands = new Map(options.commands.map((each) => [keyOf(each.group, each.id, each.op), each]));
  }

  receive(bytes: Uint8Array): void {
    this.#decoder.push(bytes);
  }

  get counts(): Readonly<Record<string, number>> {
    return { ...this.#decoder.counts, dropped: this.#dropped };
  }

  #take(bytes: Uint8Array): void {
    const packet = decodePacket(bytes);
    // An answer is never answered: two servers on one line, or an echo of our own words, would talk for ever.
    if (!packet || (packet.op !== OP.read && packet.op !== OP.write)) return;
    if (this.#waiting.length >= MAX_WAITING) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(packet);
    if (!this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    for (let packet = this.#waiting.shift(); packet; packet = this.#waiting.shift()) {
      const answer = await this.#answer(packet);
      const head = { ...packet, version: Math.min(packet.version, 1), op: packet.op + 1 };
      const whole = encodePacket({ ...head, body: bodyOf(answer, packet) });
      const tooLong = { ...head, body: { rc: RC.tooLong } };
      await this.#options.send(encodeConsole(whole.length > MAX_PACKET_BYTES ? encodePacket(tooLong) : whole));
      if (answer.ok) answer.after?.();
    }
    this.#working = false;
  }

  async #answer({ version, op, group, id, body }: NonNullable<ReturnType<typeof decodePacket>>): Promise<Answer> {
    if (version > 1) return refuse(RC.tooNew, "this unit speaks versions 1 and 2 of SMP");
    const command = this.#commands.get(keyOf(group, id, op === OP.read ? "read" : "write"));
    if (!command) return refuse(RC.notSupported, "this unit has no such command");
    if (!body) return refuse(RC.invalid, "the request holds no CBOR map");
    const verdict = this.#options.rights.may(command.need);
    if (verdict !== "yes") return refuse(RC.denied, DENIED[verdict]);
    try {
      return await command.run(body);
    } catch (error) {
      const name = error instanceof Error ? error.name : "unknown";
      this.#options.log.error({ group, id, error: name }, "a command on the serial line failed");
      return refuse(RC.unknown, "the unit failed to do this; its log says more");
    }
  }
}

export function refuse(rc: number, rsn: string): Answer {
  return { ok: false, rc, rsn };
}

function bodyOf(answer: Answer, { version, group }: { version: number; group: number }): Packet["body"] {
  if (answer.ok) return answer.body;
  const rsn = answer.rsn.slice(0, 200);
  if (version === 0 || answer.err === undefined) return { rc: answer.rc, rsn };
  return { err: { group, rc: answer.err }, rsn };
}

function keyOf(group: number, id: number, op: string): string {
  return `${group}/${id}/${op}`;
}

/** Judges a request's body; every fault of it is named. */
export function withBody<T>(
  schema: v.GenericSchema<unknown, T>,
  body: Packet["body"],
  run: (read: T) => Answer | Promise<Answer>,
): Answer | Promise<Answer> {
  const read = v.safeParse(schema, body);
  if (read.success) return run(read.output);
  const faults = read.issues.map((issue) => `${v.getDotPath(issue) ?? "the request"}: ${issue.message}`);
  return refuse(RC.invalid, faults.join("; "));
}
