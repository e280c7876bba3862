import { arch, hostname, release, type as systemName, version as systemVersion } from "node:os";
import * as v from "valibot";
import { GROUP, RC } from "./packet.ts";
import { type Command, refuse } from "./server.ts";

/** Zephyr's `os_mgmt_err_code_t`. */
const INVALID_FORMAT = 2;
const Echo = v.object({ d: v.string() });
const Info = v.object({ format: v.optional(v.string(), "s") });

/** `packetBytes`: the longest packet that is to be sent to the unit. */
export type OsGroupOptions = Readonly<{ board: string; version: string; packetBytes: number; restart: () => void }>;

/** Default/OS group: echo, reset, parameters, information. */
export function osGroup({ board, version, packetBytes, restart }: OsGroupOptions): Command[] {
  const group = GROUP.os;
  const echo = { group, id: 0, need: "open" } as const;
  const answerEcho: Command["run"] = (body) => {
    const asked = v.safeParse(Echo, body);
    return asked.success ? { ok: true, body: { r: asked.output.d } } : refuse(RC.invalid, "there is no text to echo");
  };
  return [
    { ...echo, op: "read", run: answerEcho },
    { ...echo, op: "write", run: answerEcho },
    { group, id: 5, op: "write", need: "update", run: () => ({ ok: true, body: {}, after: restart }) },
    {
      group,
      id: 6,
      op: "read",
      need: "open",
      run: () => ({ ok: true, body: { buf_size: packetBytes, buf_count: 1 } }),
    },
    {
      group,
      id: 7,
      op: "read",
      need: "open",
      run: (body) => {
        const asked = v.safeParse(Info, body);
        const output = asked.success ? describe(asked.output.format, { board, version }) : null;
        if (output !== null) return { ok: true, body: { output } };
        return {
          ok: false,
          rc: RC.invalid,
          err: INVALID_FORMAT,
          rsn: "the format takes the letters s n r v b m p i o a",
        };
      },
    },
  ];
}

/** As `uname` writes it; null where the format has a letter that means nothing. */
function describe(format: string, { board, version }: Readonly<{ board: string; version: string }>): string | null {
  const words: Readonly<Record<string, string>> = {
    s: "Porter",
    n: hostname(),
    r: version,
    v: systemVersion(),
    b: "unknown",
    m: arch(),
    p: arch(),
    i: board,
    o: `${systemName()} ${release()}`,
  };
  const order = Object.keys(words);
  const letters = format.includes("a") ? order : format.split("");
  if (letters.length > 16 || !letters.every((letter) => Object.hasOwn(words, letter))) return null;
  return order
    .filter((letter) => letters.includes(letter))
    .map((letter) => words[letter])
    .join(" ");
}
