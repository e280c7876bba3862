/** Where in a JSON text a value stands: tools name the line, so that somebody who wrote a book by hand finds it. */

/** A number is an index, a string a key: as `valibot` names what it found wrong. */
type Step = string | number;

/** The line (from 1) of the value at `path`, or of the nearest thing around it. The text must be JSON. */
export function lineOf(text: string, path: readonly unknown[]): number {
  let at = skipSpace(text, 0);
  for (const step of path) {
    const inner = typeof step === "string" || typeof step === "number" ? find(text, at, step) : null;
    if (inner === null) break;
    at = inner;
  }
  return lineAt(text, at);
}

export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) line += 1;
  return line;
}

/** The start of one item of the array or object that starts at `at`. */
function find(text: string, at: number, step: Step): number | null {
  const isObject = text[at] === "{";
  if (!isObject && text[at] !== "[") return null;
  let next = skipSpace(text, at + 1);
  for (let index = 0; next < text.length && text[next] !== "]" && text[next] !== "}"; index += 1) {
    let key: Step = index;
    if (isObject) {
      const end = skipValue(text, next);
      key = keyIn(text.slice(next, end));
      next = skipSpace(text, skipSpace(text, end) + 1);
    }
    if (key === step) return next;
    next = skipSpace(text, skipValue(text, next));
    if (text[next] === ",") next = skipSpace(text, next + 1);
  }
  return null;
}

function keyIn(quoted: string): string {
  const key: unknown = JSON.parse(quoted);
  return typeof key === "string" ? key : "";
}

/** Past a whole value: a string, a list or object with all it holds, or a word. */
function skipValue(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (character === '"') at = endOfString(text, at);
    else if ("[{".includes(character)) depth += 1;
    else if ("]}".includes(character)) depth -= 1;
    else if (/[^\s,:]/.test(character)) {
      while (/[^\s,:[\]{}"]/.test(text[at + 1] ?? ",")) at += 1;
    } else continue;
    if (depth === 0) return at + 1;
  }
  return text.length;
}

/** The offset of the closing quote. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (/\s/.test(text[at] ?? "")) at += 1;
  return at;
}
