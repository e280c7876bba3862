import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { readSound } from "../../hear/sound-file.ts";
import type { Sound } from "./ears.ts";
import type { Orders } from "./orders.ts";
import { taken } from "./rows.ts";
import { say, voiceAt } from "./spoken.ts";

/** Speech of one kind that is meant for nobody. */
export type Others = Readonly<{ what: string; sounds: readonly Sound[] }>;

const TALK = new URL("talk.txt", import.meta.url);
/** Of recordings there are more than are needed to tell. */
const WORDS_EVERY = 12;
const ORDERS_EVERY = 4;
const EVERY = 2;

/** What people say in a house, each sentence by two voices. */
export function talk(every: number | null): Others {
  const lines = readFileSync(TALK, "utf8").split("\n");
  const texts = lines.filter((line) => line !== "" && !line.startsWith("#"));
  const sounds = taken([...texts, ...texts], every ?? EVERY).map(
    (text, at): Sound =>
      () =>
        say(voiceAt(at), text),
  );
  return { what: "talk", sounds };
}

/** Recordings of single words by real people, wake words among them, where `data` holds some. */
export function recordedWords(data: string, every: number | null): Others {
  const wake = path.join(data, "wake");
  const files = filesIn(wake).flatMap((word) => filesIn(path.join(wake, word)).map((file) => path.join(word, file)));
  const recordings = files.filter((file) => file.endsWith(".flac"));
  return {
    what: "recorded words",
    sounds: taken(recordings, WORDS_EVERY * (every ?? EVERY)).map(
      (file): Sound =>
        () =>
          readSound(path.join(wake, file)),
    ),
  };
}

/** Orders to another device, by real people. */
export function recordedOrders(orders: Orders | null, every: number | null): Others {
  const names = taken(orders?.names ?? [], ORDERS_EVERY * (every ?? EVERY));
  const sounds = names.flatMap((name): Sound[] => (orders === null ? [] : [() => orders.sound(name)]));
  return { what: "recorded orders to a coffee maker", sounds };
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}
