import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { TeachReply, type TeachTask } from "#audio/protocol-teach.ts";
import { EXIT, Failure } from "./cli-unit.ts";

const MAIN = fileURLToPath(new URL("../../audio/teach/main.ts", import.meta.url));

type Learned = Extract<TeachReply, { type: "taught" | "refused" }>;

/** The process that learns a word, as the command holds it. */
export class TeachProcess implements Disposable {
  readonly #child: ChildProcess;
  #hear: (reply: TeachReply) => void = () => undefined;
  #fail: (error: Failure) => void = () => undefined;

  constructor() {
    this.#child = fork(MAIN, [], { stdio: ["ignore", "ignore", "inherit", "ipc"], serialization: "json" });
    this.#child.on("message", (message) => {
      const parsed = v.safeParse(TeachReply, message);
      if (parsed.success) this.#hear(parsed.output);
      else this.#fail(new Failure(EXIT.refused, "what learns was not understood"));
    });
    this.#child.on("error", (error) => this.#fail(ended(error.message)));
    this.#child.on("exit", (code, signal) => this.#fail(ended(signal ?? `code ${code}`)));
  }

  /** Why this recording is of no use; null where it is. */
  async judge(task: Extract<TeachTask, { do: "hear" | "hear-file" }>): Promise<string | null> {
    const reply = await this.#ask(task, (each) => (each.type === "judged" ? each : null));
    return reply.fault;
  }

  learn(word: string, onProgress: (share: number) => void): Promise<Learned> {
    return this.#ask({ do: "learn", word }, (reply) => {
      if (reply.type === "progress") onProgress(reply.share);
      return reply.type === "taught" || reply.type === "refused" ? reply : null;
    });
  }

  [Symbol.dispose](): void {
    this.#child.kill("SIGKILL");
  }

  #ask<Answer>(task: TeachTask, answerOf: (reply: TeachReply) => Answer | null): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      this.#hear = (reply) => {
        const answer = answerOf(reply);
        if (answer !== null) resolve(answer);
        else if (reply.type === "refused") reject(new Failure(EXIT.refused, reply.why.join("\n")));
      };
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) reject(ended("before"));
      else this.#child.send(task);
    });
  }
}

function ended(how: string): Failure {
  return new Failure(EXIT.refused, `what learns has ended (${how}); nothing was changed`);
}
