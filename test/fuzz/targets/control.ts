import { isDeepStrictEqual } from "node:util";
import { noLog } from "#base/log.ts";
import { MAX_LINE_BYTES, splitLines } from "#device/control/lines.ts";
import { controlAnswers } from "#device/control/socket.ts";
import { ana, BOOK, eve } from "../cast.ts";
import { type Seen, wildRequest } from "../control-requests.ts";
import { MemoryUnit, storedIn } from "../memory-unit.ts";
import { mutateBytes, mutateText, mutateValue } from "../mutate.ts";
import type { Random } from "../random.ts";
import { broken, type Target } from "../target.ts";

const WORDS = [
  '"',
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  '"id":1',
  '"do":"status"',
  '"do":"__proto__"',
  "null",
  "1e999",
  "\n",
  "\\u0000",
  '"who":',
];
function wildLine(random: Random, seen: Seen): Uint8Array {
  const request = wildRequest(random, seen);
  if (random.chance(0.4)) return Buffer.from(JSON.stringify(request));
  const text = JSON.stringify(mutateValue(random, request)) ?? "";
  if (random.chance(0.5)) return Buffer.from(text);
  return random.chance(0.7) ? Buffer.from(mutateText(random, text, WORDS)) : mutateBytes(random, Buffer.from(text));
}

const MESSAGE = "ab12".repeat(8);
const SOUND = new Uint8Array(120_000).map((_, index) => index % 251);
const RENEWED_EVERY = 1_000;
const CHECKED_EVERY = 100;

/** Bytes of a client of the control socket, cut anywhere, to real handlers on a real book; what is stored is what is known. */
export const control: Target = {
  name: "control",
  meets: ["ok", "bad-request", "no-such-person", "bad-number", "nothing", "too-long", "no-such-message"],
  async open() {
    let unit = unitWithMessages();
    let taken = 0;
    const seen: Seen = { draft: "", archive: "", message: MESSAGE };
    const attack = async (random: Random) => {
      taken += 1;
      if (taken % RENEWED_EVERY === 0) {
        unit[Symbol.dispose]();
        unit = unitWithMessages();
      }
      const met = await ask(random, unit, seen);
      if (taken % CHECKED_EVERY === 0) assertStored(unit);
      return met;
    };
    return { attack, [Symbol.asyncDispose]: async () => unit[Symbol.dispose]() };
  },
};

type Sent = Readonly<{
  id?: unknown;
  ok?: unknown;
  error?: { code?: unknown };
  draft?: string;
  export?: string;
  messages?: number | readonly Readonly<{ id: string }>[];
}>;

/** Some of Ana's, of which one begins as another does, and one has the id of a stranger's. */
function unitWithMessages(): MemoryUnit {
  const unit = new MemoryUnit();
  for (const { name, accounts, grants } of BOOK.people)
    unit.daemon.change({ type: "add-person", name, accounts, grants }, "cli", []);
  for (const [index, id] of [MESSAGE, `ab12${"0".repeat(28)}`, "cd".repeat(16)].entries())
    unit.leave(ana, id, index === 0 ? null : SOUND);
  unit.leave(eve, "cd".repeat(16), null);
  return unit;
}

async function ask(random: Random, unit: MemoryUnit, seen: Seen): Promise<string> {
  const sent: Sent[] = [];
  const answered: Promise<void>[] = [];
  const peer = {
    send: (value: unknown) => sent.push(JSON.parse(JSON.stringify(value))),
    hold: () => undefined,
    letGo: () => undefined,
  };
  const answer = controlAnswers({ handlers: unit.handlers, log: noLog });
  let lines = 0;
  const split = splitLines((line) => {
    lines += 1;
    answered.push(answer(line, peer));
  });
  const bytes = random.chance(0.003) ? Buffer.alloc(MAX_LINE_BYTES + 1, "[") : wildLine(random, seen);
  for (const piece of cut(random, Buffer.concat([bytes, Buffer.of(0x0a)]))) if (!split(piece)) return "too-long";
  await Promise.all(answered);
  unit.commands.length = 0;
  unit.timeline.length = 0;
  if (sent.length !== lines) broken(`${lines} lines, ${sent.length} answers`);
  const [first] = sent;
  if (first === undefined) return "nothing";
  for (const { ok, error, draft, export: archive, messages } of sent) {
    seen.draft = draft ?? seen.draft;
    seen.archive = archive ?? seen.archive;
    if (typeof messages === "object" && messages.length > 0) seen.message = random.pick(messages).id;
    if (ok !== true && typeof error?.code !== "string") broken("an answer that is none");
    if (error?.code === "internal") broken("a handler threw");
  }
  return first.ok === true ? "ok" : String(first.error?.code);
}

function* cut(random: Random, bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const length = random.chance(0.5) ? bytes.length : 1 + random.below(40);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

function assertStored(unit: MemoryUnit): void {
  const { book, isUnsaved } = unit.stores.book;
  if (isUnsaved) broken("a change was confirmed and is not saved");
  for (const db of [unit.db, unit.copyDb]) {
    const stored = storedIn(db).read();
    if (!stored.ok) broken(`the book on the disk cannot be read: ${stored.detail}`);
    if (!stored.signed || !isDeepStrictEqual({ ...stored.book }, { ...book }))
      broken("the book on the disk is not the one in memory");
  }
}
