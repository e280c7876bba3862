import { basename } from "node:path";
import * as v from "valibot";
import { isMap, isSeq, LineCounter, type ParsedNode, parseDocument } from "yaml";
import { describeIssue } from "#base/json-file.ts";
import { Head, STEPS, type Step, type StepName } from "./schema.ts";

export type PlacedStep = Readonly<{ line: number; text: string; step: Step }>;
export type Scenario = Omit<v.InferOutput<typeof Head>, "steps"> &
  Readonly<{ file: string; steps: readonly PlacedStep[] }>;
export type ScenarioResult = Readonly<{ ok: true; scenario: Scenario } | { ok: false; faults: readonly string[] }>;

/** Nobody writes longer ones by hand. */
const MOST_CHARACTERS = 64 * 1_024;

/** A scenario's text to what it says; on refusal every fault is named with its line. Never throws. */
export function readScenario(file: string, text: string): ScenarioResult {
  const lines = new LineCounter();
  const faultAt = (offset: number, message: string) => `${file}:${Math.max(1, lines.linePos(offset).line)}: ${message}`;
  if (text.length > MOST_CHARACTERS) return { ok: false, faults: [`${file}:1: is too long for a scenario`] };
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0) return { ok: false, faults: broken.map(({ pos, message }) => faultAt(pos[0], message)) };
  const value: unknown = plain(document);
  if (value === undefined) return { ok: false, faults: [`${file}:1: has an alias, which a scenario does without`] };
  const offsetOf = (path: readonly unknown[]) => nodeAt(document.contents, path)?.range[0] ?? 0;
  const head = v.safeParse(Head, value);
  if (!head.success) {
    const faults = head.issues.map((issue) => faultAt(offsetOf(keysOf(issue)), describeIssue(issue)));
    return { ok: false, faults };
  }
  const faults: string[] = [];
  const steps: PlacedStep[] = [];
  for (const [at, raw] of head.output.steps.entries()) {
    const judged = judgeStep(raw);
    const node = nodeAt(document.contents, ["steps", at]);
    const start = node?.range[0] ?? 0;
    if (judged.ok) {
      const written = text.slice(start, node?.range[1] ?? start);
      steps.push({ line: lines.linePos(start).line, text: oneLine(written), step: judged.step });
    } else
      for (const { path, message } of judged.faults) faults.push(faultAt(offsetOf(["steps", at, ...path]), message));
  }
  return faults.length > 0
    ? { ok: false, faults }
    : { ok: true, scenario: { ...head.output, file: basename(file), steps } };
}

type Judged = Readonly<
  { ok: true; step: Step } | { ok: false; faults: readonly { path: readonly unknown[]; message: string }[] }
>;

function judgeStep(raw: Readonly<Record<string, unknown>>): Judged {
  const [name, ...others] = Object.keys(raw).filter(isStep);
  const refused = (message: string): Judged => ({ ok: false, faults: [{ path: [], message }] });
  if (name === undefined) return refused(`is no step: it needs one of ${Object.keys(STEPS).join(", ")}`);
  if (others.length > 0) return refused(`is more than one step: ${[name, ...others].join(", ")}`);
  const parsed = v.safeParse(STEPS[name], raw);
  if (parsed.success) return { ok: true, step: parsed.output };
  return {
    ok: false,
    faults: parsed.issues.map((issue) => ({ path: keysOf(issue), message: describeIssue(issue) })),
  };
}

function isStep(key: string): key is StepName {
  return Object.hasOwn(STEPS, key);
}

/** Undefined where there is an alias. */
function plain(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    return undefined;
  }
}

function keysOf(issue: v.BaseIssue<unknown>): unknown[] {
  return issue.path?.map(({ key }) => key) ?? [];
}

/** The node at a path, or the nearest one above it. */
function nodeAt(node: ParsedNode | null, [key, ...rest]: readonly unknown[]): ParsedNode | null {
  if (key === undefined || node === null) return node;
  if (isMap<ParsedNode, ParsedNode>(node)) {
    const pair = node.items.find((item) => "value" in item.key && item.key.value === key);
    return (pair && (rest.length === 0 ? pair.key : nodeAt(pair.value, rest))) ?? node;
  }
  if (isSeq<ParsedNode>(node) && typeof key === "number") return nodeAt(node.items[key] ?? null, rest) ?? node;
  return node;
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, " ");
}
