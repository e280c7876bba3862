import type { Random } from "./random.ts";

/** Bytes that decoders stumble over: ends of ranges, and CBOR's and UTF-8's odd ones. */
const ODD_BYTES = [0x00, 0x01, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1f, 0x3b, 0x5f, 0x7f, 0x80, 0x9f, 0xbf, 0xc0, 0xed];
const ODD_NUMBERS = [
  0,
  -0,
  1,
  -1,
  0.5,
  2 ** 31,
  -(2 ** 31),
  2 ** 32,
  2 ** 53,
  2 ** 53 - 1,
  -(2 ** 53),
  1e308,
  5e-324,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  8.64e15,
  60_000,
  4_102_444_800_000,
];
const ODD_KEYS = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "then",
  "length",
  "0",
  "",
  "v",
];
const ODD_TEXTS = [
  "",
  " ",
  "\0",
  "\n",
  "\r\n",
  "\u202e",
  "\u200d",
  "\ufeff",
  "\ud800",
  "\u{1f600}",
  "e\u0301",
  "İ",
  "ß",
  "\u2028",
  "'",
  '"',
  "\\",
  "%s",
  "{{x}}",
  "<speak>",
  "__proto__",
  "null",
  "NaN",
  "-1",
  "1e999",
  "٠٧٧٠٠",
  "００４４",
  "../../etc",
  "a".repeat(300),
];
const MANY = 600;

/** One to four changes of bytes; `others` are what pieces may be taken from. */
export function mutateBytes(random: Random, bytes: Uint8Array, others: readonly Uint8Array[] = []): Uint8Array {
  let after = bytes;
  for (let left = 1 + random.below(4); left > 0; left -= 1) after = mutateOnce(random, after, others);
  return after;
}

function mutateOnce(random: Random, bytes: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  const at = random.below(bytes.length + 1);
  const length = random.size(Math.max(1, bytes.length - at));
  const [before, piece, behind] = [bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at + length)];
  switch (random.below(8)) {
    case 0:
    case 1: {
      const after = Uint8Array.from(bytes);
      if (at < after.length) after[at] = (after[at] ?? 0) ^ (1 << random.below(8));
      return after;
    }
    case 2: {
      const after = Uint8Array.from(bytes);
      if (at < after.length) after[at] = random.pick(ODD_BYTES);
      return after;
    }
    case 3:
      return join(before, behind);
    case 4:
      return join(before, piece, piece, behind);
    case 5:
      return join(before, random.bytes(1 + random.size(64)), behind);
    case 6:
      return before;
    default: {
      const other = others.length > 0 ? random.pick(others) : bytes;
      return join(before, other.subarray(random.below(other.length + 1)));
    }
  }
}

export function join(...pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}

const MOST_CHARS = 256 * 1_024;

/** One to four changes of a text, by characters and by lines; `words` are what its grammar knows. */
export function mutateText(random: Random, text: string, words: readonly string[] = []): string {
  let after = text;
  for (let left = 1 + random.below(4); left > 0; left -= 1) after = mutateTextOnce(random, after, words);
  return after.slice(0, MOST_CHARS);
}

function mutateTextOnce(random: Random, text: string, words: readonly string[]): string {
  const at = random.below(text.length + 1);
  const end = at + random.size(Math.max(1, text.length - at));
  switch (random.below(8)) {
    case 0:
      return text.slice(0, at) + text.slice(end);
    case 1:
      return text.slice(0, end) + text.slice(at);
    case 2:
      return text.slice(0, at) + random.pick(ODD_TEXTS) + text.slice(at);
    case 3:
      return (
        text.slice(0, at) + String.fromCharCode(random.below(random.chance(0.8) ? 128 : 65_536)) + text.slice(at + 1)
      );
    case 4:
      return (
        text.slice(0, at) + (words.length > 0 ? random.pick(words) : "") + text.slice(random.chance(0.5) ? at : end)
      );
    case 5:
      return text.replace(/\d+/, String(random.pick(ODD_NUMBERS)));
    case 6: {
      const lines = text.split("\n");
      const line = lines[random.below(lines.length)] ?? "";
      lines.splice(random.below(lines.length), random.below(2), ...Array<string>(random.size(20)).fill(line));
      return lines.join("\n");
    }
    default: {
      const lines = text.split("\n");
      const [taken = ""] = lines.splice(random.below(lines.length), 1);
      if (random.chance(0.5)) lines.splice(random.below(lines.length + 1), 0, taken);
      return lines.join("\n");
    }
  }
}

/** Something that is not what was expected there. */
export function oddValue(random: Random): unknown {
  switch (random.below(11)) {
    case 0:
      return null;
    case 1:
      return random.chance(0.5);
    case 2:
      return random.pick(ODD_NUMBERS);
    case 3:
      return random.below(2 ** 32);
    case 4:
    case 5:
      return random.pick(ODD_TEXTS);
    case 6:
      return random.bytes(random.size(80));
    case 7:
      return [];
    case 8:
      return nested(random, random.chance(0.05) ? MANY : random.size(40));
    case 9:
      return keyed({}, random.pick(ODD_KEYS), random.pick(ODD_TEXTS));
    default:
      return Array.from({ length: random.chance(0.02) ? MANY : random.size(20) }, () => random.pick(ODD_NUMBERS));
  }
}

function nested(random: Random, depth: number): unknown {
  let value: unknown = random.pick(ODD_TEXTS);
  for (let level = 0; level < depth; level += 1) value = random.chance(0.5) ? [value] : { a: value };
  return value;
}

/** A copy with one more key of its own, `__proto__` too. */
function keyed(value: object, key: string, more: unknown): object {
  const copy = { ...value };
  Object.defineProperty(copy, key, { value: more, enumerable: true, configurable: true, writable: true });
  return copy;
}

/** One to three changes somewhere in a tree of maps, lists and single values. */
export function mutateValue(random: Random, value: unknown): unknown {
  let after = value;
  for (let left = 1 + random.below(3); left > 0; left -= 1) after = mutateNode(random, after);
  return after;
}

function mutateNode(random: Random, value: unknown): unknown {
  if (random.chance(0.12)) return oddValue(random);
  if (Array.isArray(value)) return mutateList(random, value);
  if (value instanceof Uint8Array) return mutateBytes(random, value);
  if (typeof value === "object" && value !== null) return mutateMap(random, value);
  if (typeof value === "string") return random.chance(0.5) ? mutateText(random, value) : oddValue(random);
  if (typeof value === "number")
    return random.chance(0.5) ? value + random.pick(ODD_NUMBERS) : random.pick(ODD_NUMBERS);
  return oddValue(random);
}

function mutateList(random: Random, list: readonly unknown[]): unknown {
  const after = [...list];
  const at = random.below(after.length + 1);
  switch (random.below(4)) {
    case 0:
      after.splice(at, 1);
      break;
    case 1:
      after.splice(at, 0, oddValue(random));
      break;
    case 2:
      after.push(...after.slice(0, random.size(after.length + 1)));
      break;
    default:
      if (at < after.length) after[at] = mutateNode(random, after[at]);
  }
  return after;
}

function mutateMap(random: Random, map: object): unknown {
  const entries = Object.entries(map);
  if (entries.length === 0 || random.chance(0.15)) return keyed(map, random.pick(ODD_KEYS), oddValue(random));
  const [key, value] = random.pick(entries);
  if (random.chance(0.15)) return Object.fromEntries(entries.filter(([each]) => each !== key));
  if (random.chance(0.1)) return keyed(map, random.pick(entries)[0], value);
  return keyed(map, key, mutateNode(random, value));
}
