import type { Clock } from "#base/clock.ts";
import { AudioError } from "../audio-error.ts";
import { besides, type Card, type Choice, choose, convertingName, readCards } from "./cards.ts";
import { MOST_CHANNELS, Pcm } from "./pcm.ts";

export type Told = Readonly<{
  clock: Clock;
  capture?: string | undefined;
  playback?: string | undefined;
  channel?: number | undefined;
  channels?: number | undefined;
}>;
export type Chosen = Choice & Readonly<{ channel: number | null; channels: number | null }>;

/** What was told, and for the rest what `choose` says of the cards that are there now. */
export async function chooseDevices(told: Told): Promise<Chosen> {
  const choice = await chooseNames(told);
  const { channel = null, channels = null } = told;
  if (channel === null || channels !== null) return { ...choice, channel, channels };
  return { ...choice, channel, channels: await countChannels(told.clock, choice.capture, channel) };
}

async function chooseNames({ clock, capture, playback }: Told): Promise<Choice> {
  const why = "as the config says";
  if (capture !== undefined && playback !== undefined)
    return { capture: convertingName(capture), playback: convertingName(playback), why };
  const cards = await readCards();
  if (capture !== undefined) {
    const name = besides(cards, capture, "playback") ?? (await pick(clock, cards)).playback;
    return { capture: convertingName(capture), playback: name, why: `${why}, and a loudspeaker beside it` };
  }
  if (playback !== undefined) {
    const name = besides(cards, playback, "capture") ?? (await pick(clock, cards)).capture;
    return { capture: name, playback: convertingName(playback), why: `${why}, and a microphone beside it` };
  }
  return pick(clock, cards);
}

async function pick(clock: Clock, cards: readonly Card[]): Promise<Choice> {
  const choice = choose(cards, await isServed(clock));
  if (choice !== null) return choice;
  throw new AudioError(
    "device-missing",
    'there is no sound card with a microphone and a loudspeaker: plug one in; for a unit without one, say "audio": {"io": {"type": "room"}} in its config',
    { cards: cards.map(({ id }) => id) },
  );
}

async function isServed(clock: Clock): Promise<boolean> {
  try {
    return (await Pcm.probe({ clock, name: "default", direction: "capture" })).served;
  } catch (cause) {
    if (cause instanceof AudioError && cause.code !== "engine-missing") return false;
    throw cause;
  }
}

/** All channels of an array come together; the device itself, without conversion, says how many those are. */
async function countChannels(clock: Clock, capture: string, channel: number): Promise<number> {
  const { mostChannels } = await Pcm.probe({ clock, name: capture.replace(/^plughw:/, "hw:"), direction: "capture" });
  return mostChannels <= MOST_CHANNELS ? Math.max(mostChannels, channel + 1) : channel + 1;
}
