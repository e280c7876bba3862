import * as v from "valibot";
import { describeIssue, readJsonFile } from "#base/json-file.ts";
import { SCENES, type Scene } from "./hal.ts";

/** `board.json`: what is wired to what. Each kind of board has a schema of its own; every fault is named. */

const Name = v.pipe(v.string(), v.regex(/^[\w.:-]{1,64}$/, "must be a name: letters, digits, . _ : -"));
const Offset = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(4_095));

/** A line on the character device (`gpioinfo` lists chips, offsets and names), or by its number in sysfs. */
const Line = v.union(
  [
    v.strictObject({ chip: Name, offset: Offset }),
    v.strictObject({ name: v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,31}$/)) }),
    v.strictObject({ gpio: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)) }),
  ],
  'must be {"chip": "gpiochip0", "offset": 3}, {"name": "BUTTON"}, or for onoff {"gpio": 529}',
);
export type Line = v.InferOutput<typeof Line>;

/** Whatever changes back within it did not change. */
const DebounceMs = v.pipe(v.number(), v.minValue(1), v.maxValue(200));

const Input = v.strictObject({
  line: Line,
  /** True: pressed, or muted, where the line is low. */
  activeLow: v.optional(v.boolean(), false),
  debounceMs: v.optional(DebounceMs, 20),
});
const Lamp = v.strictObject({ line: Line, activeLow: v.optional(v.boolean(), false) });

/** Which LEDs are lit in each scene; in `off` none is. */
const Scenes = v.strictObject({
  listening: v.array(Name),
  calling: v.array(Name),
  ringing: v.array(Name),
  talking: v.array(Name),
  missed: v.array(Name),
  message: v.array(Name),
  "calling-off": v.array(Name),
  muted: v.array(Name),
  fault: v.array(Name),
});

/** Nobody may be heard in the dark, and what is wrong must show. */
const MUST_LIGHT = ["listening", "talking", "fault"] as const satisfies readonly Scene[];

/** LEDs on GPIO lines, or such as the kernel knows (each by its name below /sys/class/leds). */
const Lights = v.pipe(
  v.variant("type", [
    v.strictObject({ type: v.literal("lines"), leds: v.record(Name, Lamp), scenes: Scenes }),
    v.strictObject({ type: v.literal("kernel"), leds: v.record(Name, Name), scenes: Scenes }),
  ]),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { leds, scenes } = dataset.value;
    for (const scene of SCENES) {
      if (scene === "off") continue;
      const unknown = scenes[scene].filter((led) => !Object.hasOwn(leds, led));
      if (unknown.length > 0) addIssue({ message: `scenes.${scene}: there is no LED called ${unknown.join(", ")}` });
    }
    for (const scene of MUST_LIGHT)
      if (scenes[scene].length === 0) addIssue({ message: `scenes.${scene}: must light at least one LED` });
  }),
);
export type LightsFile = v.InferOutput<typeof Lights>;

const Pcm = v.pipe(v.string(), v.nonEmpty("must not be empty"), v.maxLength(256));
/** Taken where the unit's config names no card itself; as in its `audio.io`. */
const Sound = v.strictObject({
  capture: v.optional(Pcm),
  playback: v.optional(Pcm),
  channel: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(31))),
  channels: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(32))),
});

const BAUD_RATES = [9_600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600, 1_000_000] as const;
const SerialPort = v.strictObject({
  path: v.pipe(v.string(), v.regex(/^\/dev\/[\w./:-]{1,200}$/, "must be a device such as /dev/ttyS0")),
  baudRate: v.optional(v.picklist(BAUD_RATES), 115_200),
});
export type SerialPort = v.InferOutput<typeof SerialPort>;

const everyBoard = {
  sound: v.optional(Sound),
  /** Where an installer's cable ends. */
  serial: v.optional(v.strictObject({ console: v.optional(SerialPort) }), {}),
};

const LinuxBoard = v.pipe(
  v.strictObject({
    type: v.optional(v.literal("linux"), "linux"),
    /** Unless told: onoff where every line is a number of sysfs, else gpiod. */
    gpio: v.optional(v.picklist(["gpiod", "onoff"])),
    button: Input,
    mute: Input,
    lights: Lights,
    /** For test rigs (hal/linux/jumper.ts): unless the jumper is set, nobody presses this unit's button by wire. */
    bench: v.optional(v.strictObject({ jumper: Input, light: Lamp })),
    ...everyBoard,
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    for (const message of lineFaults(dataset.value)) addIssue({ message });
  }),
);
export type LinuxBoard = v.InferOutput<typeof LinuxBoard>;

const McuBoard = v.strictObject({ type: v.optional(v.literal("mcu"), "mcu"), mcu: SerialPort, ...everyBoard });
export type McuBoard = v.InferOutput<typeof McuBoard>;

/** What is wired to what, by the kind of board. */
export type Board = Readonly<{ type: "sim" }> | LinuxBoard | McuBoard;
export type BoardResult = Readonly<
  { ok: true; board: LinuxBoard | McuBoard } | { ok: false; faults: readonly string[] }
>;

/** Judges a board file's value; on refusal every fault is named by the path of its key. */
export function parseBoard(type: "linux" | "mcu", value: unknown): BoardResult {
  const parsed = v.safeParse(type === "linux" ? LinuxBoard : McuBoard, value);
  return parsed.success ? { ok: true, board: parsed.output } : { ok: false, faults: parsed.issues.map(describeIssue) };
}

/** Reads `board.json`. */
export function readBoard(type: "linux" | "mcu", path: string): BoardResult {
  const read = readJsonFile(path);
  return read.ok ? parseBoard(type, read.value) : { ok: false, faults: [read.fault] };
}

type Wiring = Pick<LinuxBoard, "gpio" | "button" | "mute" | "lights" | "bench">;

/** Every line that a Linux board uses, by what it is for. */
export function linesOf({ button, mute, lights, bench }: Wiring): [string, Line][] {
  const leds = lights.type === "lines" ? Object.entries(lights.leds) : [];
  return [
    ["button", button.line],
    ["mute", mute.line],
    ...leds.map(([name, { line }]): [string, Line] => [`lights.leds.${name}`, line]),
    ...(bench ? lineOfBench(bench) : []),
  ];
}

function lineOfBench({ jumper, light }: NonNullable<LinuxBoard["bench"]>): [string, Line][] {
  return [
    ["bench.jumper", jumper.line],
    ["bench.light", light.line],
  ];
}

/** Which of the two ways to GPIO a board takes. */
export function gpioOf(board: Wiring): "gpiod" | "onoff" {
  return board.gpio ?? (linesOf(board).every(([, line]) => "gpio" in line) ? "onoff" : "gpiod");
}

function lineFaults(board: Wiring): string[] {
  const faults: string[] = [];
  const gpio = gpioOf(board);
  const users = new Map<string, string>();
  for (const [user, line] of linesOf(board)) {
    if (gpio === "onoff" && !("gpio" in line)) faults.push(`${user}.line: onoff knows lines by {"gpio": number} only`);
    if (gpio === "gpiod" && "gpio" in line) faults.push(`${user}.line: gpiod knows lines by chip and offset, or name`);
    const key = JSON.stringify(line);
    const other = users.get(key);
    if (other === undefined) users.set(key, user);
    else faults.push(`${user}.line: is the line of ${other} already`);
  }
  return faults;
}
