/** One piece of TypeScript that can hold an import: a word, a string (without its quotes) or a sign. Nothing else. */
type Token = Readonly<{ kind: "word" | "string" | "template" | "sign"; text: string }>;

/** What one import statement, `export … from`, `import()` or `require()` brings in. */
export type Import = Readonly<{
  /** As written; null where it is computed, so that nobody can tell. */
  from: string | null;
  /** True where it leaves nothing behind when the types are stripped. */
  typeOnly: boolean;
  /** As they are called where they come from; `*` for all. */
  names: readonly string[];
  /** Names that are called something else here. */
  renamed: readonly string[];
}>;

/** After these a slash begins a regular expression; after anything else it divides. */
const BEFORE_REGEX_SIGNS = new Set("(,=:[!&|?{};+-*%~^<>");
const BEFORE_REGEX_WORDS = new Set(["return", "typeof", "case", "in", "of", "do", "else", "void", "delete", "await"]);

const TOKENS =
  /(?<space>\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|^#![^\n]*)|(?<string>"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*')|(?<word>[\p{L}\p{N}_$#]+)|(?<sign>[\s\S])/uy;
const REGEX = /\/(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/uy;

/** Splits a source into what matters here; comments, regular expressions and the text of templates are left out. */
function scan(source: string): Token[] {
  const tokens: Token[] = [];
  scanFrom(source, 0, tokens, false);
  return tokens;
}

/** Returns where it stopped: at the end, or (`inTemplate`) after the brace that ends the template's expression. */
function scanFrom(source: string, start: number, tokens: Token[], inTemplate: boolean): number {
  let at = start;
  let depth = 0;
  while (at < source.length) {
    if (source[at] === "`") {
      at = scanTemplate(source, at + 1, tokens);
      continue;
    }
    if (source[at] === "/" && canBeRegex(tokens.at(-1))) {
      const end = matchAt(REGEX, source, at)?.[0].length;
      const comment = source[at + 1] === "/" || source[at + 1] === "*";
      if (end !== undefined && !comment) {
        tokens.push({ kind: "sign", text: "/" });
        at += end;
        continue;
      }
    }
    const match = matchAt(TOKENS, source, at);
    if (!match) throw new Error(`nothing matches at ${at}`);
    at += match[0].length;
    const { string, word, sign } = match.groups ?? {};
    if (string !== undefined) tokens.push({ kind: "string", text: string.slice(1, -1) });
    if (word !== undefined) tokens.push({ kind: "word", text: word });
    if (sign === undefined) continue;
    if (sign === "{") depth += 1;
    if (sign === "}" && depth === 0 && inTemplate) return at;
    if (sign === "}") depth -= 1;
    tokens.push({ kind: "sign", text: sign });
  }
  return at;
}

function scanTemplate(source: string, start: number, tokens: Token[]): number {
  tokens.push({ kind: "template", text: "" });
  let at = start;
  while (at < source.length && source[at] !== "`") {
    if (source[at] === "\\") at += 2;
    else if (source.startsWith("${", at)) at = scanFrom(source, at + 2, tokens, true);
    else at += 1;
  }
  return at + 1;
}

function canBeRegex(before: Token | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === "sign") return BEFORE_REGEX_SIGNS.has(before.text);
  return before.kind === "word" && BEFORE_REGEX_WORDS.has(before.text);
}

function matchAt(pattern: RegExp, source: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(source);
}

/** Every import in a source. */
export function importsOf(source: string): Import[] {
  const tokens = scan(source);
  const found: Import[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== "word" || tokens[index - 1]?.text === ".") continue;
    const rest = tokens.slice(index + 1, index + 2_000);
    if (token.text === "import") found.push(...readImport(rest));
    else if (token.text === "export") found.push(...readExport(rest));
    else if (token.text === "require" && rest[0]?.text === "(") found.push(readCall(rest));
  }
  return found;
}

function readImport(rest: readonly Token[]): Import[] {
  const [next] = rest;
  if (next?.kind === "sign" && next.text === "(") return [readCall(rest)];
  if (next?.kind === "sign" && next.text === ".") return [];
  if (next?.kind === "string") return [{ from: next.text, typeOnly: false, names: [], renamed: [] }];
  return readClause(rest);
}

function readExport(rest: readonly Token[]): Import[] {
  const first = rest[0]?.text === "type" ? rest[1] : rest[0];
  return first?.text === "{" || first?.text === "*" ? readClause(rest) : [];
}

function readCall(rest: readonly Token[]): Import {
  const [, argument, end] = rest;
  const plain = argument?.kind === "string" && (end?.text === ")" || end?.text === ",");
  return { from: plain ? argument.text : null, typeOnly: false, names: ["*"], renamed: [] };
}

/** `type? default, { a, type b as c } from "x"`, or `* as n from "x"`; nothing where no `from` follows. */
function readClause(rest: readonly Token[]): Import[] {
  const end = rest.findIndex((token, index) => token.text === "from" && rest[index + 1]?.kind === "string");
  const clause = rest.slice(0, end);
  const from = rest[end + 1]?.text;
  if (end < 0 || from === undefined || clause.some((token) => token.text === ";")) return [];
  const [first, second] = clause;
  const typeOnly = first?.text === "type" && second !== undefined && second.text !== ",";
  const names: string[] = [];
  const renamed: string[] = [];
  for (const [index, token] of clause.entries()) {
    if (token.text === "*") names.push("*");
    if (token.kind !== "word" || token.text === "as" || (token.text === "type" && isModifier(clause[index + 1])))
      continue;
    if (clause[index - 1]?.text === "as") continue;
    names.push(token.text);
    if (clause[index + 1]?.text === "as") renamed.push(token.text);
  }
  return [{ from, typeOnly, names, renamed }];
}

function isModifier(next: Token | undefined): boolean {
  return next !== undefined && (next.kind === "word" ? next.text !== "as" : next.text === "{" || next.text === "*");
}

/** How often a source casts something to `type`, however it is wrapped: `as Pass`, `as unknown as Readonly<Pass>`. */
export function countCasts(source: string, type: string): number {
  const code = scan(source)
    .map((token) => (token.kind === "word" || token.kind === "sign" ? token.text : '""'))
    .join(" ");
  const cast = new RegExp(`(?<![.\\w]) ?\\bas (?:[\\w$]+ [.<] )*${type}\\b`, "gu");
  const imports = importsOf(source).flatMap(({ renamed }) => renamed.filter((name) => name === type));
  return [...code.matchAll(cast)].length + imports.length;
}
