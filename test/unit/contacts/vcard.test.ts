import fc from "fast-check";
import { expect, test } from "vitest";
import { type Contact, readCards } from "#device/contacts/vcard.ts";
import { MAX_CARDS } from "#device/contacts/vcard-lines.ts";
import { account } from "../store/fixtures.ts";

const BEN = account("ben");

function read(file: string | Buffer): (Contact | string)[] {
  const bytes = typeof file === "string" ? Buffer.from(file) : file;
  return [...readCards(bytes, "GB")].map((each) => (each.ok ? each.contact : `${each.line}: ${each.why}`));
}

/** The one contact of a card with these lines. */
function card(...lines: string[]): Contact | string | undefined {
  return read(["BEGIN:VCARD", ...lines, "END:VCARD", ""].join("\r\n"))[0];
}

test("a 3.0 card is read with its names, numbers, addresses and account", () => {
  const lines = [
    "VERSION:3.0",
    "N:Silva;Ana;;Dr.;",
    "FN:Dr. Ana Silva",
    "NICKNAME:Nan,Annie",
    "item1.TEL;type=CELL;type=VOICE:07700 900123",
    "item1.X-ABLabel:mobile",
    "TEL;TYPE=home:+44 (0)20 7946 0018",
    "EMAIL;TYPE=INTERNET:ana@example.org",
    `IMPP;X-SERVICE-TYPE=Porter:porter:${BEN.toUpperCase()}`,
    "IMPP:xmpp:ana@example.org",
    "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQ",
    " AAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQE",
    "NOTE:TEL:+44 1632 960999",
  ];
  expect(card(...lines)).toEqual({
    line: 1,
    name: "Dr. Ana Silva",
    aliases: ["Nan", "Annie"],
    accounts: [BEN],
    numbers: [["+447700900123"], ["+442079460018"]],
    addresses: ["ana@example.org"],
    leftOut: [],
  });
});

test.each<[string, string[], Partial<Contact>]>([
  [
    "a telephone as a URI",
    ["VERSION:4.0", "FN:A", "TEL;VALUE=uri:tel:+44-20-7946-0018;ext=12"],
    { numbers: [["+442079460018"]] },
  ],
  ["a quoted parameter with a colon in it", ["FN:A", 'TEL;X="a:b;c":020 7946 0018'], { numbers: [["+442079460018"]] }],
  ["the bare types of 2.1", ["VERSION:2.1", "FN:A", "TEL;CELL;VOICE:020 7946 0018"], { numbers: [["+442079460018"]] }],
  ["quoted-printable in another charset", ["FN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:J=F6rg"], { name: "Jörg" }],
  [
    "quoted-printable over several lines",
    ["FN;QUOTED-PRINTABLE;CHARSET=UTF-8:J=C3=B6rg =", "M=C3=BCller"],
    { name: "Jörg Müller" },
  ],
  [
    "quoted-printable that hides another line",
    ["FN:A", "NOTE;ENCODING=QUOTED-PRINTABLE:x=", "TEL:020 7946 0018"],
    { numbers: [] },
  ],
  ["a folded name", ["FN:Ana Sil", " va"], { name: "Ana Silva" }],
  ["a name folded by a tab", ["FN:Ana ", "\tSilva"], { name: "Ana Silva" }],
  ["escaped commas and semicolons", ["FN:Silva\\, Ana\\; Dr."], { name: "Silva, Ana; Dr." }],
  ["an escaped line feed", ["FN:Ana\\nSilva"], { name: "Ana Silva" }],
  ["only the parts of a name", ["N:Silva;Ana;Maria;Dr.;MD"], { name: "Dr. Ana Maria Silva MD" }],
  ["only a firm", ["ORG:Acme;Sales"], { name: "Acme Sales" }],
  ["only a nickname", ["NICKNAME:Nan"], { name: "Nan", aliases: [] }],
  ["lower case", ["version:3.0", "fn:Ana", "tel;type=cell:020 7946 0018"], { numbers: [["+442079460018"]] }],
  [
    "a number twice, in two writings",
    ["FN:A", "TEL:020 7946 0018", "TEL:+442079460018"],
    { numbers: [["+442079460018"]] },
  ],
  ["an account by a property of its own", ["FN:A", `X-PORTER:${BEN}`], { accounts: [BEN] }],
  [
    "an account that is none",
    ["FN:A", "IMPP:porter:hello"],
    { accounts: [], leftOut: ["IMPP on line 3 is no account id"] },
  ],
  ["a number that is none", ["FN:A", "TEL:none"], { numbers: [], leftOut: ["TEL on line 3 is no number"] }],
  ["an address that is none", ["FN:A", "EMAIL:at home"], { addresses: [], leftOut: ["EMAIL on line 3 is no address"] }],
  [
    "a card of an agent inside",
    ["FN:A", "AGENT:", "BEGIN:VCARD", "FN:B", "TEL:020 7946 0018", "END:VCARD"],
    { name: "A", numbers: [] },
  ],
  [
    "names of what every object has",
    ["FN:__proto__", "constructor:x", "__proto__;a=b:c", "TEL;__proto__=x:020 7946 0018"],
    { name: "__proto__", numbers: [["+442079460018"]] },
  ],
  ["control and bidirectional characters", ["FN:A\u202Ena\u0007 \u2066Sil\u200Bva\u0000"], { name: "Ana Silva" }],
  ["a name without end", [`FN:${"👋a".repeat(400)}`], { name: "👋a".repeat(21) }],
])("%s: read as it is meant", (_, lines, expected) => {
  expect(card(...lines)).toMatchObject(expected);
});

