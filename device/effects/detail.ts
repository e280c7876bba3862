import type { OwnEffect } from "../events.ts";

/** What a rig is told of an effect beside its name. */
export function detailOf(effect: OwnEffect): Record<string, string | number | boolean | null> {
  switch (effect.type) {
    case "tone":
      return { tone: effect.tone };
    case "show":
      return { scene: effect.scene };
    case "tell":
      return { what: effect.what };
    case "start-timer":
    case "stop-timer":
      return { name: effect.name };
    default:
      return {};
  }
}
