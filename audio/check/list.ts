import type { Clock } from "#base/clock.ts";
import { AudioError } from "../audio-error.ts";
import { type Card, deviceName, readCards } from "../io/cards.ts";
import { type Chosen, chooseDevices } from "../io/choose.ts";
import { MOST_CHANNELS, Pcm } from "../io/pcm.ts";

type Device = Readonly<{
  direction: "capture" | "playback";
  name: string;
  /** Null where it could not be opened, and why. */
  channels: readonly [least: number, most: number] | null;
  ratesHz: readonly number[];
  problem: string | null;
}>;
type Listed = Readonly<{
  cards: readonly (Pick<Card, "index" | "id" | "name" | "usb"> & { devices: readonly Device[] })[];
  chosen: Chosen | null;
  /** Why nothing was chosen. */
  problem: string | null;
}>;

/** Every sound card with what it can do, and which one Porter would take. */
export async function listSound(clock: Clock): Promise<Listed> {
  const cards = [];
  for (const card of await readCards()) {
    const devices: Device[] = [];
    for (const direction of ["capture", "playback"] as const)
      for (const device of card[direction]) devices.push(await look(clock, deviceName(card, device), direction));
    cards.push({ index: card.index, id: card.id, name: card.name, usb: card.usb, devices });
  }
  try {
    return { cards, chosen: await chooseDevices({ clock }), problem: null };
  } catch (cause) {
    if (cause instanceof AudioError) return { cards, chosen: null, problem: cause.message };
    throw cause;
  }
}

async function look(clock: Clock, name: string, direction: Device["direction"]): Promise<Device> {
  try {
    // The device itself, not what ALSA would make of it.
    const { leastChannels, mostChannels, ratesHz } = await Pcm.probe({
      clock,
      name: name.replace(/^plughw:/, "hw:"),
      direction,
    });
    return { direction, name, channels: [leastChannels, mostChannels], ratesHz, problem: null };
  } catch (cause) {
    if (!(cause instanceof AudioError)) throw cause;
    return { direction, name, channels: null, ratesHz: [], problem: cause.message };
  }
}

export function showList({ cards, chosen, problem }: Listed): string {
  const lines = cards.flatMap((card) => [
    `card ${card.index}: ${card.name} (${card.id}${card.usb ? ", USB" : ""})`,
    ...card.devices.map((device) => `  ${showDevice(device)}`),
  ]);
  if (lines.length === 0) lines.push("The kernel knows no sound card.");
  lines.push("");
  if (chosen === null) lines.push(`Porter would take none: ${problem}`);
  else
    lines.push(
      `Porter would take (${chosen.why}):`,
      `  microphone  ${chosen.capture}`,
      `  loudspeaker ${chosen.playback}`,
      'To have it take others: "audio": {"io": {"type": "alsa", "capture": "NAME", "playback": "NAME"}} in the unit\'s config.',
      '"arecord -L" and "aplay -L" list further names; "channel" says which microphone of an array is listened to, from 0.',
    );
  return lines.join("\n");
}

function showDevice({ direction, name, channels, ratesHz, problem }: Device): string {
  const what = direction === "capture" ? "microphone " : "loudspeaker";
  if (channels === null) return `${what} ${name}: ${problem}`;
  const [least, most] = channels;
  const many = most > MOST_CHANNELS ? "any number of channels" : showCount(least, most);
  const rates = ratesHz.length === 0 ? "no rate that Porter can use" : `${ratesHz.join(", ")} Hz`;
  return `${what} ${name}: ${many}; ${rates}`;
}

function showCount(least: number, most: number): string {
  if (least !== most) return `${least} to ${most} channels`;
  return most === 1 ? "1 channel" : `${most} channels`;
}