test.each<[string, string]>([
  ["CRLF", "\r\n"],
  ["LF", "\n"],
  ["CR", "\r"],
])("lines may end in %s", (_, end) => {
  const file = [
    "BEGIN:VCARD",
    "FN:Ana",
    "TEL:020 7946",
    " 0018",
    "END:VCARD",
    "BEGIN:VCARD",
    "FN:Ben",
    "END:VCARD",
  ].join(end);
  expect(read(file)).toMatchObject([
    { line: 1, name: "Ana", numbers: [["+442079460018"]] },
    { line: 6, name: "Ben" },
  ]);
});

test("a mark of UTF-8 or UTF-16 at the start is no part of the file, and Latin-1 is not mistaken for UTF-8", () => {
  const text = "BEGIN:VCARD\r\nFN:Jörg\r\nEND:VCARD\r\n";
  expect(read(`\uFEFF${text}`)).toMatchObject([{ name: "Jörg" }]);
  expect(read(Buffer.from(`\uFEFF${text}`, "utf16le"))).toMatchObject([{ name: "Jörg" }]);
  expect(read(Buffer.from(`\uFEFF${text}`, "utf16le").swap16())).toMatchObject([{ name: "Jörg" }]);
  expect(read(Buffer.from(text, "latin1"))).toMatchObject([{ name: "Jörg" }]);
});

test("a bad card costs that card alone, and is told with its line and the reason", () => {
  const good = (name: string) => `BEGIN:VCARD\nFN:${name}\nEND:VCARD\n`;
  const crowd = Array.from({ length: 17 }, (_, at) => `TEL:020 7946 00${at + 10}\n`).join("");
  const parts = [
    good("Ana"),
    "BEGIN:VCARD\nTEL:020 7946 0018\nEND:VCARD\n",
    good("Ben"),
    "BEGIN:VCARD\nFN:Cut off\n",
    good("Cora"),
    `BEGIN:VCARD\nFN:${"x".repeat(10_000)}\nEND:VCARD\n`,
    good("Dan"),
    `BEGIN:VCARD\nFN:Many\n${crowd}END:VCARD\n`,
    "junk\u0000\nEND:VCARD\n",
    good("Eve"),
    "BEGIN:VCARD\nFN:The last",
  ];
  expect(read(parts.join("")).map((each) => (typeof each === "string" ? each : each.name))).toEqual([
    "Ana",
    "4: it has no name",
    "Ben",
    "10: it has no END:VCARD",
    "Cora",
    "15: FN on line 16 has more than 8192 bytes",
    "Dan",
    "21: it has more than 16 numbers",
    "Eve",
    "46: it has no END:VCARD",
  ]);
});

