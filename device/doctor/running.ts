import { join } from "node:path";
import { ControlClient } from "../control/client.ts";
import type { Answer } from "../control/requests.ts";
import { DeviceError } from "../errors.ts";
import { doubtful, type Finding, fine, textOf, wrong } from "./finding.ts";

export type Running = Readonly<{ status: Answer<"status"> | null; findings: Finding[] }>;

const IS_DOWN = /no unit is running|has stopped/;

/** Asks the unit itself, if it runs. `status` null: it does not, or does not answer. */
export async function examineRunning(data: string): Promise<Running> {
  try {
    await using client = await ControlClient.connect(join(data, "control.sock"));
    const reply = await client.ask({ do: "status" });
    if (!reply.ok) return { status: null, findings: [wrong("unit", reply.error.message, "look at its log")] };
    return { status: reply.answer, findings: tell(reply.answer) };
  } catch (error) {
    const says = textOf(error);
    const isDown = error instanceof DeviceError && IS_DOWN.test(says);
    const next = isDown ? "start it: systemctl start porter, or porter start" : "look at its log: journalctl -u porter";
    return { status: null, findings: [isDown ? doubtful("unit", "it does not run", next) : wrong("unit", says, next)] };
  }
}

function tell({ fault, warnings, hub, audio, muted, calling }: Answer<"status">): Finding[] {
  return [
    fault === null
      ? fine("unit", "it runs, and its book can be read")
      : wrong("unit", fault, "see the README, or its log"),
    ...warnings.map((warning) => doubtful("unit", warning, "see the README, or its log")),
    audioOf(audio),
    hub === "connected"
      ? fine("hub's broker, logged in", "connected")
      : wrong("hub's broker, logged in", "not connected", "see what is said of the hub below"),
    ...(muted ? [doubtful("mute switch", "it is engaged: the microphone is cut", "let it go")] : []),
    ...(calling === "off" ? [doubtful("calling", "it is off: nobody gets in", "porter calling on")] : []),
  ];
}

function audioOf(audio: Answer<"status">["audio"]): Finding {
  const what = "audio process";
  const next = "ask again in a minute; then look at the unit's log for why it does not stay up";
  switch (audio) {
    case "ready":
      return fine(what, "it listens");
    case "starting":
      return doubtful(what, "it is starting", next);
    case "down":
      return wrong(what, "it is down, and started again", next);
  }
}
