import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A sound card as the kernel tells of it. */
export type Card = Readonly<{
  index: number;
  /** The short name, which stays the same where the index may not: "PCH", "Device". */
  id: string;
  name: string;
  usb: boolean;
  /** Numbers of its devices that record, and of those that play. */
  capture: readonly number[];
  playback: readonly number[];
}>;

/** What Porter would take, and why. PCMs as ALSA names them. */
export type Choice = Readonly<{ capture: string; playback: string; why: string }>;

const CARDS = "/proc/asound";
/** ` 0 [PCH            ]: HDA-Intel - HDA Intel PCH` (sound/core/init.c of Linux). */
const CARD_LINE = /^ *(\d+) \[([^\]]+)\]: (.*)$/gm;
/** `pcm0c`: device 0, capture. */
const DEVICE = /^pcm(\d+)([cp])$/;

/** The cards that the kernel knows; none where it has no sound at all. Needs no right to open any of them. */
export async function readCards(folder: string = CARDS): Promise<Card[]> {
  const text = await readFile(join(folder, "cards"), "utf8").catch(() => "");
  return Promise.all([...text.matchAll(CARD_LINE)].map((line) => readCard(folder, line)));
}

async function readCard(folder: string, [, index = "", id = "", name = ""]: RegExpExecArray): Promise<Card> {
  const entries = await readdir(join(folder, `card${index}`)).catch((): string[] => []);
  const devices = entries.toSorted().flatMap((entry) => {
    const match = DEVICE.exec(entry);
    return match ? [{ device: Number(match[1]), records: match[2] === "c" }] : [];
  });
  return {
    index: Number(index),
    id: id.trim(),
    name: name.replace(/^\S+ - /, ""),
    usb: entries.includes("usbid"),
    capture: devices.filter(({ records }) => records).map(({ device }) => device),
    playback: devices.filter(({ records }) => !records).map(({ device }) => device),
  };
}

/** ALSA's name of a device, by the card's id. `plughw` converts format and channels, which cards differ in. */
export function deviceName({ id }: Card, device: number): string {
  return `plughw:CARD=${id},DEV=${device}`;
}

/** A name that was told: "hw:1" becomes "plughw:1", so that format and channels are converted. */
export function convertingName(name: string): string {
  return name.replace(/^hw:/, "plughw:");
}

/**
 * A USB speakerphone before other cards that record and play, before two cards. Where a sound server holds the cards
 * (`served`: it answers as "default"), it is asked; where nothing else is there, "default" is a last try.
 */
export function choose(cards: readonly Card[], served: boolean): Choice | null {
  const byDefault = { capture: "default", playback: "default" };
  if (served) return { ...byDefault, why: 'a sound server answers as "default"' };
  const whole = cards.filter((card) => card.capture.length > 0 && card.playback.length > 0);
  const speakerphone = whole.find((card) => card.usb);
  if (speakerphone) return both(speakerphone, "a USB card that records and plays");
  if (whole[0]) return both(whole[0], "the first card that records and plays");
  const [recorder] = cards.filter((card) => card.capture.length > 0);
  const [player] = cards.filter((card) => card.playback.length > 0);
  if (!recorder || !player) return null;
  return {
    capture: deviceName(recorder, recorder.capture[0] ?? 0),
    playback: deviceName(player, player.playback[0] ?? 0),
    why: "no card does both: the first that records, and the first that plays",
  };
}

/** Where one direction was told, the other one is taken from the same card, if that has it. */
export function besides(cards: readonly Card[], told: string, direction: "capture" | "playback"): string | null {
  const named = /^(?:plug)?hw:(?:CARD=)?([^,]+)/.exec(told)?.[1];
  if (named === undefined) return null;
  const card = cards.find(({ id, index }) => id === named || String(index) === named);
  const device = card?.[direction][0];
  return card === undefined || device === undefined ? null : deviceName(card, device);
}

function both(card: Card, why: string): Choice {
  return {
    capture: deviceName(card, card.capture[0] ?? 0),
    playback: deviceName(card, card.playback[0] ?? 0),
    why,
  };
}
