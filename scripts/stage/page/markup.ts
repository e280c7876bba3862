/** HTML that is safe as it stands. Only `markup` and `trusted` make it; any other string is escaped on its way in. */
export class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

type Piece = string | number | Markup | readonly Markup[];

/** Takes the template as it is written, and escapes what is put into it. */
export function markup(written: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  let text = written[0] ?? "";
  for (const [at, piece] of pieces.entries()) text += inserted(piece) + (written[at + 1] ?? "");
  return new Markup(text);
}

/** For what is written in these files (style, script): never for data. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

export const NOTHING = new Markup("");

function inserted(piece: Piece): string {
  if (piece instanceof Markup) return piece.toString();
  if (typeof piece === "number") return Number.isFinite(piece) ? String(Math.round(piece * 10) / 10) : "0";
  if (typeof piece === "string") return escaped(piece);
  return piece.map(String).join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Control and direction characters, which would hide or turn around what follows, are shown as U+FFFD. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, (char) => (/\s/u.test(char) ? " " : "\uFFFD"))
    .replaceAll(/[&<>"']/gu, (char) => ENTITIES[char] ?? "");
}
