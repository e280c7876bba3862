import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { Book } from "#device/gate/book.ts";
import { CONFIDENCE } from "#device/voice/confidence.ts";
import { grammarFor } from "#device/voice/grammar.ts";
import { type Intent, parse } from "#device/voice/intent.ts";
import { resolve } from "#device/voice/resolve.ts";
import { readBookFile } from "./gate/book-file.ts";
import { makeBabble } from "./hear/babble.ts";
import { makeKitchen } from "./hear/kitchen.ts";
import { Listener } from "./hear/listen.ts";
import { mixNoise } from "./hear/noise.ts";
import { seededRandom } from "./hear/random.ts";
import { readSound } from "./hear/sound-file.ts";

const USAGE = `hear [options] FILE.wav|FILE.flac ...

Runs the real ears over recordings (mono, 16 kHz, 16 bit), faster than real time: one line of JSON each.

  --book BOOK.json      what can be said is built from this book
  --grammar FILE.jsgf   this grammar instead; no intents
  --wake                look for the wake word first
  --noise FILE|kitchen|babble --snr DB [--seed N]   mix noise in first: a recording, or one that is made up`;

/** How long a noise is that is made up. */
const MADE_UP_SECONDS = 60;

type Wanted = Readonly<{
  files: readonly string[];
  jsgf: string;
  book: Book | null;
  wake: boolean;
  noise: Readonly<{ sound: Int16Array; snrDb: number; seed: number }> | null;
}>;

// Whoever reads may have seen enough.
process.stdout.on("error", () => process.exit(0));
process.exitCode = await main();

/** 0: every file was listened to; 1: some could not be; 2: it was asked for wrongly. */
async function main(): Promise<number> {
  let wanted: Wanted;
  await using opened = new AsyncDisposableStack();
  let listener: Listener;
  try {
    const asked = await readArguments();
    if (asked === "help") {
      console.log(USAGE);
      return 0;
    }
    wanted = asked;
    listener = opened.use(await Listener.open(wanted.jsgf, wanted.wake));
  } catch (error) {
    console.error(`hear: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  }
  let failed = 0;
  for (const file of wanted.files) {
    try {
      console.log(JSON.stringify(await hearFile(listener, file, wanted)));
    } catch (error) {
      failed = 1;
      console.error(`hear: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return failed;
}

async function readArguments(): Promise<Wanted | "help"> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      book: { type: "string" },
      grammar: { type: "string" },
      wake: { type: "boolean", default: false },
      noise: { type: "string" },
      snr: { type: "string" },
      seed: { type: "string", default: "1" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  if ((values.book === undefined) === (values.grammar === undefined)) throw new Error("give one of --book, --grammar");
  if ((values.noise === undefined) !== (values.snr === undefined)) throw new Error("--noise and --snr go together");
  if (positionals.length === 0) throw new Error("give at least one recording");
  const book = values.book === undefined ? null : await readBookFile(values.book);
  const jsgf = book === null ? await readFile(values.grammar ?? "", "utf8") : grammarFor(book);
  const noise =
    values.noise === undefined
      ? null
      : {
          sound: await noiseNamed(values.noise),
          snrDb: asNumber("--snr", values.snr),
          seed: asNumber("--seed", values.seed),
        };
  return { files: positionals, jsgf, book, wake: values.wake, noise };
}

async function noiseNamed(name: string): Promise<Int16Array> {
  if (name === "kitchen") return makeKitchen(MADE_UP_SECONDS, 1);
  return name === "babble" ? makeBabble(MADE_UP_SECONDS, 1) : readSound(name);
}

async function hearFile(listener: Listener, file: string, { book, noise }: Wanted): Promise<unknown> {
  let sound = await readSound(file);
  if (noise !== null) {
    const start = Math.floor(seededRandom(noise.seed)() * noise.sound.length);
    sound = mixNoise(sound, noise.sound, noise.snrDb, start);
  }
  const before = process.cpuUsage();
  const { wake, text, score } = await listener.listen(sound);
  const used = process.cpuUsage(before);
  const accepted = text !== null && score >= CONFIDENCE.accept;
  return {
    file,
    wake: wake.map((seconds) => round(seconds, 2)),
    heard: text,
    score: round(score, 3),
    accepted,
    intent: accepted && book !== null ? intentOf(text, book) : null,
    seconds: round(sound.length / 16_000, 2),
    cpuSeconds: round((used.user + used.system) / 1e6, 3),
  };
}

/** Names become people by their ids: one as `person`, several of one name as `people`. */
function intentOf(text: string, book: Book): unknown {
  const intent: Intent | null = parse(text);
  if (intent === null || !("name" in intent)) return intent;
  const meant = resolve(intent.name, book);
  switch (meant.found) {
    case "one":
      return { type: intent.type, person: meant.person.id };
    case "several":
      return { type: intent.type, people: meant.people.map(({ id }) => id) };
    case "none":
      return null;
  }
}

function asNumber(option: string, value: string | undefined): number {
  const number = Number(value);
  if (value === undefined || value.trim() === "" || !Number.isFinite(number))
    throw new Error(`${option} takes a number`);
  return number;
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
