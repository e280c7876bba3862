import { setTimeout as sleep } from "node:timers/promises";
import { callIs, command, type Person, quiet, silent, type Wanted } from "../../stage/person.ts";
import { SENTENCES } from "../../stage/recording.ts";
import type { Households } from "./household.ts";
import { callInVain } from "./in-vain.ts";

const HUB_EVERY_ROUNDS = 12;
/** Long enough for a ring that should not be. */
const SILENT_MS = 2_500;

/** What two homes do with each other, again and again: each round does something else. Rejects where it went wrong. */
export async function playRound(round: number, homes: Households): Promise<string> {
  const { ana, ben } = homes;
  const [caller, callee] = Math.floor(round / 4) % 2 === 0 ? [ana, ben] : [ben, ana];
  // Nothing of a round is kept for the next: the rig itself is not to grow.
  for (const { unit } of homes.people) unit.timeline.length = 0;
  if (round % HUB_EVERY_ROUNDS === HUB_EVERY_ROUNDS - 1) return restartHub(homes);
  switch (round % 4) {
    case 1:
      return callInVain(caller, callee, SILENT_MS);
    case 3:
      return leaveMessage(caller, callee);
    default:
      return talk(caller, callee, round);
  }
}

/** Puts everything at rest, whatever went wrong. */
export async function settle({ people }: Households): Promise<void> {
  for (const { unit } of people) {
    await unit.until(async () => (await unit.ask({ do: "status" })).audio === "ready", 20_000);
    if ((await unit.ask({ do: "status" })).call.at !== "idle") await unit.ask({ do: "hang-up" });
  }
  for (const person of people) await quiet(person).catch(() => undefined);
}

/** By voice from ring to end, with a sentence each way. */
async function talk(caller: Person, callee: Person, round: number): Promise<string> {
  const since = Date.now();
  await command(caller, `call ${callee.name}`, callIs("calling"));
  await callee.unit.happens("the ring", callIs("ringing"), { since });
  await quiet(callee);
  await command(callee, "answer", callIs("answering"));
  const sound: Wanted = ({ event }) => event === "ears-leg-sound";
  await Promise.all([caller, callee].map(({ unit }) => unit.happens("sound", sound, { since, withinMs: 8_000 })));
  await caller.say(SENTENCES[round % SENTENCES.length] ?? SENTENCES[0]);
  await callee.say(SENTENCES[(round + 1) % SENTENCES.length] ?? SENTENCES[0]);
  await command(callee, "hang up", callIs("idle"));
  await caller.unit.happens("the end of the call", callIs("idle"), { since });
  return "talked";
}

/** By voice: left, found, played and deleted. */
async function leaveMessage(from: Person, to: Person): Promise<string> {
  const asks = says(`Message for ${to.name}. Shall I send it?`);
  const begun = await command(from, `message ${to.name}`, says(`Message for ${to.name}. Speak after the tone.`));
  await silent(from);
  await sleep(1_200);
  await from.say(SENTENCES[0]);
  const asked = await from.unit.happens("the question", asks, { since: begun.actedMs, withinMs: 15_000 });
  await silent(from);
  const sent = says(`Your message is on its way to ${to.name}.`);
  await from.say("yes");
  await from.unit.happens("sending", sent, { since: asked.at }).catch(async (error: unknown) => {
    await from.unit.ask({ do: "press" });
    throw error;
  });
  await to.unit.until(async () => (await inboxOf(to)).length > 0, 15_000);
  await quiet(from);
  const played: Wanted = ({ event, detail }) => event === "ears-played" && detail?.how === "whole";
  const since = Date.now();
  await command(to, "play my messages", ({ event }) => event === "play-message");
  await to.unit.happens("the whole message", played, { since, withinMs: 30_000 });
  await quiet(to);
  for (const { id } of await inboxOf(to)) await to.unit.ask({ do: "message-delete", message: id });
  return "left a message";
}

async function inboxOf({ unit }: Person): Promise<readonly { id: string }[]> {
  return (await unit.ask({ do: "messages", place: "inbox", limit: 100 })).messages;
}

/** Killed between calls; its relay goes on, and the units come back by themselves. */
async function restartHub({ hub, people }: Households): Promise<string> {
  await hub.kill();
  await sleep(1_000);
  await hub.start();
  for (const { unit } of people) {
    await unit.until(async () => (await unit.ask({ do: "status" })).hub === "connected", 60_000);
  }
  return "restarted the hub";
}

function says(sentence: string): Wanted {
  return ({ event, detail }) => event === "says" && detail?.sentence === sentence;
}
