import * as v from "valibot";
import { type Ask, readReplyLine } from "#device/control/client.ts";
import type { Reply } from "#device/control/requests.ts";
import { AnswerPart, BENCH_COMMAND, type Hands, SceneChanges } from "#device/smp/group-bench.ts";
import { GROUP, type Packet } from "#device/smp/packet.ts";
import type { Provision, Status } from "#device/smp/unit-messages.ts";
import type { Patience } from "#install/client.ts";
import { reopenUnit, type UnitOnLine } from "#install/unit.ts";

/** A request of the owner's may take the unit a while; asked again under its token, it is not done again. */
const CONTROL: Patience = { timeoutMs: 10_000, tries: 3 };
const TOKENS = 2 ** 32;

/** The rig's end of a real unit's serial line. One request at a time; those that come meanwhile wait. */
export class BoardLine implements AsyncDisposable {
  readonly #unit: UnitOnLine;
  #turn: Promise<unknown> = Promise.resolve();
  #token = Math.floor(Math.random() * TOKENS);

  private constructor(unit: UnitOnLine) {
    this.#unit = unit;
  }

  /** Once a unit answers there; throws where none does in time. */
  static async open(port: string, baudRate: number, withinMs: number): Promise<BoardLine> {
    return new BoardLine(await reopenUnit(port, baudRate, withinMs));
  }

  status(): Promise<Status> {
    return this.#inTurn(() => this.#unit.status());
  }

  async provision(settings: Provision): Promise<void> {
    await this.#inTurn(() => this.#unit.provision(settings));
  }

  /** The unit forgets whose it was, and starts again. */
  async reset(): Promise<void> {
    const reply = await this.#inTurn(() => this.#unit.reset());
    if (!reply.ok) throw new Error(`the unit refuses to begin anew: ${reply.rsn}`);
  }

  async hands(hands: Hands): Promise<void> {
    await this.#bench("hands", "write", hands);
  }

  /** What the lights showed since the unit's start, and what its clock shows now. */
  async lights(): Promise<SceneChanges> {
    const newest = v.parse(SceneChanges, await this.#bench("lights", "read", {}));
    const all = [...newest.changes];
    while (all.length < newest.total) {
      const page = v.parse(SceneChanges, await this.#bench("lights", "read", { skip: all.length }));
      if (page.changes.length === 0) break;
      all.unshift(...page.changes);
    }
    return { ...newest, changes: all };
  }

  /** By the unit's control socket; a refusal throws. */
  async ask<A extends Ask>(ask: A): Promise<Extract<Reply<A["do"]>, { ok: true }>["answer"]> {
    this.#token = (this.#token + 1) % TOKENS;
    const text = JSON.stringify({ ...ask, id: 0 });
    const first = v.parse(AnswerPart, await this.#bench("ask", "write", { token: this.#token, text }, CONTROL));
    const parts = [first.part];
    for (let from = first.part.length; from < first.bytes; ) {
      const { part } = v.parse(AnswerPart, await this.#bench("answer", "read", { from }));
      if (part.length === 0) throw new Error("the unit's answer ended too early");
      parts.push(part);
      from += part.length;
    }
    const reply = readReplyLine(ask.do, Buffer.concat(parts).toString());
    if (!reply.ok) throw new Error(`the unit: ${ask.do}: ${reply.error.message}`);
    return reply.answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#unit[Symbol.asyncDispose]();
  }

  #bench(
    what: keyof typeof BENCH_COMMAND,
    op: "read" | "write",
    body: Packet["body"],
    patience?: Patience,
  ): Promise<Packet["body"]> {
    const request = { group: GROUP.bench, id: BENCH_COMMAND[what], op, body };
    return this.#inTurn(() => this.#unit.client.ask(request, patience));
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(run, run);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}
