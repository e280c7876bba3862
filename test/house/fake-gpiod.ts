import { closeSync, constants, existsSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * gpiod 1.6 as it behaves at its border, over chips that are folders: the same arguments, the same words, on the same
 * streams; a line that somebody holds is busy; edges are told only to whoever holds the line then.
 */
const COMMON = `#!/bin/sh
me=\${0##*/}
fail() { echo "$me: $1" >&2; exit 1; }
case "$1" in --version) echo "$me (libgpiod) v1.6.3"; echo "Copyright (C) 2017-2018 Bartosz Golaszewski"; exit 0 ;; esac
echo "$me $*" >>"$BOARD/calls"
if [ -e "$BOARD/hang" ]; then trap '' TERM; while :; do sleep 1; done; fi
claim() {
  [ -d "$BOARD/chips/$1" ] || fail "$doing: No such file or directory"
  [ -e "$BOARD/chips/$1/$2" ] || fail "$doing: Invalid argument"
  [ ! -e "$BOARD/denied" ] || fail "$doing: Permission denied"
  if [ -e "$BOARD/held/$1.$2" ]; then
    read -r holder <"$BOARD/held/$1.$2"
    if kill -0 "$holder" 2>/dev/null; then fail "$doing: Device or resource busy"; fi
  fi
  echo $$ >"$BOARD/held/$1.$2"
}
`;

const TOOLS = {
  gpioget: `doing="error reading GPIO values"
chip=$1; shift; line=
for offset; do claim "$chip" "$offset"; read -r level <"$BOARD/chips/$chip/$offset"; line="$line $level"; done
echo "\${line# }"
`,
  gpiomon: `doing="error waiting for events"
[ "$1 $2 $3" = "-b -F %e %o %s %n" ] || fail "unrecognized option '$1'"
chip=$4; shift 4
mkfifo "$BOARD/events/$$"; exec 3<>"$BOARD/events/$$"
for offset; do claim "$chip" "$offset"; done
[ ! -e "$BOARD/dying" ] || exit 1
exec cat <&3
`,
  gpioset: `doing="error setting the GPIO line values"
[ "$1 $2" = "-m signal" ] || fail "unrecognized option '$1'"
chip=$3; shift 3
for each; do claim "$chip" "\${each%=*}"; done
for each; do echo "\${each#*=}" >"$BOARD/chips/$chip/\${each%=*}"; done
exec sleep 1000
`,
  gpiofind: `while read -r name place; do [ "$name" = "$1" ] && { echo "$place"; exit 0; }; done <"$BOARD/names"
exit 1
`,
} as const;

export class FakeGpiod implements AsyncDisposable {
  /** Where the tools are: first in the PATH of whoever is to find them. */
  readonly path: string;
  readonly #board: string;

  private constructor(board: string) {
    this.#board = board;
    this.path = `${join(board, "bin")}:${process.env.PATH}`;
  }

  /** A board with one chip of eight lines, all low. `without`: tools that are not installed. */
  static async make(folder: string): Promise<FakeGpiod> {
    const board = join(folder, "gpiod");
    for (const part of ["bin", "chips/gpiochip0", "held", "events"])
      await mkdir(join(board, part), { recursive: true });
    for (let offset = 0; offset < 8; offset += 1) await writeFile(join(board, "chips/gpiochip0", `${offset}`), "0\n");
    await writeFile(join(board, "names"), "BUTTON gpiochip0 3\nMUTE gpiochip0 4\n");
    for (const [name, body] of Object.entries(TOOLS)) {
      const file = join(board, "bin", name);
      await writeFile(file, COMMON.replace("\nme=", `\nBOARD=${board}\nme=`) + body);
      await chmod(file, 0o755);
    }
    return new FakeGpiod(board);
  }

  /** The wire's level; whoever watches the line is told of an edge. */
  set(offset: number, high: boolean): void {
    const level = high ? "1" : "0";
    const file = join(this.#board, "chips/gpiochip0", String(offset));
    if (readFileSync(file, "utf8").trim() === level) return;
    writeFileSync(file, `${level}\n`);
    const nowNs = process.hrtime.bigint();
    this.say(offset, `${level} ${offset} ${nowNs / 1_000_000_000n} ${nowNs % 1_000_000_000n}`);
  }

  /** Puts a line into the mouth of the gpiomon that holds this one. */
  say(offset: number, words: string): void {
    const holder = this.holder(offset);
    const fifo = join(this.#board, "events", String(holder));
    if (holder !== null && existsSync(fifo)) tellReader(fifo, `${words}\n`);
  }

  /** The level at which an output is held, null where nobody holds it. */
  driven(offset: number): boolean | null {
    if (this.holder(offset) === null) return null;
    return readFileSync(join(this.#board, "chips/gpiochip0", String(offset)), "utf8").trim() === "1";
  }

  /** The process that holds a line. */
  holder(offset: number): number | null {
    const file = join(this.#board, "held", `gpiochip0.${offset}`);
    const holder = existsSync(file) ? Number(readFileSync(file, "utf8").trim()) : 0;
    return holder > 0 && isAlive(holder) ? holder : null;
  }

  /** Sends a signal to the process that holds a line, once one does. */
  async signal(offset: number, signal: "SIGKILL" | "SIGSTOP"): Promise<number> {
    for (;;) {
      const holder = this.holder(offset);
      if (holder !== null) {
        process.kill(holder, signal);
        return holder;
      }
      await sleep(5);
    }
  }

  /** Every process that holds a line. */
  async holders(): Promise<number[]> {
    const files = await readdir(join(this.#board, "held"));
    const offsets = files.map((file) => Number(file.split(".")[1]));
    return [...new Set(offsets.map((offset) => this.holder(offset)).filter((holder) => holder !== null))];
  }

  /** From now on the tools hang, are denied the chip, or gpiomon dies as soon as it started. */
  async break(how: "hang" | "denied" | "dying"): Promise<void> {
    await writeFile(join(this.#board, how), "");
  }

  async mend(): Promise<void> {
    for (const how of ["hang", "denied", "dying"]) await rm(join(this.#board, how), { force: true });
  }

  async calls(): Promise<string[]> {
    return (await readFile(join(this.#board, "calls"), "utf8").catch(() => "")).trim().split("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const holder of await this.holders()) process.kill(holder, "SIGKILL");
  }
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** Nobody, where whoever read it was killed: a plain write would wait for another reader, and the test with it. */
function tellReader(fifo: string, words: string): void {
  let file: number;
  try {
    file = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENXIO") return;
    throw cause;
  }
  writeSync(file, words);
  closeSync(file);
}
