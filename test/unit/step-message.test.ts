import { expect, test } from "vitest";
import { placeOf } from "#device/judge-message.ts";
import type { LeftMessage } from "#device/wire/messages.ts";
import { ANA, ANAS_OLD_PHONE, blocking, bookWith, MALLORY, OWNER, STRANGER } from "#test/house/books.ts";
import { Brain } from "#test/house/brain.ts";

const VOICE: LeftMessage = {
  kind: "message.voice",
  body: { format: "ogg-opus", durationMs: 90_000, bytes: 300_000, hash: "ab".repeat(32), parts: 2 },
};
const verdicts = (brain: Brain) => brain.journal.map(({ act, because }) => `${act} ${because}`);

test("a granted person's message is kept, a stranger's is held out of sight, and the journal has both", () => {
  const brain = new Brain();
  brain.leave(ANA);
  brain.leave(STRANGER);
  brain.leave(MALLORY);
  expect(brain.inbox.list.map(({ from, shelf }) => [from, shelf])).toEqual([
    [ANA, "inbox"],
    [STRANGER, "requests"],
    [MALLORY, "requests"],
  ]);
  expect(verdicts(brain)).toEqual(["admit granted", "hold unknown", "hold not-granted"]);
});

test("what blocked people leave is nowhere: not kept, not lit, not said, and only the journal knows", () => {
  const brain = new Brain(blocking({ person: "mallory" }, { account: ANAS_OLD_PHONE }));
  for (const from of [MALLORY, ANA, ANAS_OLD_PHONE]) brain.leave(from);
  expect([brain.inbox.list, brain.commands, brain.scenes]).toEqual([[], [], []]);
  expect(verdicts(brain)).toEqual(["drop blocked", "drop blocked", "drop blocked"]);
});

test("evidence of blocked people is kept only where the owner chose so, and never shows, lights or sounds", () => {
  const book = { ...blocking({ person: "mallory" }), evidence: "keep" as const };
  const brain = new Brain(book);
  brain.leave(MALLORY);
  brain.leave(MALLORY, undefined, { signature: "invalid" });
  brain.leave(MALLORY, undefined, { to: ANA });
  brain.leave(MALLORY, undefined, { replayed: true });
  expect(brain.inbox.list.map(({ shelf }) => shelf)).toEqual(["evidence"]);
  expect(brain.inbox.list.map((entry) => placeOf(entry, book))).toEqual(["evidence"]);
  expect([brain.commands, brain.scenes]).toEqual([[], []]);
});

test("what is passed on is judged by who passes it on and by who spoke it, whichever is stricter", () => {
  const book = { ...blocking({ account: STRANGER }), unknown: "hold" as const };
  const brain = new Brain(book);
  brain.leave(ANA, undefined, { origin: { account: STRANGER } });
  brain.leave(ANA, undefined, { origin: { account: MALLORY } });
  brain.leave(MALLORY, undefined, { origin: { account: ANA } });
  brain.leave(ANA, undefined, { origin: { account: ANAS_OLD_PHONE } });
  brain.leave(ANA, undefined, { origin: { account: OWNER } });
  expect(verdicts(brain)).toEqual([
    "drop blocked",
    "hold not-granted",
    "hold not-granted",
    "admit granted",
    "admit granted",
  ]);
  expect(brain.inbox.list.map((entry) => placeOf(entry, book))).toEqual(["requests", "requests", "inbox", "inbox"]);
});

test("what is passed on without a sign of who said it is dropped, unless the owner lets it in", () => {
  const strict = new Brain();
  strict.leave(ANA, undefined, { origin: { account: null } });
  expect([strict.inbox.list, verdicts(strict)]).toEqual([[], ["drop unverified-origin"]]);
  const open = new Brain(bookWith({ unverifiedOrigin: "admit" }));
  open.leave(ANA, undefined, { origin: { account: null } });
  open.leave(STRANGER, undefined, { origin: { account: null } });
  expect(open.inbox.list.map(({ origin, shelf }) => [origin, shelf])).toEqual([
    ["unverified", "inbox"],
    ["unverified", "requests"],
  ]);
});

