import type { Inputs, Network, Sound, Status } from "#device/smp/unit-messages.ts";
import { EXIT, Failure } from "./exit.ts";
import type { Teller } from "./journal.ts";
import { UnitOnLine } from "./unit.ts";

export type Checked = Readonly<{ status: Status; sound: Sound | null; network: Network | null }>;

/** Asks whoever stands before the unit. Null: nobody is asked (`--yes`, several units, no terminal). */
export type AskPerson = ((question: string) => Promise<boolean>) | null;

export type CheckOptions = Readonly<{
  port: string;
  baudRate: number;
  ask: AskPerson;
  teller: Teller;
  /** How long a person has to press a button or move a switch. */
  handMs: number;
}>;

const SCENES = ["listening", "ringing", "muted", "fault"] as const;

/** Everything that can be looked at before the unit runs; what can only be seen or done by a person needs one. */
export async function check(options: CheckOptions): Promise<Checked> {
  const { port, baudRate, teller } = options;
  await using unit = await UnitOnLine.open(port, baudRate);
  const status = await unit.status();
  if (status.stage === "handed-over") {
    throw new Failure(
      EXIT.refused,
      "this unit was handed over: its owner checks it with porter audio test and porter status",
    );
  }
  teller.step({ what: "unit", outcome: "ok", detail: `${status.board}, ${status.arch}, version ${status.version}` });
  if (status.fault !== null) teller.step({ what: "fault", outcome: "failed", detail: status.fault });
  if (status.running)
    teller.step({ what: "sound, lights", outcome: "skipped", detail: "the unit runs: check before you provision" });
  const sound = status.running ? null : await checkSound(unit, teller);
  if (!status.running) await checkLights(unit, options);
  await checkSwitches(unit, options);
  const network = await checkNetwork(unit, status, teller);
  return { status, sound, network };
}

async function checkSound(unit: UnitOnLine, teller: Teller): Promise<Sound> {
  teller.progress(0, "three rising tones, for seven seconds: be quiet, please");
  const sound = await unit.sound();
  const { verdict, says, next, noiseTenthsDbfs } = sound;
  const noise = noiseTenthsDbfs === null ? "" : ` (noise ${(noiseTenthsDbfs / 10).toFixed(0)} dBFS)`;
  const isHeard = verdict !== "dead";
  teller.step({
    what: "microphone",
    outcome: isHeard ? "ok" : "failed",
    detail: `${isHeard ? "it hears" : says}${noise}`,
  });
  const detail = next === null ? says : `${says} ${next}`;
  teller.step({ what: "loudspeaker", outcome: verdict === "fine" ? "ok" : "failed", detail });
  return sound;
}

async function checkLights(unit: UnitOnLine, { ask, teller }: CheckOptions): Promise<void> {
  for (const scene of SCENES) {
    await unit.lights(scene);
    if (!ask) {
      teller.step({ what: `light ${scene}`, outcome: "skipped", detail: "shown; nobody looked" });
      continue;
    }
    const isSeen = await ask(`Does the unit show "${scene}"?`);
    teller.step({ what: `light ${scene}`, outcome: isSeen ? "ok" : "failed", detail: isSeen ? "seen" : "not seen" });
  }
  await unit.lights("off");
}

async function checkSwitches(unit: UnitOnLine, { ask, teller, handMs }: CheckOptions): Promise<void> {
  const before = await unit.inputs();
  if (!ask) {
    const detail = `button ${before.held ? "held" : "not held"}, pressed ${before.presses} times; mute ${before.muted ? "on" : "off"}`;
    teller.step({ what: "button, mute switch", outcome: "skipped", detail: `read (${detail}); nobody moved them` });
    return;
  }
  const wait = (until: (now: Inputs) => boolean) => untilSeen(unit, until, handMs);
  teller.progress(0, "press the unit's button, shortly");
  const isPressed = await wait(({ presses }) => presses > before.presses);
  teller.step({
    what: "button",
    outcome: isPressed ? "ok" : "failed",
    detail: isPressed ? "pressed" : "no press came",
  });
  teller.progress(0, "move the mute switch, and back again");
  const isMoved = await wait(({ muted }) => muted !== before.muted);
  const isBack = isMoved && (await wait(({ muted }) => muted === before.muted));
  const detail = isBack ? "moved and back" : isMoved ? "it did not come back" : "no change came";
  teller.step({ what: "mute switch", outcome: isBack ? "ok" : "failed", detail });
}

async function untilSeen(unit: UnitOnLine, until: (now: Inputs) => boolean, patienceMs: number): Promise<boolean> {
  for (const startedMs = performance.now(); performance.now() - startedMs < patienceMs; ) {
    if (until(await unit.inputs())) return true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return false;
}

async function checkNetwork(unit: UnitOnLine, { stage }: Status, teller: Teller): Promise<Network | null> {
  if (stage === "new") {
    teller.step({
      what: "network",
      outcome: "skipped",
      detail: "it has no hub yet: check again once it is provisioned",
    });
    return null;
  }
  const network = await unit.network();
  for (const { what, ok, detail } of network.steps) teller.step({ what, outcome: ok ? "ok" : "failed", detail });
  return network;
}
