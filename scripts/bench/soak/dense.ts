import { setTimeout as sleep } from "node:timers/promises";
import { callIs, type Person, quiet } from "../../stage/person.ts";
import type { Households } from "./household.ts";
import { callInVain } from "./in-vain.ts";
import { playRound } from "./rounds.ts";

/** Both hear something of each other. */
const TALK_MS = 300;
const PAUSE_MS = 100;
/** So often a round is a whole one, with all that is spoken in it: what that needs is loaded long before the judging. */
const WHOLE_EVERY_ROUNDS = 16;
/** So often they leave each other in peace, for what is done when nothing goes on. */
const REST_EVERY_ROUNDS = 16;
const REST_MS = 4_500;
const TEXT = "I am late";

/**
 * As `playRound`, a dozen times as fast: what a house does in days is done in minutes, so that code is compiled, caches
 * are full and every part of the heap was in use once. Little of it is spoken.
 */
export async function playDenseRound(round: number, homes: Households): Promise<string> {
  if (round % WHOLE_EVERY_ROUNDS === 0) return playRound(3 + 4 * (round / WHOLE_EVERY_ROUNDS), homes);
  const { ana, ben, people } = homes;
  for (const { unit } of people) unit.timeline.length = 0;
  if (round % REST_EVERY_ROUNDS === REST_EVERY_ROUNDS - 1) await sleep(REST_MS);
  const [caller, callee] = round % 2 === 0 ? [ana, ben] : [ben, ana];
  switch (Math.floor(round / 2) % 8) {
    case 3:
    case 4:
      return callInVain(caller, callee, PAUSE_MS);
    case 5:
      return sendText(caller, callee);
    case 6:
    case 7:
      await Promise.all(people.map(askWhoCalled));
      return "asked who called";
    default:
      return talk(caller, callee);
  }
}

async function talk(caller: Person, callee: Person): Promise<string> {
  const since = Date.now();
  await caller.unit.ask({ do: "call", who: callee.name });
  await callee.unit.happens("the ring", callIs("ringing"), { since });
  await callee.unit.ask({ do: "answer" });
  await Promise.all([caller, callee].map(({ unit }) => unit.happens("the call", callIs("talking"), { since })));
  await sleep(TALK_MS);
  await callee.unit.ask({ do: "hang-up" });
  await caller.unit.happens("the end of the call", callIs("idle"), { since });
  await sleep(PAUSE_MS);
  return "talked";
}

async function sendText(from: Person, { name, unit }: Person): Promise<string> {
  await from.unit.ask({ do: "message-send", who: name, what: { kind: "text", text: TEXT } });
  const inbox = async () => (await unit.ask({ do: "messages", place: "inbox", limit: 100 })).messages;
  await unit.until(async () => (await inbox()).length > 0, 15_000);
  for (const { id } of await inbox()) await unit.ask({ do: "message-delete", message: id });
  return "sent a text";
}

/** What is spoken; whether it is understood is not the question here. */
async function askWhoCalled(person: Person): Promise<void> {
  await person.say("computer. who called.");
  await sleep(1_500);
  await quiet(person);
}
