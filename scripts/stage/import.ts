import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { toBase32 } from "#device/keys/base32.ts";
import type { Home } from "./home.ts";
import { mustBeNothing, whatCameOutOf } from "./watch.ts";

const CLI = fileURLToPath(new URL("../../device/control/cli.ts", import.meta.url));
const CARDS = 500;

/** What Ben says behind `porter import FILE`, before and after he has deleted Mallory. Controls say something else. */
export type Ticks = Readonly<{ first: readonly string[]; again: readonly string[] }>;
export const NO_TICKS: Ticks = { first: [], again: ["--only", "Mallory"] };

const Cards = v.object({
  cards: v.array(v.object({ name: v.optional(v.string()), outcome: v.string() })),
});
type Card = v.InferOutput<typeof Cards>["cards"][number];

/**
 * 500 contacts from a phone, Ana and Mallory (whom Ben blocks) among them, by the real command line. Listing them
 * changes nothing; Mallory, deleted, comes back by no second import, and still gets no further than Ben's gate.
 */
export async function importNothing(
  ben: Home,
  people: { ana: Home; mallory: Home },
  ticks = NO_TICKS,
): Promise<string> {
  const { mallory } = people;
  const file = join(ben.unit.folder, "contacts.vcf");
  await writeFile(file, await contacts({ ...people }));
  const before = await bookOf(ben);
  const listed = await porterImport(ben, file, ticks.first);
  if ((await bookOf(ben)) !== before) throw new Error("the import changed Ben's book, though nothing was ticked");
  if (listed.length !== CARDS) throw new Error(`${listed.length} cards were listed, not ${CARDS}`);
  if (outcomeOf(listed, "Mallory") !== "known") throw new Error("Mallory should be known from Ben's book");
  await callsInVain(mallory, ben);

  await ben.unit.ask({ do: "person-remove", who: "Mallory" });
  const again = await porterImport(ben, file, ticks.again);
  const { people: left } = await ben.unit.ask({ do: "person-list" });
  if (left.some(({ name }) => name === "Mallory")) throw new Error("the second import brought Mallory back");
  if (outcomeOf(again, "Mallory") !== "deleted") throw new Error("the second import did not know that she was deleted");
  const ana = left.find(({ name }) => name === "Ana");
  if (ana?.accounts.length !== 1) throw new Error("the import changed what Ben has of Ana");
  await callsInVain(mallory, ben);
  return `${listed.length} cards listed, none stored, the book unchanged; deleted, Mallory stays gone, and blocked`;
}

/** She is dropped at the gate, as before, and nothing comes out of Ben's home. */
async function callsInVain(mallory: Home, ben: Home): Promise<void> {
  const since = Date.now();
  await mallory.unit.ask({ do: "call", who: "Ben" });
  await ben.unit.happens(
    "the gate's verdict",
    ({ event, detail }) => event === "journal" && detail?.because === "blocked",
    { since },
  );
  await mallory.unit.ask({ do: "hang-up" });
  mustBeNothing("something came out of Ben's home", await whatCameOutOf(ben, since, Date.now()));
}

function outcomeOf(cards: readonly Card[], wanted: string): string | undefined {
  return cards.find(({ name }) => name === wanted)?.outcome;
}

/** All that decides who may reach Ben, as one text. */
async function bookOf({ unit }: Home): Promise<string> {
  const [{ people }, rules] = await Promise.all([unit.ask({ do: "person-list" }), unit.ask({ do: "rules" })]);
  return JSON.stringify({ people, rules });
}

/** A command that left a card alone says so by its exit status; what it printed counts. */
async function porterImport({ unit }: Home, file: string, ticks: readonly string[]): Promise<readonly Card[]> {
  const socket = join(unit.folder, "data", "control.sock");
  const args = [CLI, "--socket", socket, "import", file, "--json", ...ticks];
  const { out, err } = await new Promise<{ out: string; err: string }>((resolve) => {
    execFile(process.execPath, args, { maxBuffer: 8 * 1_024 * 1_024 }, (_, stdout, stderr) => {
      resolve({ out: stdout, err: stderr });
    });
  });
  if (out === "") throw new Error(`porter import: ${err.trim()}`);
  return v.parse(Cards, JSON.parse(out)).cards;
}

async function contacts({ ana, mallory }: { ana: Home; mallory: Home }): Promise<string> {
  const cards = [
    card("Ana", [`IMPP:porter:${await ana.account()}`]),
    card("Mallory", [`IMPP:porter:${await mallory.account()}`]),
  ];
  for (let number = cards.length + 1; number <= CARDS; number += 1) {
    const digits = String(number).padStart(3, "0");
    const id = toBase32(new Uint8Array(32).fill(number % 251));
    cards.push(card(`Contact ${digits}`, [`TEL;TYPE=CELL:07700 900${digits}`, `IMPP:porter:${id}`]));
  }
  return cards.join("");
}

function card(name: string, lines: readonly string[]): string {
  return ["BEGIN:VCARD", "VERSION:3.0", `FN:${name}`, ...lines, "END:VCARD", ""].join("\r\n");
}
