import type { TimelineLine } from "#device/control/requests.ts";
import type { Target } from "./targets/target.ts";

const LINES = 100;

/** What a unit without a bench can tell afterwards: what its gate decided, as its journal has it. */
export async function storyOf(unit: Pick<Target, "ask">): Promise<TimelineLine[]> {
  const journal = await unit.ask({ do: "journal", limit: LINES }).catch(() => null);
  const verdicts = journal?.lines.filter(({ what }) => what === "verdict") ?? [];
  return verdicts.map(({ atMs, act, because, detail }) => ({
    at: atMs,
    event: "journal",
    detail: { act: act ?? null, because: because ?? null, kind: detail ?? null },
  }));
}
