import { existsSync } from "node:fs";
import { systemClock } from "#base/clock.ts";
import { noLog } from "#base/log.ts";
import { openBoard } from "#hal/open.ts";
import { type Config, readBase, withTold } from "../config.ts";
import { readSettings } from "../smp/settings.ts";
import { doubtful, type Finding, fine, textOf, wrong } from "./finding.ts";
import { examineBook, examineConfinement, examineFolder, examineTaughtWord } from "./folder.ts";
import { examineHub } from "./hub.ts";
import { examineMachine } from "./machine.ts";
import { examineRunning } from "./running.ts";
import { examineSound } from "./sound.ts";

/** Whatever an installer would ask of a unit, one after the other; the unit may run or not. Nothing is changed. */
export async function* examine(configPath: string): AsyncGenerator<Finding> {
  const nowMs = systemClock.nowMs();
  const { config, isTold, findings } = whichUnit(configPath);
  yield* findings;
  const data = config !== null && existsSync(config.data) ? config.data : null;
  yield* await examineMachine(data, nowMs);
  if (config === null) return;
  const { keystore, findings: ofFolder } = await examineFolder(config.data, nowMs);
  yield* ofFolder;
  const { status, findings: ofUnit } = await examineRunning(config.data);
  yield* ofUnit;
  if (status === null) {
    if (keystore !== null) yield* examineBook(config.data, keystore);
    yield* examineTaughtWord(config.data, config.audio);
    yield await board(config);
  }
  if (keystore !== null) yield examineConfinement(config.data, config.audio);
  yield await examineSound(config.audio.io, status !== null);
  if (isTold) yield* await examineHub(config.hub, keystore, config.patience);
}

function whichUnit(path: string): Readonly<{ config: Config | null; isTold: boolean; findings: Finding[] }> {
  const read = readBase(path);
  if (!read.ok) {
    const findings = read.faults.map((fault) =>
      wrong("config", `${path}: ${fault}`, "mend it; the README says what it holds"),
    );
    return { config: null, isTold: false, findings };
  }
  if (read.isTold) return { config: read.base, isTold: true, findings: [fine("config", `${path} is valid`)] };
  const told = readSettings(read.base.data);
  switch (told.found) {
    case "settings": {
      const findings = [fine("config", `${path} is valid, and the unit is provisioned`)];
      return { config: withTold(read.base, told.settings.told), isTold: true, findings };
    }
    case "none": {
      const next = "on the installer's machine: porter-install provision --port PORT --settings FILE";
      const says = `${path} is valid; the unit waits on its serial line to be provisioned`;
      return { config: read.base, isTold: false, findings: [doubtful("config", says, next)] };
    }
    case "damaged":
      return { config: read.base, isTold: false, findings: [wrong("config", told.why, "a factory reset mends that")] };
  }
}

/** Opened only where no unit has it. */
async function board({ board: wired }: Config): Promise<Finding> {
  if (wired.type === "sim") return doubtful("board", "it is simulated", 'name the real one in the config ("board")');
  try {
    const { hal } = await openBoard(wired, { clock: systemClock, log: noLog });
    await using open = hal;
    const { fault } = open;
    return fault === null
      ? fine("board", `${wired.type}: every line is there`)
      : wrong("board", fault.message, "see hal/README.md");
  } catch (error) {
    return wrong("board", textOf(error), "see hal/README.md");
  }
}
