import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SCENES } from "#hal/hal.ts";
import { ledsOf } from "../agent/gpio-sim.ts";
import type { AgentConfig } from "../agent/requests.ts";
import { RIG_ADDRESS } from "../guest/machine.ts";
import type { TargetOptions } from "./target.ts";

const BUTTON = 3;
const MUTE = 4;
const LEDS = ["bit0", "bit1", "bit2", "bit3"] as const;
const FIRST_LED = 8;
/** A guest has no other. */
const CHIP = "gpiochip0";
/** snd-aloop: what one device plays, the other one records. */
const UNIT_SOUND = { type: "alsa", capture: "hw:Loopback,0,0", playback: "hw:Loopback,0,1" };
/**
 * Two things that an emulated processor has no time for beside the sound: taking out an echo, and the wake word, of which
 * one step (80 ms of sound) takes it 0.4 s.
 */
const SPARED = { echoCanceller: "none", wakeWord: false };
const ROOM_SOUND = { play: "plughw:Loopback,1,0", record: "plughw:Loopback,1,1" };

/** An emulated machine on a busy host loads its audio process in a minute or two, and may stand still for seconds. */
const PATIENCE = 20;

export type GuestFiles = Readonly<{
  options: TargetOptions;
  shared: string;
  wired: boolean;
  port: string;
  recording: string;
}>;

/** What the unit and the agent in a guest are told, in the folder that they share with the rig. */
export async function writeGuestFiles({ options, shared, wired, port, recording }: GuestFiles): Promise<void> {
  const { name, hubName, wires, invitation } = options;
  const write = (file: string, value: unknown) => writeFile(join(shared, file), JSON.stringify(value));
  const at = (number: number) => `127.0.0.1:${number}`;
  if (wired) await write("board.json", boardFile());
  await write("unit.json", {
    name,
    data: "/data/unit",
    hub: { name: hubName, mqttUrl: `mqtt://${at(wires.mqtt)}`, httpUrl: `http://${at(wires.http)}` },
    invitation,
    ...(wired && { board: "linux", boardFile: "board.json" }),
    patience: PATIENCE,
    audio: { io: wired ? UNIT_SOUND : { type: "room" }, ...SPARED },
  });
  const lines = {
    folder: `/sys/devices/platform/gpio-sim.0/${CHIP}`,
    button: BUTTON,
    mute: MUTE,
    leds: LEDS.map((_, bit) => FIRST_LED + bit),
  };
  await write("agent.json", {
    port,
    unit: "/share/unit.json",
    data: "/data/unit",
    shared: "/share",
    wires: wired ? { lines, sound: ROOM_SOUND } : null,
    recording,
    forward: { host: RIG_ADDRESS, tcp: [wires.mqtt, wires.http], udp: [wires.turn] },
  } satisfies AgentConfig);
}

function boardFile(): unknown {
  const line = (offset: number) => ({ chip: CHIP, offset });
  return {
    gpio: "gpiod",
    button: { line: line(BUTTON), activeLow: true },
    mute: { line: line(MUTE) },
    lights: {
      type: "lines",
      leds: Object.fromEntries(LEDS.map((led, bit) => [led, { line: line(FIRST_LED + bit) }])),
      scenes: Object.fromEntries(SCENES.slice(1).map((scene) => [scene, ledsOf(scene, LEDS)])),
    },
  };
}
