import { AudioError } from "../audio-error.ts";

/**
 * Just enough of the JSpeech Grammar Format (W3C Note, June 2000) to know a grammar's words and to put something in
 * front of its public rules. sphinxbase parses it for real.
 */
export type Grammar = Readonly<{
  /** The rules without header and comments, no rule public, all words in lower case. */
  rules: string;
  /** Each word once. */
  words: ReadonlySet<string>;
  /** Those of the rules <person> and <other>, which stand for somebody. */
  names: ReadonlySet<string>;
  /** The names of the public rules, without brackets. */
  publicRules: readonly string[];
}>;

/** Comments, then tokens: <rule>, "quoted", /weight/, {tag}, an operator, or a run of anything else. */
const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|<[^<>]*>|"[^"]*"|\/[\d.eE+-]+\/|\{(?:[^{}\\]|\\.)*\}|[()[\]|*+;=]|[^\s()[\]|*+;=<>"/{}]+|\S/g;
const OPERATORS = new Set(["(", ")", "[", "]", "|", "*", "+", ";", "="]);

/** Throws an AudioError `bad-command` for what is not a grammar with a public rule. */
export function readGrammar(jsgf: string): Grammar {
  const header = /^\uFEFF?\s*#JSGF\s[^;\n]*;/.exec(jsgf);
  if (header === null) throw bad("it does not start with #JSGF");
  const words = new Set<string>();
  const names = new Set<string>();
  const publicRules: string[] = [];
  const rules: string[] = [];
  const defined = new Set(["NULL", "VOID"]);
  const referred = new Set<string>();
  /** A statement is what stands between semicolons; its first tokens say what it is. */
  let statement: string[] = [];
  for (const [token] of jsgf.slice(header[0].length).matchAll(TOKEN)) {
    if (token.startsWith("//") || token.startsWith("/*")) continue;
    statement.push(token);
    if (token !== ";") continue;
    readStatement(statement);
    statement = [];
  }
  if (statement.length > 0) throw bad("its last statement has no end");
  if (publicRules.length === 0) throw bad("it has no public rule");
  // sphinxbase takes a grammar with a missing rule, and then nothing at all can be heard.
  for (const name of referred) if (!defined.has(name)) throw bad(`it has no rule <${name}>`);
  return { rules: rules.join("\n"), words, names, publicRules };

  function readStatement(tokens: string[]): void {
    if (tokens[0] === "grammar") return;
    if (tokens[0] === "import") throw bad("it imports another grammar");
    const isPublic = tokens[0] === "public";
    const body = isPublic ? tokens.slice(1) : tokens;
    const [name = "", equals] = body;
    if (!isRule(name) || equals !== "=") throw bad(`"${tokens.slice(0, 3).join(" ")}" starts no rule`);
    defined.add(plainName(name));
    if (isPublic) publicRules.push(plainName(name));
    const expansion = body.slice(2).map(asWord);
    if (NAMING.has(plainName(name))) for (const token of expansion) if (words.has(token)) names.add(token);
    rules.push(`${name} = ${expansion.join(" ")}`);
  }

  function asWord(token: string): string {
    if (isRule(token)) {
      referred.add(plainName(token));
      return token;
    }
    if (OPERATORS.has(token) || isWeight(token)) return token;
    if (token.startsWith("{")) return "";
    const word = token.replaceAll('"', "").toLowerCase();
    if (!WORD.test(word)) throw bad(`"${token}" cannot be a word`);
    words.add(word);
    return word;
  }
}

const NAMING: ReadonlySet<string> = new Set(["person", "other"]);
/** What a dictionary can hold and a grammar can name without quoting; `'s` is a word of its own. */
const WORD = /^'?[\p{L}\p{N}][\p{L}\p{M}\p{N}'’._-]*$/u;

function isRule(token: string): boolean {
  return token.length > 2 && token.startsWith("<") && token.endsWith(">");
}

/** Without brackets, and without the name of the grammar, which may stand before it. */
function plainName(rule: string): string {
  return rule.slice(rule.lastIndexOf(".") + 1 || 1, -1);
}

function isWeight(token: string): boolean {
  return token.length > 2 && token.startsWith("/");
}

function bad(why: string): AudioError {
  return new AudioError("bad-command", `This is not a usable grammar: ${why}`);
}
