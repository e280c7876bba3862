import { readFileSync } from "node:fs";
import * as v from "valibot";

/** A JSON file that somebody wrote by hand; `fault` says what is wrong with it as a whole. */
export function readJsonFile(path: string): Readonly<{ ok: true; value: unknown } | { ok: false; fault: string }> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    return { ok: false, fault: `${path} cannot be read: ${messageOf(error)}` };
  }
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return { ok: false, fault: `${path} is not JSON: ${messageOf(error)}` };
  }
}

/** One fault of a value, by the path of its key. */
export function describeIssue(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue) ?? "the whole file";
  if (issue.type === "strict_object" && issue.expected === "never") return `${path}: no such setting`;
  if (issue.type === "strict_object" && issue.input === undefined) return `${path}: is missing`;
  return `${path}: ${issue.message}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
