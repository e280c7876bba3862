import { createHash } from "node:crypto";
import { noLog } from "#base/log.ts";
import { readNumber, readPrefix } from "#device/number.ts";
import { openJournal } from "#device/store/journal.ts";
import { verifyExport, writeExport } from "#device/store/journal-file.ts";
import { JournalRows } from "#device/store/journal-rows.ts";
import { parse } from "#device/voice/intent.ts";
import { speakable } from "#device/voice/speakable.ts";
import { encodeCbor } from "#device/wire/cbor.ts";
import { FakeClock } from "#test/house/fake-clock.ts";
import { NOON_MS, OWNER } from "../cast.ts";
import { memoryDb, SIGNER } from "../memory-unit.ts";
import { mutateText } from "../mutate.ts";
import type { Random } from "../random.ts";
import { broken, stateless, type Target } from "../target.ts";

/** A short journal of both strands, as its owner would hand it on. */
async function exported(): Promise<string> {
  const [db, clock] = [memoryDb(), new FakeClock(NOON_MS)];
  const journal = openJournal({ db, signer: SIGNER, clock, log: noLog });
  for (let line = 0; line < 12; line += 1) {
    journal.append({ atMs: clock.nowMs(), what: "change", by: "cli", detail: `grant ana ${line}` });
    journal.append({
      atMs: clock.nowMs(),
      what: "verdict",
      account: OWNER,
      act: "drop",
      because: "blocked",
      by: "gate",
    });
    clock.advance(61_000);
  }
  journal[Symbol.dispose]();
  const rows = new JournalRows(db, OWNER);
  const text = await writeExport(
    { lines: rows.chained(), checkpoints: rows.checkpoints(), before: ["{}"] },
    SIGNER,
    clock.nowMs(),
  );
  db.close();
  return text;
}

const WORDS = [
  '"',
  "{",
  "}",
  ",",
  '"strand":"single"',
  '"number":1',
  '"salt":"AA"',
  "\n",
  '{"before":"x"}',
  '{"porter":"journal"}',
  "null",
];

/** As if the unit had signed whatever stands there: what is below the signature is looked at too. */
function signedAnew(text: string): string {
  const above = text.slice(0, text.lastIndexOf("\n", text.length - 2) + 1);
  const sha256 = createHash("sha256").update(above).digest();
  const end = encodeCbor({ v: 1, account: OWNER, at: NOON_MS + 3_600_000, sha256: new Uint8Array(sha256) });
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
  const signed = {
    end: base64(end),
    signature: base64(SIGNER.signJournal("export", end)),
    certificate: base64(SIGNER.certificate),
  };
  return `${above}${JSON.stringify(signed)}\n`;
}

export const journalFile: Target = {
  name: "journal-file",
  meets: ["holds", "does not hold", "unread"],
  async open() {
    const genuine = await exported();
    const attack = (random: Random) => {
      const mutated = random.chance(0.05) ? genuine : mutateText(random, genuine, WORDS);
      const isSigned = random.chance(0.6);
      const text = isSigned ? signedAnew(mutated) : mutated;
      const report = verifyExport(text, OWNER);
      if (!report.read) return "unread";
      if (!isSigned && text !== genuine) broken("a file that was altered since it was signed was read");
      return report.report.holds ? "holds" : "does not hold";
    };
    return { attack, [Symbol.asyncDispose]: async () => undefined };
  },
};

const SPOKEN = [
  "call ana",
  "block that caller",
  "please call back",
  "computer unblock mum",
  "turn calling off",
  "who called",
  "yes please",
];
const SPOKEN_WORDS = [
  "call ",
  "block ",
  "computer ",
  "please ",
  " and ",
  "the ",
  "ana ",
  "porter",
  " back",
  "é",
  "mother's ",
];

export const words: Target = {
  name: "words",
  meets: ["nothing", "call", "block", "name"],
  open: stateless((random) => {
    const text = mutateText(random, random.pick(SPOKEN), SPOKEN_WORDS);
    if (random.chance(0.7)) return parse(text)?.type ?? "nothing";
    const name = speakable(text);
    if (/[\p{C}<>&\\]/u.test(name) || /computer/i.test(name) || name === "")
      broken(`a name that is not fit to be spoken: ${name}`);
    return "name";
  }),
};

const NUMBERS = [
  "020 7946 0018",
  "+44 (0)20 7946 0018",
  "0044 7700 900123",
  "+54 9 11 2345-6789",
  "٠٧٧٠٠ ٩٠٠١٢٣",
  "06 1234 5678",
  "tel:+1-201-555-0123;ext=5",
];
const NUMBER_WORDS = ["+", "00", "(0)", "ext. ", "#", ";", "٠", "０", " ", "-", "x", "011"];

export const numbers: Target = {
  name: "numbers",
  meets: ["number", "none"],
  open: stateless((random) => {
    const text = mutateText(random, random.pick(NUMBERS), NUMBER_WORDS);
    const region = random.pick(["GB", "IT", "US", "AR", "MX", "DE"]);
    const keys = random.chance(0.8) ? readNumber(text, region) : readPrefix(text, region);
    for (const key of keys) if (!/^(\+[1-9]\d{0,39}|\d{1,40})$/.test(key)) broken(`a number that is none: ${key}`);
    return keys.length > 0 ? "number" : "none";
  }),
};
