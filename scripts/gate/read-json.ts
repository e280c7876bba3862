import * as v from "valibot";
import { lineAt, lineOf } from "./line-of.ts";

/** What is wrong with a file somebody wrote, in one line that says where. */
export class BadFile extends Error {
  /** From 1, within the text that was read. */
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** Text to a checked value. Throws `BadFile`. */
export function readJson<Schema extends v.GenericSchema>(text: string, schema: Schema): v.InferOutput<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const offset = /at position (\d+)/.exec(message)?.[1];
    throw new BadFile(offset === undefined ? lineAt(text, text.length) : lineAt(text, Number(offset)), message);
  }
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return parsed.output;
  // A key that was misspelt is told before what seems to be missing because of it.
  const issue = parsed.issues.find(({ expected }) => expected === "never") ?? parsed.issues[0];
  const path = issue.path?.map(({ key }) => key) ?? [];
  throw new BadFile(lineOf(text, path), describe(issue, path));
}

function describe(issue: v.BaseIssue<unknown>, path: readonly unknown[]): string {
  const where = path.length === 0 ? "" : `${path.map(String).join(".")}: `;
  if (issue.type === "strict_object" && issue.expected === "never") return `${where}there is no such key`;
  if (issue.type === "strict_object" && issue.received === "undefined") return `${where}is missing`;
  return where + issue.message;
}
