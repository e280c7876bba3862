import { readFile, stat } from "node:fs/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import { EXIT, Failure, print, printAs, type Unit, withExamples } from "./cli-unit.ts";
import { writeNew } from "./files.ts";
import { oggDurationMs } from "./ogg-duration.ts";
import { showMessages } from "./print.ts";
import { readMessageLimit, readMessageName } from "./read-arguments.ts";

type Listing = Readonly<{ limit: number; requests?: boolean; evidence?: boolean; json?: boolean }>;
type Sending = Readonly<{ text?: string; file?: string }>;

const MAX_FILE_BYTES = 720 * 1_024;
const PIECE_BYTES = 36 * 1_024;

/** What people left, and what the owner leaves for them. */
export function addMessageCommands(program: Command, unit: Unit): void {
  const messages = withExamples(
    program
      .command("messages")
      .option("--limit <messages>", "how many at most, 1 to 100", readMessageLimit, 50)
      .option("--requests", "those of people who may not leave any")
      .addOption(new Option("--evidence", "those that are kept as evidence").conflicts("requests"))
      .option("--json", "as JSON")
      .description("show the messages that people left, newest first"),
    "porter messages",
    "porter messages --requests --json",
    "porter messages export 3f9a2c01 ana.ogg",
    "porter messages send Ana --text 'I am late'",
  ).action((options: Listing) => list(unit, options));
  withExamples(
    messages
      .command("play")
      .argument("[id]", "as the list shows it; else all new ones", readMessageName)
      .description("play by the unit's loudspeaker, for all who are in the room"),
    "porter messages play",
    "porter messages play 3f9a2c01",
  ).action(async (message?: string) => {
    const answer = await unit.ask({ do: "message-play", ...(message !== undefined && { message }) });
    print(answer.messages === 1 ? "Playing it." : `Playing ${answer.messages} messages.`);
  });
  withExamples(
    messages
      .command("delete")
      .argument("<id>", "as the list shows it", readMessageName)
      .description("delete a message for good"),
    "porter messages delete 3f9a2c01",
  ).action(async (message: string) => {
    await unit.ask({ do: "message-delete", message });
    print("Deleted.");
  });
  withExamples(
    messages
      .command("export")
      .argument("<id>", "as the list shows it", readMessageName)
      .argument("<file>", "a new file (.ogg)")
      .description("write a message's sound to a file, as its sender made it: nothing has checked it"),
    "porter messages export 3f9a2c01 ana.ogg",
  ).action((message: string, file: string) => exportTo(unit, message, file));
  withExamples(
    messages
      .command("send")
      .argument("<person>", "name or id")
      .option("--text <words>", "what to say")
      .addOption(new Option("--file <ogg>", "an Ogg Opus file").conflicts("text"))
      .description("leave somebody a message"),
    "porter messages send Ana --text 'I am late'",
    "porter messages send Ana --file note.ogg",
  ).action((who: string, sending: Sending) => send(unit, who, sending));
  addSettings(messages, unit);
}

function addSettings(messages: Command, unit: Unit): void {
  withExamples(
    messages
      .command("blocked")
      .argument("<keep|drop>", "", readOneOf(["keep", "drop"]))
      .description("what blocked people leave: kept out of sight as evidence, or dropped; it never shows or sounds"),
    "porter messages blocked keep",
  ).action(async (evidence: "keep" | "drop") => {
    const what = evidence === "keep" ? "kept as evidence" : "dropped";
    const said = `What blocked people leave is ${what}.`;
    await unit.change({ do: "messages-of-blocked", evidence }, said, said);
  });
  withExamples(
    messages
      .command("forwarded")
      .argument("<admit|drop>", "", readOneOf(["admit", "drop"]))
      .description("what is passed on without a sign of who said it first"),
    "porter messages forwarded drop",
  ).action(async (unverifiedOrigin: "admit" | "drop") => {
    const said = `What is passed on without a sign of who said it is ${unverifiedOrigin === "admit" ? "let in" : "dropped"}.`;
    await unit.change({ do: "messages-unverified", unverifiedOrigin }, said, said);
  });
}

async function list(unit: Unit, { limit, requests, evidence, json }: Listing): Promise<void> {
  const place = requests ? "requests" : evidence ? "evidence" : "inbox";
  const answer = await unit.ask({ do: "messages", place, limit });
  printAs(json, answer, showMessages(answer));
}

async function exportTo(unit: Unit, message: string, path: string): Promise<void> {
  const pieces: Buffer[] = [];
  let parts = 1;
  for (let part = 0; part < parts; part += 1) {
    const answer = await unit.ask({ do: "message-sound", message, part });
    parts = answer.parts;
    pieces.push(Buffer.from(answer.data, "base64"));
  }
  await writeNew(path, (file) => file.writeFile(Buffer.concat(pieces)));
  print(`Written to ${path}.`);
}

async function send(unit: Unit, who: string, { text, file }: Sending): Promise<void> {
  if ((text === undefined) === (file === undefined)) throw new Failure(EXIT.usage, "say what: --text or --file");
  const what = text === undefined ? await upload(unit, file ?? "") : ({ kind: "text", text } as const);
  const { name } = await unit.ask({ do: "message-send", who, what });
  print(`Your message for ${name} leaves as soon as it can.`);
}

async function upload(unit: Unit, path: string) {
  const { size } = await stat(path).catch(() => ({ size: -1 }));
  if (size < 0) throw new Failure(EXIT.usage, `there is no file ${path}`);
  if (size > MAX_FILE_BYTES) throw new Failure(EXIT.usage, `${path} is too big: 720 KiB at most`);
  const sound = await readFile(path);
  const durationMs = oggDurationMs(sound);
  if (durationMs === null) throw new Failure(EXIT.usage, `${path} is not an Ogg Opus file`);
  let draft: string | undefined;
  for (let at = 0; at < sound.length; at += PIECE_BYTES) {
    const data = sound.subarray(at, at + PIECE_BYTES).toString("base64");
    const answer = await unit.ask({ do: "message-draft", data, ...(draft !== undefined && { draft }) });
    draft = answer.draft;
  }
  return { kind: "voice", draft: draft ?? "", durationMs } as const;
}

function readOneOf<Word extends string>(words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const word = words.find((each) => each === text);
    if (word === undefined) throw new InvalidArgumentError(`It is one of ${words.join(", ")}.`);
    return word;
  };
}
