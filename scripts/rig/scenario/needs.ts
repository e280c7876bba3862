import type { Scenario } from "./read.ts";
import type { Step } from "./schema.ts";

/**
 * What a scenario may need of a target. `hands`: button and mute switch. `eyes`: the lights. `voice`: sound before its
 * microphone. `ears`: what its loudspeaker plays. `control`: the requests of its control socket.
 */
export const CAPABILITIES = ["hands", "eyes", "voice", "ears", "control", "power", "clock", "doctor"] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** What a target has not, each with why, and what to do about it. */
export type Lacks = Readonly<Partial<Record<Capability, string>>>;

/** Null where the target has all that the scenario needs; else why it cannot be played there. Pure. */
export function whyNot({ neighbours, steps }: Pick<Scenario, "neighbours" | "steps">, lacks: Lacks): string | null {
  const needed = new Set<Capability>(steps.flatMap(({ step }) => needsOf(step)));
  // They are made known to the unit.
  if (Object.keys(neighbours).length > 0) needed.add("control");
  const missing = CAPABILITIES.filter((each) => needed.has(each) && lacks[each] !== undefined);
  return missing.length === 0 ? null : missing.map((each) => `${each}: ${lacks[each]}`).join("; ");
}

function needsOf(step: Step): readonly Capability[] {
  if ("press" in step || "hold" in step || "release" in step || "mute" in step) return ["hands"];
  if ("light" in step || "no light" in step) return ["eyes"];
  if ("nothing" in step) return ["eyes", "ears"];
  if ("command" in step) return ["voice", "control"];
  if ("say" in step || "play" in step) return step.at === "unit" ? ["voice"] : [];
  if ("sound" in step) return step.sound === "unit" ? ["ears"] : [];
  if ("silence" in step) return step.silence === "unit" ? ["ears"] : [];
  if ("ask" in step || "state" in step) return step.of === "unit" ? ["control"] : [];
  if ("envelope" in step) return ["control"];
  if ("cut" in step) return step.cut === "power" ? ["power"] : [];
  if ("restore" in step) return step.restore === "power" ? ["power"] : [];
  if ("clock" in step) return ["clock"];
  if ("doctor" in step) return ["doctor"];
  return [];
}
