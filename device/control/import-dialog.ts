import { type Chosen, readChoice } from "./choice.ts";
import type { Listed } from "./import-file.ts";
import { showListed } from "./import-print.ts";

/** A terminal; `ask` answers null once there is no more input. */
export type Terminal = Readonly<{ ask: (question: string) => Promise<string | null>; print: (text: string) => void }>;

const PAGE = 20;
const HELP = 'Type numbers, ranges or names ("1,4-7" or "Ana"), "all", nothing for more of the list, or "q" to leave.';

/** Shows the list page by page until something is chosen and confirmed. Null: nothing is to be stored. */
export async function askForChoice(
  listed: readonly Listed[],
  { ask, print }: Terminal,
): Promise<readonly Chosen[] | null> {
  const items = listed.map(({ card }) => (card.ok ? card.contact : null));
  let shown = 0;
  for (;;) {
    if (shown < listed.length) {
      print(showListed(listed.slice(shown, shown + PAGE)));
      shown += PAGE;
    }
    const left = Math.max(0, listed.length - shown);
    const answer = (await ask(`${HELP}\n${left > 0 ? `(${left} more) ` : ""}> `))?.trim();
    if (answer === undefined || answer === "q") break;
    if (answer === "") {
      if (left === 0) shown = 0;
      continue;
    }
    const choice = answer === "all" ? allOf(listed) : readChoice(answer, items);
    if (!choice.ok) {
      print(choice.why);
      continue;
    }
    const chosen = choice.chosen.filter(({ index }) => items[index] !== null);
    if (chosen.length === 0) {
      print("There is none among these that can be stored.");
      continue;
    }
    const names = chosen.slice(0, PAGE).map(({ index }) => items[index]?.name ?? "");
    const more = chosen.length > PAGE ? ` and ${chosen.length - PAGE} more` : "";
    print(`That is ${names.join(", ").replaceAll(/\p{C}/gu, "")}${more}.`);
    const sure = await ask(
      `Store ${chosen.length === 1 ? "this one" : `these ${chosen.length}`}, without any grant? (yes/no) `,
    );
    if (sure === null) break;
    if (/^y(es)?$/i.test(sure.trim())) return chosen;
    print("Nothing was stored yet.");
  }
  print("Nothing was stored.");
  return null;
}

/** What would be left alone anyhow is not among all. */
function allOf(listed: readonly Listed[]): { ok: true; chosen: readonly Chosen[] } {
  const chosen = listed.flatMap(({ view }, index) =>
    view?.outcome === "new" || view?.outcome === "more" ? [{ index, byName: false }] : [],
  );
  return { ok: true, chosen };
}
