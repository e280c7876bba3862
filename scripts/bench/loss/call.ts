import { type ChildProcess, fork } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { RATE_HZ } from "#audio/frame.ts";
import type { Sending } from "#audio/peer/sdp.ts";
import type { IceServer } from "#audio/protocol.ts";
import { readWav } from "#audio/wav.ts";
import { Impairer } from "../../impairer/impairer.ts";
import type { Conditions } from "../../impairer/path.ts";
import type { LegStart, LegWord, Told } from "./leg-process.ts";
import { type Score, score } from "./score.ts";

const LEG = join(import.meta.dirname, "leg-process.ts");
const PATIENCE_MS = 20_000;

export type CallPlan = Readonly<{
  conditions: Conditions;
  /** Null: as a unit does, which adapts. */
  sending: Sending | null;
  /** As with a unit that knows of no channel. */
  srtpOnly: boolean;
  seed: number;
  seconds: number;
  /** What each end says. */
  wavs: readonly [string, string];
  folder: string;
  relayPort: number;
  iceServers: (name: string) => IceServer[];
}>;
export type Heard = Readonly<{ scores: readonly [Score, Score]; kbitPerS: number }>;

/** A call between two processes through a relay, one of them behind a bad network; both talk all the time. */
export async function callThrough(plan: CallPlan): Promise<Heard> {
  const { conditions, seed, seconds, wavs, folder, relayPort, iceServers } = plan;
  await using impairer = await Impairer.start({ toPort: relayPort, seed });
  const name = (end: string) => `${end}-${seed}`;
  const make = (end: 0 | 1, servers: IceServer[]) =>
    End.start({
      wav: wavs[end],
      seconds,
      heard: join(folder, `${name(String(end))}.wav`),
      iceServers: servers,
      sending: plan.sending,
      srtpOnly: plan.srtpOnly,
    });
  using caller = await make(0, impairer.before(iceServers(name("caller"))));
  using callee = await make(1, iceServers(name("callee")));
  caller.send({ do: "offer" });
  callee.send({ do: "answer", remote: remoteOf(await caller.told("offer")) });
  caller.send({ do: "complete", remote: remoteOf(await callee.told("answer")) });
  await Promise.all([caller.told("connected"), callee.told("connected")]);
  // The call is up first: what is measured is the talk.
  await impairer.impair(conditions);
  const before = await impairer.count();
  for (const end of [caller, callee]) end.send({ do: "talk" });
  await Promise.all([caller, callee].map((end) => end.told("done", (seconds + 20) * 1_000)));
  const after = await impairer.count();
  const said = await Promise.all(wavs.map(async (wav) => lasting(readWav(await readFile(wav)), seconds)));
  const heardBy = async (end: End) => readWav(await readFile(end.heard));
  return {
    scores: [
      score(said[0] ?? new Int16Array(), await heardBy(callee)),
      score(said[1] ?? new Int16Array(), await heardBy(caller)),
    ],
    kbitPerS: ((after.out.bytes - before.out.bytes) * 8) / 1_000 / seconds,
  };
}

function lasting(sound: Int16Array, seconds: number): Int16Array {
  return Int16Array.from({ length: seconds * RATE_HZ }, (_, index) => sound[index % sound.length] ?? 0);
}

function remoteOf(told: Told): { sdp: string; fingerprint: string } {
  if (told.type !== "offer" && told.type !== "answer") throw new TypeError("not a description");
  return { sdp: told.sdp, fingerprint: told.fingerprint };
}

class End implements Disposable {
  readonly heard: string;
  readonly #child: ChildProcess;
  readonly #told: Told[] = [];
  #look: () => void = () => undefined;

  private constructor(start: LegStart) {
    this.heard = start.heard;
    this.#child = fork(LEG, [JSON.stringify(start)]);
    this.#child.on("message", (told: Told) => {
      this.#told.push(told);
      this.#look();
    });
    this.#child.on("exit", () => this.#look());
  }

  static async start(start: LegStart): Promise<End> {
    const end = new End(start);
    await end.told("done");
    return end;
  }

  send(word: LegWord): void {
    this.#child.send(word);
  }

  async told(type: Told["type"], patienceMs = PATIENCE_MS): Promise<Told> {
    const { promise, resolve, reject } = Promise.withResolvers<Told>();
    const late = setTimeout(() => reject(new Error(`no ${type}, only ${JSON.stringify(this.#told)}`)), patienceMs);
    this.#look = () => {
      const at = this.#told.findIndex((told) => told.type === type);
      const [found] = at < 0 ? [] : this.#told.splice(at, 1);
      const failed = this.#told.find((told) => told.type === "failed");
      if (found) resolve(found);
      else if (failed || this.#child.exitCode !== null) reject(new Error(`a leg failed: ${JSON.stringify(failed)}`));
    };
    this.#look();
    return promise.finally(() => clearTimeout(late));
  }

  [Symbol.dispose](): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}
