import { readFileSync } from "node:fs";
import * as v from "valibot";
import { Provision } from "#device/smp/unit-messages.ts";
import { EXIT, Failure } from "./exit.ts";
import type { Teller } from "./journal.ts";
import { reopenUnit, UnitOnLine } from "./unit.ts";

export type Said = Readonly<{
  settings?: string;
  name?: string;
  region?: string;
  timeZone?: string;
  hubName?: string;
  mqttUrl?: string;
  httpUrl?: string;
  invitation?: string;
  board?: string;
}>;

/** What was said on the command line, over what stands in a file. `{n}` in the name is the unit's number of several. */
export function settingsOf(said: Said, number: number): Provision {
  const { settings, hubName, mqttUrl, httpUrl, name, region, timeZone, invitation, board } = said;
  const file = settings === undefined ? {} : readFile(settings);
  const given = defined({ name, region, timeZone, invitation, board });
  const hub = { ...(isMap(file.hub) && file.hub), ...defined({ name: hubName, mqttUrl, httpUrl }) };
  const parsed = v.safeParse(Provision, { ...file, ...given, hub });
  if (!parsed.success) {
    const faults = parsed.issues.map((issue) => `  ${v.getDotPath(issue) ?? "the settings"}: ${issue.message}`);
    throw new Failure(EXIT.usage, ["these settings are not fit for a unit:", ...faults].join("\n"));
  }
  return { ...parsed.output, name: parsed.output.name.replaceAll("{n}", String(number)) };
}

/** Settings, then the owner's pairing: what the owner compares with what their unit says. */
export async function provision(
  { port, baudRate, patienceMs }: { port: string; baudRate: number; patienceMs: number },
  settings: Provision,
  teller: Teller,
): Promise<void> {
  {
    await using unit = await UnitOnLine.open(port, baudRate);
    const { stage, board } = await unit.status();
    if (stage === "handed-over") {
      throw new Failure(EXIT.refused, "this unit was handed over to its owner: only a factory reset opens it again");
    }
    await unit.provision(settings);
    teller.step({
      what: "settings",
      outcome: "ok",
      detail: `"${settings.name}", ${settings.region}, on board ${board}`,
    });
  }
  // Provisioned once more, a unit that runs starts again with what it was told now.
  await using again = await reopenUnit(port, baudRate, patienceMs);
  const { account, fingerprint } = await again.identity();
  teller.step({ what: "account", outcome: "ok", detail: account });
  teller.step({ what: "fingerprint", outcome: "ok", detail: fingerprint });
}

function defined(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function readFile(path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Failure(EXIT.usage, `the settings in ${path} cannot be read: ${why}`);
  }
  if (!isMap(value)) throw new Failure(EXIT.usage, `${path} holds no settings`);
  return value;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
