import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Book } from "#device/gate/book.ts";
import { decide } from "#device/gate/decide.ts";
import { readCase } from "./case-file.ts";
import { BadFile } from "./read-json.ts";

export type Answer = Readonly<{ id: string; act: string; because: string }>;

/** Asks the real gate each case of a file, one a line; empty lines are passed over. An error names file and line. */
export async function* judgeFile(book: Book, file: string): AsyncGenerator<Answer> {
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(file, "utf8"), crlfDelay: Infinity })) {
    number += 1;
    if (line.trim() === "") continue;
    try {
      yield judge(book, line);
    } catch (error) {
      if (!(error instanceof BadFile)) throw error;
      throw new Error(`${file}:${number}: ${error.message}`, { cause: error });
    }
  }
}

function judge(book: Book, line: string): Answer {
  const { id, request, now } = readCase(line, book);
  const { act, because } = decide(request, book, now);
  return { id, act, because };
}
