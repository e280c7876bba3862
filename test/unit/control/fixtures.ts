import { execFile } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { noLog } from "#base/log.ts";
import {
  type BookRequest,
  changeAnswer,
  describeRefusal,
  toChange,
  viewPerson,
  viewRules,
} from "#device/control/book-requests.ts";
import { callHandlers } from "#device/control/call-handlers.ts";
import { evidenceHandlers } from "#device/control/evidence-handlers.ts";
import { findPerson } from "#device/control/find-person.ts";
import { importHandlers } from "#device/control/import-handlers.ts";
import { journalHandlers } from "#device/control/journal-handlers.ts";
import { messageHandlers } from "#device/control/message-handlers.ts";
import { pinHandlers } from "#device/control/pin-handlers.ts";
import type { ControlHandlers, Reply } from "#device/control/requests.ts";
import { openControlSocket } from "#device/control/socket.ts";
import { takeHandlers } from "#device/control/take-handlers.ts";
import type { OwnersDaemon } from "#device/daemon.ts";
import type { Event } from "#device/events.ts";
import { firstState } from "#device/state.ts";
import { openCallList } from "#device/store/calls.ts";
import { openInbox } from "#device/store/inbox.ts";
import { openJournal } from "#device/store/journal.ts";
import { openOutbox } from "#device/store/outbox.ts";
import { openPin } from "#device/store/pin.ts";
import { openReplayStore } from "#device/store/replay.ts";
import { evidenceSigner } from "#test/house/evidence.ts";
import { FakeClock } from "#test/house/fake-clock.ts";
import { fixedUnit } from "#test/house/fixed-keys.ts";
import { journalSigner } from "#test/house/signers.ts";
import { makeBookFolder, OWNER } from "../store/fixtures.ts";

const CLI = join(import.meta.dirname, "../../../device/control/cli.ts");
const MAX_OUT_BYTES = 64 * 1024 * 1024;
const DONE = { ok: true, answer: {} } as const;

/** A unit that has a book and a socket, and nothing that sounds. */
export async function makeSocketUnit(overrides: Partial<ControlHandlers> = {}) {
  await using stack = new AsyncDisposableStack();
  const place = stack.use(await makeBookFolder());
  const { store, db } = place.open();
  const clock = new FakeClock();
  const journal = openJournal({ db, signer: journalSigner(), clock, log: noLog });
  const replay = openReplayStore({ db, clock, log: noLog });
  const common = { db, owner: OWNER, clock, log: noLog };
  const inbox = openInbox({ ...common, replay, spend: () => undefined, sharerOf: (account) => account });
  const outbox = openOutbox(common);
  const change = (request: BookRequest): Reply<BookRequest["do"]> => {
    const wanted = toChange(request, store.book, clock.nowMs());
    if (!wanted.ok) return wanted;
    const result = store.change(wanted.change);
    return result.ok ? { ok: true, answer: changeAnswer(result) } : { ok: false, error: describeRefusal(result.why) };
  };
  const calls = stack.use(openCallList(common));
  const dispatched: Event[] = [];
  const daemon: OwnersDaemon = {
    state: firstState(store.book, false, null),
    change: () => null,
    dispatch: (event) => dispatched.push(event),
    place: () => undefined,
  };
  const path = `${place.folder}/control.sock`;
  const handlers: ControlHandlers = {
    id: () => ({ ok: true, answer: { account: OWNER, unit: "unit" } }),
    status: () => ({ ok: false, error: { code: "internal", message: "not here" } }),
    "person-add": change,
    "person-account": change,
    "person-list": () => ({
      ok: true,
      answer: { people: store.book.people.map((each) => viewPerson(store.book, each)) },
    }),
    "person-number": change,
    "person-address": change,
    "person-alias": change,
    "person-unlink": change,
    "person-merge": change,
    "person-hours": change,
    "person-remove": change,
    "person-grant": change,
    "person-revoke": change,
    block: change,
    unblock: change,
    calling: change,
    unknown: change,
    kids: change,
    "messages-of-blocked": change,
    "messages-unverified": change,
    region: change,
    "time-zone": change,
    "quiet-add": change,
    "quiet-remove": change,
    "quiet-clear": change,
    rules: () => ({ ok: true, answer: viewRules(store.book) }),
    ...evidenceHandlers({
      opened: () => ({ ok: true, stores: { book: store, inbox, journal }, signer: evidenceSigner(fixedUnit("owner")) }),
      clock,
      changed: () => undefined,
    }),
    ...messageHandlers(() => ({ ok: true, stores: { book: store, inbox, outbox } }), daemon),
    ...takeHandlers({ daemon, ears: { state: "down", noSound: null }, takes: null }),
    ...pinHandlers({ pin: openPin({ folder: place.folder, clock }), stores: { journal }, clock, daemon }),
    ...callHandlers(daemon, () => ({ ok: true, stores: { book: store, calls } })),
    ...importHandlers(() => ({ ok: true, book: store.book, change: (wanted) => store.change(wanted) })),
    ...journalHandlers(() => ({ ok: true, journal, book: store.book })),
    call: ({ who }) => {
      const found = findPerson(store.book, who);
      if (found.found !== "person") return { ok: false, error: { code: "no-such-person", message: "nobody" } };
      return { ok: true, answer: { person: viewPerson(store.book, found.person) } };
    },
    answer: () => DONE,
    "hang-up": () => DONE,
    stop: () => DONE,
    ...overrides,
  };
  stack.use(await openControlSocket({ path, handlers, log: noLog }));
  const kept = stack.move();
  return {
    path,
    store,
    journal,
    inbox,
    outbox,
    calls,
    dispatched,
    db,
    clock,
    handlers,
    folder: place.folder,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Sends raw bytes, and takes what comes until the unit closes the connection or `lines` lines came. */
export async function sendRaw(path: string, bytes: string | Uint8Array, lines = 1): Promise<unknown[]> {
  const socket = connect(path);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(bytes);
  let text = "";
  socket.on("data", (piece) => {
    text += String(piece);
    if (text.split("\n").length > lines) socket.destroy();
  });
  await gone(socket);
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): unknown => JSON.parse(line));
}

/** The end of a connection, whoever ended it and however. */
export function gone(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => {
    socket.once("close", resolve);
  });
}

/** Runs the real command as its own process. */
export function runPorter(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return new Promise<{ exit: number | string | null | undefined; out: string; err: string }>((done) => {
    const all = { ...process.env, PORTER_CONFIG: "", NO_COLOR: "1", ...env };
    if (env.PORTER_CONFIG === undefined) Reflect.deleteProperty(all, "PORTER_CONFIG");
    execFile(process.execPath, [CLI, ...args], { env: all, maxBuffer: MAX_OUT_BYTES }, (error, out, err) => {
      done({ exit: error ? error.code : 0, out, err });
    });
  });
}