test("an agent's card that never ends does not swallow the cards after it", () => {
  const file = "BEGIN:VCARD\nFN:A\nAGENT:\nBEGIN:VCARD\nFN:B\nBEGIN:VCARD\nFN:Cora\nEND:VCARD\n";
  expect(read(file)).toMatchObject(["1: it has no END:VCARD", { line: 6, name: "Cora" }]);
});

test("what begins more cards than any address book has is not read to its end", () => {
  const cards = read("BEGIN:VCARD\n".repeat(MAX_CARDS + 1_000));
  expect(cards).toHaveLength(MAX_CARDS + 1);
  expect(cards.at(-1)).toContain("were not read");
});

/** A pattern that went back and forth, or a search from the start for every line, would take minutes for each. */
test.each<[string, string]>([
  ["one line of 8 MB", "BEGIN:VCARD\nFN:".padEnd(8_000_000, 'a;=:"')],
  ["500,000 folds", `BEGIN:VCARD\nTEL:${"\n 1".repeat(500_000)}\nEND:VCARD\n`],
  ["500,000 empty lines", `BEGIN:VCARD\n${"\r".repeat(500_000)}FN:A\rEND:VCARD\n`],
  ["quotes that never close", `BEGIN:VCARD\n${`TEL;${'"'.repeat(8_000)}:\n`.repeat(200)}END:VCARD\n`],
  ["parameters without end", `BEGIN:VCARD\n${`FN${";a=".repeat(2_600)}:b\n`.repeat(200)}END:VCARD\n`],
  ["separators without end", `BEGIN:VCARD\n${`N:${";,".repeat(4_000)}\n`.repeat(200)}END:VCARD\n`],
  ["agents in agents", "BEGIN:VCARD\nAGENT:\n".repeat(100_000)],
])("%s: done at once", (_, file) => {
  const startMs = performance.now();
  expect(read(file).length).toBeLessThanOrEqual(1);
  expect(performance.now() - startMs).toBeLessThan(10_000);
});

const token = fc.constantFrom(
  ..."BEGIN:VCARD|END:VCARD|BEGIN:|VERSION:4.0|VERSION:2.1|FN|N|TEL|EMAIL|IMPP|X-PORTER|NICKNAME|AGENT:|;|:|=|,|\\|\"|\n|\r|\r\n|\n |\t|a|1|+44|porter:|;VALUE=uri|;CHARSET=utf-16|;CHARSET=x|;ENCODING=QUOTED-PRINTABLE|=C3|=\n|\u0000|\u202E|é|.|^'".split(
    "|",
  ),
);

test("whatever a file holds, reading it ends, and what it hands on can be stored", () => {
  const files = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.array(token, { maxLength: 60 }).map((tokens) => Buffer.from(tokens.join(""))),
    fc
      .array(token, { maxLength: 60 })
      .map((tokens) => Buffer.from(`BEGIN:VCARD\nFN:A\n${tokens.join("")}\nEND:VCARD\n`)),
  );
  fc.assert(
    fc.property(files, (file) => {
      for (const each of read(file)) {
        if (typeof each === "string") continue;
        for (const name of [each.name, ...each.aliases]) {
          expect(name).toMatch(/^\P{C}{1,64}$/u);
          expect(name).toMatch(/[\p{L}\p{N}]/u);
        }
        for (const number of each.numbers.flat()) expect(number).toMatch(/^\+?\d{1,40}$/);
        for (const id of each.accounts) expect(id).toMatch(/^[a-z2-7]{52}$/);
        for (const address of each.addresses) expect(address).toMatch(/^\S+@\S+$/);
      }
    }),
    { numRuns: 3_000 },
  );
});

test("a number that no unit would store is left out, and does not cost the card", () => {
  const lines = ["VERSION:3.0", "FN:Ana", "TEL:+4", "TEL:+020 7946 0018"];
  expect(card(...lines)).toMatchObject({
    name: "Ana",
    numbers: [["+442079460018"]],
    leftOut: [expect.stringContaining("TEL")],
  });
});
