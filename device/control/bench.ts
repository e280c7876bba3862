import type { Command, Report } from "#audio/protocol.ts";
import type { Clock } from "#base/clock.ts";
import type { BoardRig } from "#hal/rig.ts";
import type { BenchHandlers, Reply, TimelineLine } from "./requests.ts";

type RoomCommand = Extract<Command, { type: `room-${string}` }>;
type RoomAsk = RoomCommand extends infer Each ? (Each extends { id: number } ? Omit<Each, "id"> : never) : never;

export type BenchOptions = Readonly<{
  rig: BoardRig;
  clock: Clock;
  send(command: Command): void;
}>;

/** The longest sound that a rig may play. */
const PATIENCE_MS = 120_000;

/** A rig's hands, eyes, voice and ears on a simulated unit. All it does goes in by the room or the board. */
export class Bench {
  readonly handlers: BenchHandlers;
  readonly #options: BenchOptions;
  readonly #pending = new Map<number, (error: string | null) => void>();
  readonly #watchers = new Set<(line: TimelineLine) => void>();
  #asked = 0;

  constructor(options: BenchOptions) {
    this.#options = options;
    const { rig } = options;
    const did = (act: () => void) => {
      act();
      return { ok: true, answer: {} } as const;
    };
    this.handlers = {
      play: ({ file, gainDb }) => this.#ask({ type: "room-play", path: file, gainDb }),
      record: ({ folder }) => this.#ask({ type: "room-record", folder }),
      "cut-uplink": ({ cut }) => this.#ask({ type: "room-cut-uplink", cut }),
      press: () => did(() => rig.press()),
      hold: () => did(() => rig.hold()),
      release: () => did(() => rig.release()),
      mute: ({ engaged }) => did(() => rig.setMute(engaged)),
      lights: () => ({ ok: true, answer: { changes: [...rig.sceneChanges()] } }),
      events: (send) => {
        this.#watchers.add(send);
        return () => this.#watchers.delete(send);
      },
    };
  }

  tell(line: TimelineLine): void {
    for (const watcher of this.#watchers) watcher(line);
  }

  /** What the audio process reports: some of it answers the rig, all of it is for the rig to see. */
  hear(report: Report): void {
    if (report.type === "room-done") {
      this.#pending.get(report.id)?.(report.error);
      this.#pending.delete(report.id);
      return;
    }
    const { type, ...said } = report;
    const detail: NonNullable<TimelineLine["detail"]> = {};
    for (const [name, value] of Object.entries(said) as [string, unknown][]) {
      if (name !== "sdp" && isPlain(value)) detail[name] = value;
    }
    this.tell({ at: this.#options.clock.nowMs(), event: `ears-${type}`, detail });
  }

  /** The audio process is gone, and with it the room. */
  earsDied(): void {
    for (const settle of this.#pending.values()) settle("the audio process died");
    this.#pending.clear();
  }

  #ask(ask: RoomAsk): Promise<Reply<"play">> {
    const id = ++this.#asked;
    return new Promise((resolve) => {
      const settle = (error: string | null) => {
        cancel();
        resolve(error === null ? { ok: true, answer: {} } : { ok: false, error: { code: "room", message: error } });
      };
      const cancel = this.#options.clock.after(PATIENCE_MS, () => {
        this.#pending.delete(id);
        settle("the room did not answer in time");
      });
      this.#pending.set(id, settle);
      this.#options.send({ ...ask, id });
    });
  }
}

function isPlain(value: unknown): value is string | number | boolean | null {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}
