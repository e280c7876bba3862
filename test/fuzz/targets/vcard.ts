import * as v from "valibot";
import { readCards } from "#device/contacts/vcard.ts";
import { cardFields } from "#device/control/import-views.ts";
import { ANA } from "../cast.ts";
import { mutateBytes, mutateText } from "../mutate.ts";
import type { Random } from "../random.ts";
import { broken, stateless, type Target } from "../target.ts";

const CARDS = [
  [
    "BEGIN:VCARD",
    "VERSION:3.0",
    "N:Silva;Ana;;Dr.;",
    "FN:Dr. Ana Silva",
    "NICKNAME:Nan,Annie",
    "item1.TEL;type=CELL:07700 900123",
    "TEL;TYPE=home:+44 (0)20 7946 0018",
    "EMAIL;TYPE=INTERNET:ana@example.org",
    `IMPP;X-SERVICE-TYPE=Porter:porter:${ANA}`,
    "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQ",
    " AAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQE",
    "END:VCARD",
    "",
  ],
  [
    "BEGIN:VCARD",
    "VERSION:4.0",
    "FN;LANGUAGE=pt:Ana\\, a médica",
    "TEL;VALUE=uri:tel:+44-20-7946-0018;ext=5",
    "IMPP:porter:nobody",
    "EMAIL;PREF=1:ana@example.org",
    "ORG:Acme\\;Co;Unit",
    "END:VCARD",
    "",
  ],
  [
    "BEGIN:VCARD",
    "VERSION:2.1",
    "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Zo=C3=AB;M=C3=",
    "=BCller",
    "TEL;CELL:020 7946 0018",
    "END:VCARD",
    "",
  ],
].map((lines) => lines.join("\r\n"));
const WORDS = [
  "BEGIN:VCARD\r\n",
  "END:VCARD\r\n",
  "VERSION:",
  "\r\n ",
  "\r\n\t",
  "=\r\n",
  "=C3=",
  ";ENCODING=QUOTED-PRINTABLE:",
  ";CHARSET=UTF-16:",
  "TEL:",
  "TEL:+0 20 7946 0018\r\n",
  "FN:\r\n",
  "N:;;;;\r\n",
  ":",
  ";",
  "\\",
  "\\n",
  ",",
  '"',
  "NICKNAME:",
  "X-PORTER:",
  "item1.",
  "^n",
  "\u202e",
  "<speak>",
];
const Card = v.strictObject(cardFields);

/** A file of contacts from anyone, to what the unit would be asked to take. */
export const vcard: Target = {
  name: "vcard",
  meets: ["contacts", "faults", "none"],
  open: stateless((random) => {
    const bytes = Buffer.from(wildFile(random));
    let [contacts, faults] = [0, 0];
    for (const card of readCards(bytes, "GB")) {
      if (!card.ok) {
        if (card.why === "" || card.line < 1) broken("a fault that says nothing");
        faults += 1;
        continue;
      }
      contacts += 1;
      const { line: _line, leftOut: _leftOut, ...fields } = card.contact;
      const fits = v.safeParse(Card, fields);
      if (!fits.success) broken(`a contact that the unit would refuse: ${v.summarize(fits.issues)}`);
    }
    return contacts > 0 ? "contacts" : faults > 0 ? "faults" : "none";
  }),
};

function wildFile(random: Random): Uint8Array {
  const text = Array.from({ length: 1 + random.below(3) }, () => random.pick(CARDS)).join("");
  const mutated = mutateText(random, text, WORDS);
  const bytes = Buffer.from(mutated, random.chance(0.05) ? "utf16le" : "utf8");
  if (random.chance(0.05)) return Buffer.concat([Buffer.of(0xff, 0xfe), bytes]);
  return random.chance(0.3) ? mutateBytes(random, bytes) : bytes;
}
