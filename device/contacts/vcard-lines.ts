/**
 * A vCard file as bytes, cut into cards and their lines (RFC 6350 §3.2, RFC 2426 §2.4.2; RFC 2425 §5.8.1 folds between
 * bytes, so nothing is decoded here). Whatever is broken costs its own card only. Lines that nobody wants (photos) are
 * passed over and never kept. Never throws.
 */

/** One property, unfolded: its bytes as Latin-1, and the line of the file on which it begins (from 1). */
export type ContentLine = Readonly<{ line: number; name: string; text: string }>;
export type RawCard = Readonly<{ line: number; lines: readonly ContentLine[]; fault: string | null }>;

export const MAX_CARDS = 20_000;
const MAX_LINE_BYTES = 8_192;
const MAX_LINES = 256;
/** Longer than any name of a property. */
const MAX_NAME_BYTES = 64;

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const EQUALS = 0x3d;

type Physical = Readonly<{ line: number; start: number; end: number }>;

function* physicalLines(file: Buffer): Generator<Physical> {
  const position = (of: number, from: number) => {
    const at = file.indexOf(of, from);
    return at === -1 ? file.length : at;
  };
  let lf = position(LF, 0);
  let cr = position(CR, 0);
  let line = 1;
  for (let start = 0; start < file.length; line += 1) {
    // Each is looked for again only once it was passed: a file without the one is not read to its end for every line.
    if (lf < start) lf = position(LF, start);
    if (cr < start) cr = position(CR, start);
    const end = Math.min(lf, cr);
    yield { line, start, end };
    start = end + (end === cr && lf === cr + 1 ? 2 : 1);
  }
}

/** `text` null where nobody wants it; `isLong`: it was cut. */
type Logical = { line: number; name: string; text: string | null; isLong: boolean; isQuoted: boolean; isSoft: boolean };

function* logicalLines(file: Buffer, isWanted: (name: string) => boolean): Generator<Logical> {
  let current: Logical | null = null;
  for (const { line, start, end } of physicalLines(file)) {
    const isFolded = file[start] === SPACE || file[start] === TAB;
    if (current !== null && (current.isSoft || isFolded) && end > start) {
      append(current, file.subarray(isFolded ? start + 1 : start, end));
      continue;
    }
    if (current !== null) yield current;
    const head = file.toString("latin1", start, Math.min(end, start + MAX_NAME_BYTES));
    const name = nameOf(head);
    const isQuoted = /^[^:]*;(?:encoding=)?quoted-printable/i.test(
      file.toString("latin1", start, Math.min(end, start + 256)),
    );
    current = { line, name, text: isWanted(name) ? "" : null, isLong: false, isQuoted, isSoft: false };
    append(current, file.subarray(start, end));
  }
  if (current !== null) yield current;
}

/** A quoted-printable line that ends in "=" goes on in the next (RFC 2045 §6.7, as vCard 2.1 has it). */
function append(to: Logical, bytes: Buffer): void {
  to.isSoft = to.isQuoted && bytes.at(-1) === EQUALS;
  if (to.text === null) return;
  if (to.text.length + bytes.length > MAX_LINE_BYTES) to.isLong = true;
  else to.text += bytes.toString("latin1", 0, to.isSoft ? bytes.length - 1 : bytes.length);
}

/** Upper case, without its group ("item1.TEL"). */
function nameOf(head: string): string {
  const name = /^(?:[\w-]+\.)?([\w-]+)\s*[:;]/.exec(head)?.[1];
  return name === undefined ? "" : name.toUpperCase();
}

type Open = { line: number; lines: ContentLine[]; fault: string | null; depth: number };

const NO_END = "it has no END:VCARD";

/** `wanted`: the names of properties to keep, in capitals. Stops with a fault after `MAX_CARDS`. */
export function* cardsIn(file: Buffer, wanted: ReadonlySet<string>): Generator<RawCard> {
  const isWanted = (name: string) => wanted.has(name) || name === "BEGIN" || name === "END" || name === "AGENT";
  let card: Open | null = null;
  let before = "";
  let cards = 0;
  const closed = ({ line, lines, fault }: Open, ending: string | null): RawCard => ({
    line,
    lines,
    fault: fault ?? ending,
  });
  for (const logical of logicalLines(file, isWanted)) {
    const { name, line } = logical;
    const text = logical.text ?? "";
    if (name === "BEGIN" && isVcard(text)) {
      // vCard 2.1 puts the card of an agent into the card; anywhere else the one before was not ended.
      if (card !== null && before === "AGENT") {
        card.depth += 1;
      } else {
        if (card !== null) yield closed(card, NO_END);
        cards += 1;
        if (cards > MAX_CARDS) {
          yield {
            line,
            lines: [],
            fault: `there are more than ${MAX_CARDS} cards: this one and all after it were not read`,
          };
          return;
        }
        card = { line, lines: [], fault: null, depth: 0 };
      }
    } else if (name === "END" && isVcard(text) && card !== null) {
      if (card.depth === 0) {
        yield closed(card, null);
        card = null;
      } else card.depth -= 1;
    } else if (card !== null && card.depth === 0) keep(card, logical, wanted);
    before = name === "AGENT" && /:\s*$/.test(text) ? "AGENT" : "";
  }
  if (card !== null) yield closed(card, NO_END);
}

function isVcard(text: string): boolean {
  return /:\s*vcard\s*$/i.test(text);
}

function keep(card: Open, { line, name, text, isLong }: Logical, wanted: ReadonlySet<string>): void {
  if (text === null || !wanted.has(name)) return;
  if (isLong) card.fault ??= `${name} on line ${line} has more than ${MAX_LINE_BYTES} bytes`;
  else if (card.lines.length >= MAX_LINES) card.fault ??= `it has more than ${MAX_LINES} names, numbers and addresses`;
  else card.lines.push({ line, name, text });
}
