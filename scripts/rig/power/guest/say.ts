import { writeSync } from "node:fs";
import { MARK, type Said } from "../messages.ts";

const CONSOLE = 1;

/** On the host before it returns. */
export function say(said: Said): void {
  const line = Buffer.from(`${MARK}${JSON.stringify(said)}\n`);
  for (let done = 0; done < line.length; ) done += writeSync(CONSOLE, line, done);
}
