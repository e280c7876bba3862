import type { ChildProcess } from "node:child_process";
import { stripVTControlCharacters } from "node:util";

type Waiting = Readonly<{ pattern: RegExp; resolve: (line: string) => void; reject: (error: Error) => void }>;

const LINES_KEPT = 500;
/** The console of an emulated machine: its lines as they come, and what somebody types at it. */
export class GuestConsole {
  readonly #child: ChildProcess;
  readonly #onText: (text: string) => void;
  readonly #waiting = new Set<Waiting>();
  #lines: string[] = [];
  #rest = "";
  #ended: string | null = null;
  #asked = 0;

  constructor(child: ChildProcess, onText: (text: string) => void = () => undefined) {
    this.#child = child;
    this.#onText = onText;
    child.stdin?.on("error", () => undefined);
    child.stdout?.setEncoding("utf8").on("data", (text: string) => this.#take(text));
  }

  /** The last lines, for whoever has to tell what went wrong. */
  get tail(): string {
    return [...this.#lines, this.#rest].slice(-40).join("\n");
  }

  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** The next line that fits, or what stands there now without an end (a prompt). Throws when it takes too long. */
  async line(pattern: RegExp, withinMs: number): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const waiting: Waiting = { pattern, resolve, reject };
    this.#waiting.add(waiting);
    const late = setTimeout(() => reject(new Error(`${pattern} did not come:\n${this.tail}`)), withinMs);
    if (this.#ended !== null) reject(new Error(this.#ended));
    else this.#offer(this.#rest);
    try {
      return await promise;
    } finally {
      clearTimeout(late);
      this.#waiting.delete(waiting);
    }
  }

  /** Once, on an image that was made with --shell: resolves when root is logged in and asked for a command. */
  async untilPrompt(withinMs: number): Promise<void> {
    await this.line(/root@\S+:\S*# ?$/, withinMs);
    // No echo, no wrapped lines, no prompt to be mistaken for an answer.
    this.type("stty -echo cols 4000; PS1=; PS2=; unset PROMPT_COMMAND; bind 'set enable-bracketed-paste off'\n");
    await this.shell("true", withinMs);
  }

  /** What a command writes. Throws where it ends with another code than 0. */
  async shell(command: string, withinMs = 30_000): Promise<string> {
    this.#asked += 1;
    const [begin, end] = [`<begin ${this.#asked}>`, `<end ${this.#asked}`];
    // The marks are put together over there, so that an echo of the command is not taken for them.
    this.type(`echo "<""begin ${this.#asked}>"; { ${command}\n} 2>&1; echo; echo "<""end ${this.#asked} $?>"\n`);
    const last = await this.line(new RegExp(`^${end} \\d+>$`), withinMs);
    const from = this.#lines.lastIndexOf(begin);
    const said = this.#lines
      .slice(from + 1, -1)
      .join("\n")
      .trim();
    const code = /(\d+)>$/.exec(last)?.[1];
    if (code !== "0") throw new Error(`${command}: ended with ${code}:\n${said}`);
    return said;
  }

  end(why: string): void {
    this.#ended = why;
    for (const { reject } of this.#waiting) reject(new Error(`${why}\n${this.tail}`));
  }

  #take(text: string): void {
    this.#onText(text);
    const lines = `${this.#rest}${text}`.split("\n");
    this.#rest = lines.pop() ?? "";
    for (const raw of lines) {
      const line = plain(raw);
      this.#lines.push(line);
      if (this.#lines.length > LINES_KEPT) this.#lines = this.#lines.slice(-LINES_KEPT / 2);
      this.#offer(line);
    }
    this.#offer(this.#rest);
  }

  #offer(raw: string): void {
    const line = plain(raw);
    for (const { pattern, resolve } of this.#waiting) if (pattern.test(line)) resolve(line);
  }
}

/** Without colours and movements of the cursor, which systemd and shells write. */
function plain(raw: string): string {
  return stripVTControlCharacters(raw).replaceAll("\r", "");
}
