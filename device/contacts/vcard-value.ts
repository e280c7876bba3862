import ICAL from "ical.js";
import type { ContentLine } from "./vcard-lines.ts";

/** One property's value: decoded and unescaped. A list where the property has parts (N) or several values (NICKNAME). */
export type Value = string | readonly Value[];

const DEEPEST = 3;

/**
 * The value of a line that was cut out of a card. Charset and transfer encoding are undone here (vCard 2.1 has them, and
 * so have many files that say they are 3.0), and what types a value has is left out: nothing is decided by it. Null for
 * what the parser cannot read. Never throws.
 */
export function readValue({ name, text }: ContentLine, version: string): Value | null {
  const split = splitHead(text);
  if (split === null) return null;
  const { params, value } = split;
  const charset = /;\s*charset=["']?([\w.:-]+)/i.exec(params)?.[1];
  const isQuoted = /;\s*(?:encoding=)?["']?quoted-printable/i.test(params);
  const bytes = Buffer.from(isQuoted ? unquote(value) : value, "latin1");
  const plain = decode(bytes, charset).replaceAll(/\r\n?|\n/g, "\\n");
  const parts = name === "N" || name === "NICKNAME" || name === "ORG";
  const line = `${name}${parts ? "" : ";VALUE=text"}:${plain}`;
  const { vcard, vcard3 } = ICAL.design;
  try {
    const property: unknown = ICAL.parse.property(line, version === "4.0" ? vcard : vcard3);
    return Array.isArray(property) ? valueIn(property.slice(3), 0) : null;
  } catch {
    return null;
  }
}

/** At the first colon outside quotes. */
function splitHead(text: string): { params: string; value: string } | null {
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') isQuoted = !isQuoted;
    if (text[at] === ":" && !isQuoted) return { params: text.slice(0, at), value: text.slice(at + 1) };
  }
  return null;
}

function unquote(value: string): string {
  return value.replaceAll(/=([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** What claims no charset and is not UTF-8 was most likely written by an old program in Western Europe. */
function decode(bytes: Buffer, charset = "utf-8"): string {
  for (const label of [charset, "utf-8"]) {
    try {
      return new TextDecoder(label, { fatal: true }).decode(bytes);
    } catch {
      // Not this one.
    }
  }
  return new TextDecoder("windows-1252").decode(bytes);
}

function valueIn(values: readonly unknown[], depth: number): Value | null {
  const read = values.map((value) => {
    // The parser leaves these to whoever knows that the value has no parts.
    if (typeof value === "string") return value.replaceAll("\\;", ";");
    return Array.isArray(value) && depth < DEEPEST ? (valueIn(value, depth + 1) ?? "") : "";
  });
  const [only] = read;
  return read.length === 1 && only !== undefined ? only : read;
}
