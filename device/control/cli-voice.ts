import { type Command, InvalidArgumentError } from "commander";
import { print, type Unit, withExamples } from "./cli-unit.ts";

const MS = 1_000;

/** How the unit speaks and listens. */
export function addVoiceCommand(program: Command, unit: Unit): void {
  withExamples(
    program
      .command("voice")
      .option("--volume <step>", "how loud, from 1 to 10", readNumber)
      .option("--rate <words>", "how fast it speaks, in words a minute, from 100 to 260", readNumber)
      .option("--wait <seconds>", "how much silence ends what is said to it, from 0.4 to 5", readNumber)
      .description("show or set how the unit speaks and listens"),
    "porter voice",
    "porter voice --volume 5 --wait 1.5",
  ).action(async ({ volume, rate, wait }: { volume?: number; rate?: number; wait?: number }) => {
    const voice = await unit.ask({
      do: "voice",
      ...(volume !== undefined && { volume }),
      ...(rate !== undefined && { wordsPerMinute: rate }),
      ...(wait !== undefined && { waitMs: Math.round(wait * MS) }),
    });
    print(`volume ${voice.volume} of 10, ${voice.wordsPerMinute} words a minute, waits ${voice.waitMs / MS} s`);
  });
}

function readNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === "" || !Number.isFinite(number)) throw new InvalidArgumentError("It is a number.");
  return number;
}
