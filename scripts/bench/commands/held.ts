import { readFile } from "node:fs/promises";
import path from "node:path";
import * as v from "valibot";
import type { Orders } from "./orders.ts";

/** Every other eighth of the orders, the ones with the stillest background first, is learned from. */
const PARTS = 8;
const BLOCK_SAMPLES = 1_600;
/** Of the stillest blocks of an order so many make up its background: one in eight. */
const BLOCKS_FOR_ONE = 8;

/**
 * What `scripts/train-phones/train.py --fold 0` does not learn from: every other eighth of the orders that it has the words
 * of, cut by the level of their background, so that mostly other people and microphones are in the others; all that it has
 * no words of; and the second half of the noise. It needs the trainer's `transcripts.json` beside the orders.
 */
export async function heldFrom(orders: Orders): Promise<Orders> {
  const transcripts = await readTranscripts(path.join(orders.folder, "transcripts.json"));
  const levels: Readonly<{ name: string; level: number }>[] = [];
  for (const name of Object.keys(transcripts).toSorted())
    levels.push({ name, level: background(await orders.sound(name)) });
  const learned = learnedFrom(levels);
  const held = new Set(orders.names.filter((name) => !learned.has(name)));
  return orders.only(held, orders.noise.subarray(orders.noise.length >> 1));
}

async function readTranscripts(file: string): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new Error(`there is no ${file}, which tells what was learned from: --held is for who trained a network`, {
      cause,
    });
  });
  return v.parse(v.record(v.string(), v.string()), JSON.parse(text));
}

function learnedFrom(levels: readonly Readonly<{ name: string; level: number }>[]): ReadonlySet<string> {
  const ordered = levels.toSorted((a, b) => a.level - b.level);
  const isLearned = (at: number): boolean => Math.floor((at * PARTS) / ordered.length) % 2 === 0;
  return new Set(ordered.filter((_, at) => isLearned(at)).map(({ name }) => name));
}

/** The mean square of the stillest blocks of 100 ms. */
function background(sound: Int16Array): number {
  const blocks: number[] = [];
  for (let from = 0; from + BLOCK_SAMPLES <= sound.length; from += BLOCK_SAMPLES) {
    let sum = 0;
    for (const sample of sound.subarray(from, from + BLOCK_SAMPLES)) sum += sample ** 2;
    blocks.push(sum / BLOCK_SAMPLES);
  }
  const stillest = blocks.toSorted((a, b) => a - b).slice(0, Math.max(1, Math.floor(blocks.length / BLOCKS_FOR_ONE)));
  return stillest.reduce((sum, each) => sum + each, 0) / stillest.length;
}
