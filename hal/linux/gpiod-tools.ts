import { execFile, spawn } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { HalError } from "../hal-error.ts";

/** The tools of Debian's gpiod 1.6, found on `path`. They answer within milliseconds, or hang. */
export type Tools = Readonly<{ path: string }>;

const ANSWERS_WITHIN_MS = 1_000;
/** A tool that does not end when it is asked to is killed. */
const ENDS_WITHIN_MS = 500;
const MOST_LINE_BYTES = 256;

export type Answer = Readonly<{ ok: true; text: string } | { ok: false; why: string }>;

/** Runs a tool that ends by itself, and gives what it printed. */
export function ask({ path }: Tools, tool: string, args: readonly string[]): Promise<Answer> {
  return new Promise((resolve) => {
    const options = {
      env: environment(path),
      timeout: ANSWERS_WITHIN_MS,
      killSignal: "SIGKILL",
      maxBuffer: 4_096,
    } as const;
    execFile(tool, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ ok: true, text: stdout.trim() });
      else if (error.killed === true) resolve({ ok: false, why: `${tool} did not answer` });
      else resolve({ ok: false, why: stderr.trim().split("\n")[0] || `${tool} failed` });
    });
  });
}

/** Rejects where gpiod is not there, or is one that speaks otherwise: version 2 takes other arguments. */
export async function checkTools(tools: Tools): Promise<void> {
  const answer = await ask(tools, "gpiomon", ["--version"]);
  if (!answer.ok) {
    const why = "the board's GPIO lines need gpiod: apt-get install gpiod";
    throw new HalError("driver-missing", why, { why: answer.why });
  }
  const version = /\bv(\d+)\.(\d+)/.exec(answer.text);
  if (version?.[1] === "1") return;
  const found = answer.text.split("\n")[0] ?? "";
  throw new HalError("driver-missing", `the board's GPIO lines need gpiod 1.x, as in Debian 12; there is: ${found}`);
}

/** `setpriv` (util-linux) has the kernel end a tool with us: one that outlives us would keep its lines. */
export async function setprivOf({ path }: Tools): Promise<string> {
  for (const folder of [...path.split(delimiter), "/usr/bin", "/bin"]) {
    const file = join(folder, "setpriv");
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  throw new HalError("driver-missing", "the board's GPIO lines need setpriv: apt-get install util-linux");
}

type HeldOptions = Readonly<{
  setpriv: string;
  tools: Tools;
  tool: string;
  args: readonly string[];
  /** One line of what it prints. */
  onLine: (line: string) => void;
}>;

/** A tool that holds lines until it is told to let go. */
export class HeldTool {
  /** Resolves when it has ended, with what it complained of. */
  readonly ended: Promise<string>;
  readonly #child: ReturnType<typeof spawn>;
  #hasEnded = false;

  constructor({ setpriv, tools, tool, args, onLine }: HeldOptions) {
    const all = ["--pdeathsig", "KILL", "--", tool, ...args];
    const child = spawn(setpriv, all, { env: environment(tools.path), stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    let complaint = "";
    let rest = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint = (complaint + text).slice(0, 1_000);
    });
    child.stdout.setEncoding("latin1").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine(line);
      if (rest.length > MOST_LINE_BYTES) {
        onLine(rest);
        rest = "";
      }
    });
    this.ended = new Promise((resolve) => {
      const end = (why: string) => {
        this.#hasEnded = true;
        resolve(complaint.trim().split("\n")[0] || why);
      };
      child.once("error", (error) => end(error.message));
      child.once("close", (code, signal) => end(`${tool} ended (${signal ?? code})`));
    });
  }

  /** Asks it to end, then makes it; resolves when it has. */
  async stop(): Promise<void> {
    if (!this.#hasEnded) this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), ENDS_WITHIN_MS);
    await this.ended;
    clearTimeout(timer);
  }
}

/** What a refusal of the kernel's means for whoever has to mend it. */
export function refusal(what: string, why: string): HalError {
  const hint = HINTS.find(([sign]) => sign.test(why))?.[1] ?? "is it wired as board.json says? See: gpioinfo";
  return new HalError("board-failed", `${what}: ${why} (${hint})`, { why });
}

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/busy/i, "something else holds the line; gpioinfo says what"],
  [/denied|not permitted/i, "let the unit's user open /dev/gpiochip*: its group, in Debian gpio or dialout"],
  [/no such/i, "there is no such chip; gpiodetect lists those that there are"],
  [/invalid argument|out of range/i, "the chip has no such line; gpioinfo lists those that it has"],
];

/** The C locale: what the tools complain of is read. */
function environment(path: string): NodeJS.ProcessEnv {
  return { PATH: path, LC_ALL: "C" };
}
