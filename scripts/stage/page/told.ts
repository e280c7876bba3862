import type { TimelineLine } from "#device/control/requests.ts";

/** What kind of thing it was, which is how it looks. */
export type ToldKind = "heard" | "says" | "call" | "verdict" | "link" | "book" | "refused" | "light";

/** One event of a unit in words: `label` beside its mark in a picture, `sentence` in a list. */
export type Told = Readonly<{ atMs: number; kind: ToldKind; label: string; sentence: string; act: string | null }>;

type Words = Pick<Told, "kind" | "label" | "sentence"> & Partial<Pick<Told, "act">>;

/** Null for what tells a reader nothing: timers, grammars, pings. */
export function told(line: TimelineLine): Told | null {
  const words = inWords(line);
  return words && { atMs: line.at, act: null, ...words };
}

function inWords({ event, detail = {} }: TimelineLine): Words | null {
  const said = (field: string) => (detail[field] === undefined || detail[field] === null ? "" : String(detail[field]));
  switch (event) {
    case "ears-wake":
      return { kind: "heard", label: "wakes", sentence: "hears its wake word, and listens" };
    case "ears-heard":
      return heard(said("text"), Number(detail.score ?? Number.NaN));
    case "says":
      return { kind: "says", label: `says “${said("sentence")}”`, sentence: `says “${said("sentence")}”` };
    case "ring":
      return { kind: "says", label: "rings", sentence: "rings" };
    case "journal":
      return detail.act ? verdict(said("act"), said("because"), said("kind")) : null;
    case "call":
      return { kind: "call", ...call(said("at")) };
    case "link":
      return { kind: "link", ...link(said("state")) };
    case "change-book":
      return { kind: "book", label: "changes the book", sentence: "changes its owner’s book" };
    case "refused":
      return {
        kind: "refused",
        label: `REFUSES ${said("effect")}`,
        sentence: `refuses “${said("effect")}”: the gate does not stand behind it`,
      };
    case "show":
    case "show-guest":
      return { kind: "light", label: said("scene"), sentence: `shows the light “${said("scene")}”` };
    default:
      return null;
  }
}

function heard(text: string, score: number): Words {
  if (text === "") return { kind: "heard", label: "hears no command", sentence: "hears nothing that it understands" };
  const sure = Number.isFinite(score) ? ` (score ${score.toFixed(2)})` : "";
  return { kind: "heard", label: `hears “${text}”`, sentence: `hears “${text}”${sure}` };
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ["call.offer", "a call"],
  ["call.accept", "an answer"],
  ["call.end", "a hang-up"],
  ["call.renewal", "a new path"],
  ["call.renewed", "the answer to a new path"],
  ["message.voice", "a voice message"],
  ["message.text", "a text message"],
]);

function verdict(act: string, because: string, kind: string): Words {
  const what = KINDS.get(kind) ?? (kind || "an envelope");
  return {
    kind: "verdict",
    act,
    label: `gate: ${act} ${what} (${because})`,
    sentence: `the gate judges ${what}: ${act}, because ${because}`,
  };
}

const CALLS: ReadonlyMap<string, string> = new Map([
  ["calling", "places a call"],
  ["ringing", "is being called"],
  ["answering", "answers"],
  ["joining", "is answered"],
  ["talking", "is in the call"],
  ["idle", "call is over"],
]);

function call(at: string): Pick<Words, "label" | "sentence"> {
  const words = CALLS.get(at) ?? `call: ${at}`;
  return { label: words, sentence: words };
}

function link(state: string): Pick<Words, "label" | "sentence"> {
  switch (state) {
    case "up":
      return { label: "hub reached", sentence: "has a link to the hub" };
    case "down":
      return { label: "hub lost", sentence: "has no link to the hub" };
    default:
      return { label: `link ${state}`, sentence: `link: ${state}` };
  }
}
