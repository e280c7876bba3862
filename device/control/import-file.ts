import { type Contact, MAX_FILE_BYTES, type ReadCard, readCards } from "../contacts/vcard.ts";
import type { Card } from "../store/change-import.ts";
import { EXIT, Failure, type Unit } from "./cli-unit.ts";
import { readWhole } from "./files.ts";
import { type CardView, MAX_CARDS } from "./import-views.ts";

/** A card of the file with its number and what would become of it; `view` null for one that is faulty. */
export type Listed = Readonly<{ number: number; card: ReadCard; view: CardView | null }>;

/** A line may have 64 KiB. */
const MAX_BATCH_CHARS = 24 * 1024;

/** Reads the file in this process; the unit is asked only what it knows of each card. */
export async function listFile(unit: Unit, path: string): Promise<Listed[]> {
  const file = await readWhole(path, MAX_FILE_BYTES);
  const { region } = await unit.ask({ do: "rules" });
  const cards = [...readCards(file, region)];
  if (cards.length === 0) throw new Failure(EXIT.usage, `there is no vCard in ${path}: it should hold BEGIN:VCARD`);
  const contacts = cards.flatMap((card) => (card.ok ? [cardOf(card.contact)] : []));
  const views = await inBatches(contacts, async (batch) => (await unit.ask({ do: "import-look", cards: batch })).cards);
  return cards.map((card, index) => ({
    number: index + 1,
    card,
    view: card.ok ? (views.shift() ?? null) : null,
  }));
}

export function cardOf({ name, aliases, accounts, numbers, addresses }: Contact) {
  const readings = numbers.map((each) => [...each]);
  return { name, aliases: [...aliases], accounts: [...accounts], numbers: readings, addresses: [...addresses] };
}

/** As many at once as one request holds; `ask` answers one for each. */
export async function inBatches<Sent extends Card>(
  cards: readonly Sent[],
  ask: (batch: Sent[]) => Promise<readonly CardView[]>,
): Promise<CardView[]> {
  const views: CardView[] = [];
  let batch: Sent[] = [];
  let chars = 0;
  const flush = async () => {
    if (batch.length > 0) views.push(...(await ask(batch)));
    batch = [];
    chars = 0;
  };
  for (const card of cards) {
    const length = JSON.stringify(card).length;
    if (batch.length >= MAX_CARDS || chars + length > MAX_BATCH_CHARS) await flush();
    batch.push(card);
    chars += length;
  }
  await flush();
  return views;
}
