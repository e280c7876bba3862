/** The part of JSGF that Porter writes, read strictly: whatever a hostile name bends makes `readJsgf` throw. */
type Node =
  | Readonly<{ is: "word"; word: string }>
  | Readonly<{ is: "rule"; name: string }>
  | Readonly<{ is: "sequence" | "choice"; of: readonly Node[] }>;
export type Grammar = Readonly<{ rules: ReadonlyMap<string, Node>; start: string }>;

const NOTHING: Node = { is: "sequence", of: [] };

export function readJsgf(text: string): Grammar {
  const [head, name, ...lines] = text.trimEnd().split("\n");
  if (head !== "#JSGF V1.0;" || name !== "grammar porter;") throw new Error(`not our grammar: ${head} ${name}`);
  const rules = new Map<string, Node>();
  let start = "";
  for (const line of lines) {
    const rule = /^(public )?<([a-z]+)> = ([^=;]+);$/.exec(line);
    if (rule === null) throw new Error(`not a rule: ${line}`);
    const [, isPublic, rulename = "", body = ""] = rule;
    if (rules.has(rulename)) throw new Error(`twice: ${rulename}`);
    if (isPublic !== undefined) start += rulename;
    rules.set(rulename, readBody(body));
  }
  for (const node of rules.values()) checkReferences(node, rules);
  return { rules, start };
}

function readBody(body: string): Node {
  const tokens = body.trim().split(/\s+/);
  const node = readChoice(tokens);
  if (tokens.length > 0) throw new Error(`left over: ${tokens.join(" ")}`);
  return node;
}

function readChoice(tokens: string[]): Node {
  const of = [readSequence(tokens)];
  while (tokens[0] === "|") {
    tokens.shift();
    of.push(readSequence(tokens));
  }
  return { is: "choice", of };
}

function readSequence(tokens: string[]): Node {
  const of: Node[] = [];
  for (let token = tokens[0]; token !== undefined && !"|)]".includes(token); token = tokens[0]) {
    tokens.shift();
    if (token === "(" || token === "[") {
      const inner = readChoice(tokens);
      if (tokens.shift() !== (token === "(" ? ")" : "]")) throw new Error(`unclosed ${token}`);
      of.push(token === "(" ? inner : { is: "choice", of: [inner, NOTHING] });
    } else if (/^<[a-z]+>$/.test(token)) of.push({ is: "rule", name: token.slice(1, -1) });
    else if (/^[a-z]+('[a-z]+)*$|^'s$/.test(token)) of.push({ is: "word", word: token });
    else throw new Error(`not a word: ${JSON.stringify(token)}`);
  }
  if (of.length === 0) throw new Error("an empty alternative");
  return { is: "sequence", of };
}

function checkReferences(node: Node, rules: ReadonlyMap<string, Node>): void {
  if (node.is === "rule" && !rules.has(node.name)) throw new Error(`no rule ${node.name}`);
  if (node.is === "sequence" || node.is === "choice") for (const part of node.of) checkReferences(part, rules);
}

/** Could the recogniser answer with exactly this text? */
export function accepts(grammar: Grammar, text: string): boolean {
  const words = text.split(" ");
  return ends(grammar, { is: "rule", name: grammar.start }, words, new Set([0])).has(words.length);
}

/** Where a node can end that began at one of `froms`. */
function ends(grammar: Grammar, node: Node, words: readonly string[], froms: ReadonlySet<number>): ReadonlySet<number> {
  switch (node.is) {
    case "word":
      return new Set([...froms].filter((at) => words[at] === node.word).map((at) => at + 1));
    case "rule":
      return froms.size === 0 ? froms : ends(grammar, grammar.rules.get(node.name) ?? NOTHING, words, froms);
    case "sequence":
      return node.of.reduce((at, part) => ends(grammar, part, words, at), froms);
    case "choice":
      return new Set(node.of.flatMap((part) => [...ends(grammar, part, words, froms)]));
    default:
      return node satisfies never;
  }
}

/** One text out of the grammar; `pick(n)` chooses 0 to n-1. */
export function sample(grammar: Grammar, pick: (count: number) => number): string {
  const walk = (node: Node): string[] => {
    switch (node.is) {
      case "word":
        return [node.word];
      case "rule":
        return walk(grammar.rules.get(node.name) ?? NOTHING);
      case "sequence":
        return node.of.flatMap(walk);
      case "choice":
        return walk(node.of[pick(node.of.length)] ?? NOTHING);
      default:
        return node satisfies never;
    }
  };
  return walk({ is: "rule", name: grammar.start }).join(" ");
}
