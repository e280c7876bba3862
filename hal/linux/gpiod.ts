import type { Clock } from "#base/clock.ts";
import type { Line } from "../board-file.ts";
import { HalError } from "../hal-error.ts";
import type { GpioLines, GpioOptions } from "./gpio-lines.ts";
import { ask, checkTools, HeldTool, refusal, setprivOf, type Tools } from "./gpiod-tools.ts";
import { GpiodWatch } from "./gpiod-watch.ts";

/** Where a line is on the character device. */
type Place = Readonly<{ chip: string; offset: number }>;

/** A gpioset that refuses its lines says so within this time. */
const REFUSES_WITHIN_MS = 50;

/** GPIO on the character device, by the tools of gpiod 1.6. `path` is where those are looked for. */
export async function openGpiod(options: GpioOptions & { path?: string }): Promise<GpioLines> {
  const tools: Tools = { path: options.path ?? process.env.PATH ?? "" };
  await checkTools(tools);
  const setpriv = await setprivOf(tools);
  const { clock, onLevel, onFault, onDropped } = options;
  const inputs = await Promise.all(options.inputs.map((line) => placeOf(tools, line)));
  const outputs = await Promise.all(options.outputs.map((line) => placeOf(tools, line)));
  await using opening = new AsyncDisposableStack();
  const faults = new Map<string, HalError>();
  const watches = byChip(inputs).map(([chip, places]) =>
    opening.use(
      new GpiodWatch({
        clock,
        tools,
        setpriv,
        chip,
        offsets: places.map(({ place }) => place.offset),
        onLevel: (offset, high, atMs) => {
          for (const { place, index } of places) if (place.offset === offset) onLevel(index, high, atMs);
        },
        onFault: (fault) => {
          if (fault === null) faults.delete(chip);
          else faults.set(chip, fault);
          const [oldest] = faults.values();
          onFault(oldest ?? null);
        },
      }),
    ),
  );
  const lamps = byChip(outputs).map(([chip, places]) => {
    const set = opening.use(new GpiodSet({ clock, tools, setpriv, chip, onDropped }));
    return { set, places };
  });
  await Promise.all(watches.map(({ settled }) => settled));
  const all = opening.move();
  return {
    drive: async (levels) => {
      await Promise.all(
        lamps.map(({ set, places }) =>
          set.hold(places.map(({ place, index }) => `${place.offset}=${levels[index] === true ? 1 : 0}`)),
        ),
      );
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

type SetOptions = Readonly<{ clock: Clock; tools: Tools; setpriv: string; chip: string; onDropped: () => void }>;

/** Holds the outputs of one chip: a gpioset runs for as long as a setting stands. */
class GpiodSet implements AsyncDisposable {
  readonly #options: SetOptions;
  #held: HeldTool | null = null;

  constructor(options: SetOptions) {
    this.#options = options;
  }

  /** One call at a time. Rejects where the lines refuse. */
  async hold(settings: readonly string[]): Promise<void> {
    const { clock, tools, setpriv, chip, onDropped } = this.#options;
    await this[Symbol.asyncDispose]();
    const args = ["-m", "signal", chip, ...settings];
    const tool = new HeldTool({ setpriv, tools, tool: "gpioset", args, onLine: () => undefined });
    this.#held = tool;
    const holds = Promise.withResolvers<string | null>();
    const cancel = clock.after(REFUSES_WITHIN_MS, () => holds.resolve(null));
    void tool.ended.then(holds.resolve);
    const why = await holds.promise;
    cancel();
    if (why !== null) throw refusal(`${chip} cannot be driven`, why);
    void tool.ended.then(() => {
      if (this.#held === tool) onDropped();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const held = this.#held;
    this.#held = null;
    await held?.stop();
  }
}

type Placed = Readonly<{ place: Place; index: number }>;

function byChip(places: readonly Place[]): [string, Placed[]][] {
  const chips = new Map<string, Placed[]>();
  for (const [index, place] of places.entries()) {
    const list = chips.get(place.chip) ?? [];
    chips.set(place.chip, [...list, { place, index }]);
  }
  return [...chips];
}

async function placeOf(tools: Tools, line: Line): Promise<Place> {
  if ("chip" in line) return line;
  if ("gpio" in line)
    throw new HalError("board-failed", `gpiod knows no line by a number of sysfs (${line.gpio}): name chip and offset`);
  const answer = await ask(tools, "gpiofind", [line.name]);
  const [, chip, offset] = (answer.ok && /^(\S{1,64}) (\d{1,4})$/.exec(answer.text)) || [];
  if (chip === undefined || offset === undefined)
    throw new HalError("board-failed", `no GPIO line is called "${line.name}"; gpioinfo lists those that there are`);
  return { chip, offset: Number(offset) };
}
