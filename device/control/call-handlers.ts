import type { OwnersDaemon } from "../daemon.ts";
import type { Book } from "../gate/book.ts";
import { lookup } from "../gate/lookup.ts";
import { isElsewhere, ownCall } from "../house.ts";
import type { Stores } from "../ports.ts";
import { notFound, viewPerson } from "./book-requests.ts";
import type { CallView } from "./call-views.ts";
import { findPerson } from "./find-person.ts";
import type { ControlHandlers, Reply, RequestError } from "./requests.ts";

type CallStores = Pick<Stores, "book" | "calls">;
type Refused = Readonly<{ ok: false; error: RequestError }>;
type Opened = Readonly<{ ok: true; stores: CallStores }> | Refused;
type CallDo = "call" | "calls" | "answer" | "hang-up" | "voice";

/** An owner's own calls. Of another owner's they hear only that the line is taken, and can do nothing about it. */
export function callHandlers(daemon: OwnersDaemon, opened: () => Opened): Pick<ControlHandlers, CallDo> {
  return {
    voice: ({ volume, wordsPerMinute, waitMs }) => {
      const before = daemon.state.voice;
      const voice = {
        volume: volume ?? before.volume,
        wordsPerMinute: wordsPerMinute ?? before.wordsPerMinute,
        waitMs: waitMs ?? before.waitMs,
      };
      daemon.dispatch({ type: "voice-set", voice });
      return { ok: true, answer: voice };
    },
    call: ({ who }) => place(daemon, opened(), who),
    calls: ({ limit }) => {
      const found = opened();
      if (!found.ok) return found;
      const { calls, book } = found.stores;
      // Whoever was blocked since is not named, nor counted.
      const shown = calls.list(Number.POSITIVE_INFINITY).filter(({ account }) => !lookup(book.book).blocked(account));
      const answer = { calls: shown.slice(0, limit).map((call) => viewCall(book.book, call)) };
      daemon.dispatch({ type: "calls-heard-of" });
      return { ok: true, answer };
    },
    answer: () => {
      if (ownCall(daemon.state).at !== "ringing") return refusal("nothing-rings", "nothing rings");
      daemon.dispatch({ type: "owner", order: "answer" });
      return DONE;
    },
    "hang-up": () => {
      if (ownCall(daemon.state).at === "idle") return refusal("no-call", "there is no call");
      daemon.dispatch({ type: "owner", order: "hang-up" });
      return DONE;
    },
  };
}

const DONE = { ok: true, answer: {} } as const;

function place(daemon: OwnersDaemon, opened: Opened, who: string): Reply<"call"> {
  if (!opened.ok) return opened;
  const { book } = opened.stores.book;
  const found = findPerson(book, who);
  if (found.found !== "person") return { ok: false, error: notFound(found, who) };
  const { person } = found;
  const [peer] = person.accounts;
  if (peer === undefined) return refusal("no-account", `there is no account to call ${person.name} by`);
  if (isElsewhere(daemon.state)) return refusal("busy", "another owner of this unit has a call");
  if (daemon.state.call.at !== "idle") return refusal("busy", 'there is a call already; "porter hang-up" ends it');
  if (book.calling === "off") return refusal("calling-off", 'calling is off; "porter calling on" turns it on');
  if (lookup(book).blocked(peer)) return refusal("blocked", `${person.name} is blocked: unblock them first`);
  daemon.place(peer);
  return { ok: true, answer: { person: viewPerson(book, person) } };
}

type Listed = ReturnType<CallStores["calls"]["list"]>[number];

function viewCall(book: Book, { atMs, account, direction, kind, heard, count }: Listed): CallView {
  const person = lookup(book).person(account)?.name;
  return { atMs, account, ...(person !== undefined && { person }), direction, kind, heard, count };
}

function refusal(code: string, message: string): Refused {
  return { ok: false, error: { code, message } };
}