test("of a message whose first part was dropped no other part is kept, though the block was lifted meanwhile", () => {
  const brain = new Brain(blocking({ person: "ana" }));
  const common = { id: "11".repeat(16), hash: "22".repeat(32) };
  brain.leave(ANA, VOICE, { ...common, part: 0 });
  brain.daemon.change({ type: "unblock", block: { person: "ana" } }, "cli", []);
  brain.leave(ANA, VOICE, { ...common, part: 1 });
  expect(brain.inbox.list).toEqual([]);
  expect(verdicts(brain).filter((line) => line.startsWith("drop"))).toEqual(["drop blocked"]);
  brain.leave(ANA);
  expect(brain.inbox.list).toHaveLength(1);
});

test("the gate is asked on each part: blocked after the first, the rest is not kept", () => {
  const brain = new Brain();
  brain.inbox.answers = "waiting-for-parts";
  const common = { id: "11".repeat(16), hash: "22".repeat(32) };
  brain.leave(ANA, VOICE, { ...common, part: 0 });
  brain.daemon.change({ type: "block", block: { person: "ana" } }, "voice", []);
  brain.inbox.answers = "kept";
  brain.leave(ANA, VOICE, { ...common, part: 1 });
  expect(brain.inbox.list).toEqual([]);
});

test("a change of the book hides at once what lies here, and a grant shows it", () => {
  const brain = new Brain();
  brain.leave(ANA);
  brain.leave(STRANGER);
  const places = () => brain.inbox.list.map((entry) => placeOf(entry, brain.stores?.book.book ?? null));
  expect(places()).toEqual(["inbox", "requests"]);
  brain.daemon.change({ type: "block", block: { person: "ana" } }, "voice", []);
  expect(places()).toEqual(["hidden", "requests"]);
  brain.daemon.change({ type: "unknown", unknown: "drop" }, "cli", []);
  expect(places()).toEqual(["hidden", "hidden"]);
  brain.daemon.change({ type: "add-person", name: "Cem", accounts: [STRANGER], grants: ["message"] }, "cli", []);
  expect(places()).toEqual(["hidden", "inbox"]);
});

test("deleting a person takes along what they left and said, and evidence stays", () => {
  const brain = new Brain();
  brain.leave(ANA);
  const saved = brain.leave(ANA);
  brain.leave(MALLORY, undefined, { origin: { account: ANA } });
  brain.inbox.moveToEvidence(saved, ANA);
  brain.daemon.change({ type: "remove-person", person: "ana", atMs: 1_000 }, "cli", []);
  expect(brain.inbox.list.map(({ id, shelf }) => [id, shelf])).toEqual([[saved, "evidence"]]);
});

test("the owner is told once that nothing can be saved, again only after it could be, and never in quiet hours", () => {
  const brain = new Brain();
  brain.inbox.answers = "not-saved";
  for (let count = 0; count < 5; count += 1) brain.leave(ANA);
  brain.leave(STRANGER);
  expect(brain.says()).toHaveLength(1);
  brain.inbox.answers = "kept";
  brain.leave(ANA);
  brain.inbox.answers = "not-saved";
  brain.leave(ANA);
  expect(brain.says()).toHaveLength(2);
  const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
  const quiet = new Brain(bookWith({ quietHours: [{ fromMinute: 0, toMinute: 1_440, days, except: [] }] }));
  quiet.inbox.answers = "not-saved";
  quiet.leave(ANA);
  expect(quiet.says()).toEqual([]);
});

test("a full room is told in the journal, and a message that comes again is no news", () => {
  const brain = new Brain();
  brain.inbox.answers = "no-room";
  brain.leave(ANA);
  brain.leave(ANA, undefined, { replayed: true });
  expect(verdicts(brain)).toEqual(["drop no-room"]);
});

test("whoever is blocked by now is not named when what was left for them never left", () => {
  const said = (brain: Brain) => {
    brain.daemon.dispatch({ type: "message-lost", to: ANA });
    return brain.says();
  };
  expect(said(new Brain())).toEqual(["Your message for Ana could not be delivered."]);
  expect(said(new Brain(blocking({ person: "ana" })))).toEqual(["Your message for somebody could not be delivered."]);
});
