import type { Book } from "#device/gate/book.ts";
import { decide } from "#device/gate/decide.ts";
import { readBook } from "#scripts/gate/book-file.ts";
import { readCase } from "#scripts/gate/case-file.ts";
import { BadFile } from "#scripts/gate/read-json.ts";
import { ANA, CALLERS, OWNER } from "../cast.ts";
import { mutateText, mutateValue } from "../mutate.ts";
import type { Random } from "../random.ts";
import { broken, stateless, type Target } from "../target.ts";

const BOOK = {
  region: "GB",
  timeZone: "Europe/London",
  calling: "on",
  kids: false,
  unknown: "hold",
  owner: OWNER,
  people: [
    {
      id: "mum",
      name: "Mum",
      aliases: ["mother"],
      accounts: [ANA],
      numbers: ["020 7946 0018"],
      addresses: ["ana@example.org"],
      grants: ["ring", "message"],
      hours: [{ grant: "ring", from: "17:00", to: "18:00", days: ["mon", "tue"] }],
    },
    { id: "zed", name: "Zed", accounts: [CALLERS[2].sealer.account] },
  ],
  blocks: [{ person: "zed" }, { number: "07700 900123" }, { prefix: "+44 909" }, { withheld: true }, { unknown: true }],
  quietHours: [{ from: "22:00", to: "07:00", days: ["mon", "sun"], except: ["mum"] }],
};
const CASE = {
  id: "c1",
  kind: "call",
  at: "2026-11-22T23:10:00Z",
  clockTrusted: true,
  from: { account: ANA, number: "+44 7700 900123", numberAttested: false, name: "Mum", withheld: false },
  signature: "valid",
  to: OWNER,
  fresh: true,
  replayed: false,
  members: [{ account: ANA }],
};
const WORDS = [
  '"',
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "\\",
  '"id":"mum"',
  "null",
  "1e999",
  "+44",
  "anonymous",
  "0044",
  "(0)",
  "ext. 5",
];
const GOOD = readBook(JSON.stringify(BOOK));

/** Both ways: a text that is no JSON any more, and JSON that is no book. */
function wildJson(random: Random, value: unknown): string {
  const text =
    JSON.stringify(random.chance(0.7) ? mutateValue(random, value) : value, null, random.pick([0, 0, 2])) ?? "";
  return random.chance(0.4) ? mutateText(random, text, WORDS) : text;
}

/** A fault is told with its line; anything else that is thrown is a crash of the tool. */
function reading<T>(text: string, read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof BadFile)) throw error;
    if (!(error.line >= 1 && error.line <= text.split("\n").length))
      broken(`a fault in line ${error.line} of ${text.split("\n").length}`);
    if (error.message === "") broken("a fault that says nothing");
    return null;
  }
}

export const bookFile: Target = {
  name: "book-file",
  meets: ["book", "fault"],
  open: stateless((random) => {
    const text = wildJson(random, BOOK);
    const book = reading(text, () => readBook(text));
    if (book === null) return "fault";
    judge(book, JSON.stringify(CASE));
    return "book";
  }),
};

export const caseFile: Target = {
  name: "case-file",
  meets: ["admit", "take-message", "hold", "drop", "fault"],
  open: stateless((random) => {
    const account = random.pick([ANA, ANA, CALLERS[3].sealer.account]);
    const plain = { ...CASE, from: { account }, members: [], at: "2026-11-23T17:10:00Z" };
    const line = wildJson(random, random.chance(0.5) ? plain : CASE);
    return judge({ ...GOOD, blocks: random.chance(0.5) ? [] : GOOD.blocks }, line);
  }),
};

function judge(book: Book, line: string): string {
  const read = reading(line, () => readCase(line, book));
  if (read === null) return "fault";
  const { act, because } = decide(read.request, book, read.now);
  if (typeof because !== "string") broken("a verdict without a reason");
  const { from, signature, to, replayed } = read.request;
  if (act !== "drop" && (signature !== "valid" || to !== book.owner || replayed))
    broken("what is not signed to the owner gets in");
  if (act === "admit" && from !== ANA && read.request.number?.attested === undefined) broken("a stranger gets in");
  return act;
}
