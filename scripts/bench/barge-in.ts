import * as v from "valibot";
import { openEcho } from "#audio/engines/echo-choice.ts";
import { FULL_SCALE } from "#audio/level.ts";
import { Reverb } from "#audio/protocol.ts";
import { emptyBook } from "#device/gate/book.ts";
import { grammarFor } from "#device/voice/grammar.ts";
import { echoLevelDb, runSession, type Session, type SessionOptions } from "./barge-in/session.ts";
import { speakCommands, speakOrders, speakStory } from "./barge-in/spoken.ts";
import { entry, natural } from "./entry.ts";

/** Issue 5's: of the commands that are understood in silence. */
const LOST_PERCENT = 15;
const PEOPLE = [
  "Ana",
  "Ben",
  "Priya",
  "Oliver",
  "Grace",
  "Henry",
  "Isla",
  "Jack",
  "Lucy",
  "Noah",
  "Mum",
  "Doctor Patel",
];
const ROOM = { echoDb: -6, echoDelayMs: 8, noiseDbfs: -60 };
const REVERB_MS = { least: 150, most: 600, usual: 300 };
/** The loudest 2,048 samples of what is played: as loud as a call gets. */
const PLAYED_DBFS = -13;

export const bargeIn = entry({
  summary: `are commands understood while the far end talks as loudly as the talker? Of those understood in silence,
at most ${LOST_PERCENT} % may be lost; no word of the far end's may command the unit (two minutes)`,
  options: {
    seed: { value: "N", help: "of the pauses between the commands (1)", schema: natural(0, 2 ** 32 - 1, 1) },
    reverb: {
      value: "MS",
      help: `of the room (${REVERB_MS.usual})`,
      schema: natural(REVERB_MS.least, REVERB_MS.most, REVERB_MS.usual),
    },
  },
  run: async ({ seed, reverb }, json) => {
    const room = { ...ROOM, reverb: v.parse(Reverb, { rt60Ms: reverb }) };
    const story = await speakStory(loudestEnergyDb(PLAYED_DBFS));
    // As loud at the microphone as the echo of the far end.
    const talkerDb = await echoLevelDb(story, room);
    const commands = await speakCommands(talkerDb);
    const options = { jsgf: jsgfOfTheBook(), room, seed };
    const under = (farEnd: Int16Array, echo: SessionOptions["echo"], muteTalker = false) =>
      runSession(commands, { ...options, farEnd, echo, muteTalker });
    const silence = await runSession(commands, { ...options, farEnd: null, echo: openEcho("both") });
    const talk = await under(story, openEcho("both"));
    const bare = await under(story, null);
    const ordered = async (whistled: boolean) =>
      under(await speakOrders(loudestEnergyDb(PLAYED_DBFS), { whistled }), openEcho("both"), true);
    const orders = await ordered(false);
    const whistled = await ordered(true);
    const [inSilence, inTalk] = [understood(silence), understood(talk)];
    const lost = inSilence.filter((command) => !inTalk.includes(command)).length;
    const report = {
      commands: commands.length,
      understoodInSilence: inSilence.length,
      understoodUnderFarEnd: inTalk.length,
      ofThoseInSilencePercent: Math.round((100 * (inSilence.length - lost)) / Math.max(1, inSilence.length)),
      sharePercent: Math.round((100 * inTalk.length) / Math.max(1, inSilence.length)),
      wokenInSilence: woken(silence),
      wokenUnderFarEnd: woken(talk),
      needlessWakes: silence.needlessWakes + talk.needlessWakes,
      wokenWithoutCanceller: woken(bare),
      wokenByFarEndsOrders: orders.needlessWakes,
      wokenByOrdersAfterWhistling: whistled.needlessWakes,
      seconds: Math.round(silence.seconds + talk.seconds + bare.seconds + orders.seconds + whistled.seconds),
    };
    if (json) console.log(JSON.stringify({ bench: "barge-in", reverb, seed, ...report, missed: missed(talk) }));
    else tell(report, talk, reverb);
    return (
      report.sharePercent >= 100 - LOST_PERCENT &&
      orders.needlessWakes + whistled.needlessWakes === 0 &&
      inSilence.length >= 20
    );
  },
});

type Report = Readonly<Record<string, number>>;

function tell(report: Report, talk: Session, reverb: number): void {
  console.log(`barge-in: a room of ${reverb} ms reverberation, the far end as loud at the microphone as the talker`);
  for (const [what, value] of Object.entries(report)) console.log(`  ${what.padEnd(26)} ${value}`);
  for (const line of missed(talk)) console.log(`  missed: ${line}`);
}

function understood({ outcomes }: Session): number[] {
  return outcomes.flatMap((outcome, index) => (outcome.understood ? [index] : []));
}

function woken({ outcomes }: Session): number {
  return outcomes.filter((outcome) => outcome.woken).length;
}

function missed({ outcomes }: Session): string[] {
  return outcomes
    .filter((outcome) => !outcome.understood)
    .map(
      ({ voice, text, woken: wasWoken, heard }) =>
        `${voice}, ${text}: ${wasWoken ? (heard ?? "nothing") : "not woken"}`,
    );
}

function loudestEnergyDb(dbfs: number): number {
  return 20 * Math.log10(FULL_SCALE) + dbfs + 10 * Math.log10(2_048);
}

function jsgfOfTheBook(): string {
  const nothing = { aliases: [], accounts: [], numbers: [], addresses: [], grants: [], hours: [] };
  const people = PEOPLE.map((name, index) => ({ ...nothing, id: `person-${index}`, name }));
  return grammarFor({ ...emptyBook("", "GB", "Europe/London", () => ""), people });
}
