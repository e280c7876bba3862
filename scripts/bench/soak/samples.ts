import { appendFile, readFile } from "node:fs/promises";
import * as v from "valibot";

/** The processes that are watched. Of a hub that is restarted on purpose only what it holds is told. */
const WATCHED = ["Ana's brain", "Ana's audio", "Ben's brain", "Ben's audio", "hub"] as const;
const Held = v.strictObject({
  who: v.picklist(WATCHED),
  /** Another one than before: it was replaced, or the soak was started again. */
  pid: v.number(),
  memoryMb: v.number(),
  cpuMs: v.number(),
  fds: v.number(),
  threads: v.number(),
});
/** One line of the file, as it is written while the soak goes on. */
const Line = v.variant("what", [
  v.strictObject({ what: v.literal("start"), atMs: v.number() }),
  /** From here on it is judged. */
  v.strictObject({ what: v.literal("warm"), atMs: v.number() }),
  v.strictObject({ what: v.literal("sample"), atMs: v.number(), held: v.array(Held) }),
  v.strictObject({ what: v.literal("round"), atMs: v.number(), fault: v.nullable(v.string()) }),
  v.strictObject({ what: v.literal("crash"), atMs: v.number(), who: v.picklist(WATCHED) }),
]);
export type Line = v.InferOutput<typeof Line>;
export type Held = v.InferOutput<typeof Held>;
export type Who = Held["who"];

/** The file of a soak, one JSON object a line. */
export class Samples {
  readonly path: string;
  readonly lines: Line[];

  private constructor(path: string, lines: Line[]) {
    this.path = path;
    this.lines = lines;
  }

  /** Goes on with what an earlier run left; a line that a power cut broke off is left out. */
  static async resume(path: string): Promise<Samples> {
    const text = await readFile(path, "utf8").catch(() => "");
    const lines: Line[] = [];
    for (const row of text.split("\n")) {
      const line = v.safeParse(Line, parsed(row));
      if (line.success) lines.push(line.output);
    }
    // What a power cut broke off must not swallow the next line.
    if (text !== "" && !text.endsWith("\n")) await appendFile(path, "\n");
    return new Samples(path, lines);
  }

  async add(line: Line): Promise<void> {
    this.lines.push(line);
    await appendFile(this.path, `${JSON.stringify(line)}\n`);
  }
}

function parsed(row: string): unknown {
  try {
    return JSON.parse(row);
  } catch {
    return null;
  }
}
