import * as v from "valibot";
import { CallAnswers } from "./call-views.ts";
import { EvidenceAnswers, evidenceRequests } from "./evidence-views.ts";
import { CardViews, cardFields, MAX_CARDS, TickedCardText } from "./import-views.ts";
import { JournalAnswers } from "./journal-views.ts";
import { MessageAnswers, messageRequests } from "./message-views.ts";
import { PinAnswers, PinDigits } from "./pin-views.ts";
import { TakeAnswers, takeRequests } from "./take-views.ts";
import { VoiceAnswer, voiceRequest } from "./voice-views.ts";
import { WEEK, windowFields } from "./window-text.ts";

/**
 * What crosses the unit's two local sockets: JSON, one object a line, at most 64 KiB.
 * `{"id":1,"do":"status"}` is answered `{"id":1,"ok":true,…}` or `{"id":1,"ok":false,"error":{"code","message"}}`.
 * `control.sock` takes `ControlRequest`; `bench.sock` (where the board is simulated) takes `BenchRequest`.
 */

export const RequestId = v.union([v.pipe(v.number(), v.safeInteger()), v.pipe(v.string(), v.maxLength(64))]);
export type RequestId = v.InferOutput<typeof RequestId>;

const Words = v.pipe(v.string(), v.trim(), v.nonEmpty("must not be empty"), v.maxLength(100));
/** A person by id, name or alias, or an account id. */
const Who = Words;
const GrantName = v.picklist(["ring", "message", "announce", "drop-in"]);
const Grants = v.pipe(v.array(GrantName), v.maxLength(4));
const Address = v.pipe(v.string(), v.trim(), v.maxLength(254));
const Windows = v.pipe(v.array(v.strictObject(windowFields)), v.maxLength(32));
const Path = v.pipe(v.string(), v.nonEmpty("must not be empty"), v.maxLength(4_096));
const Limit = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(200));

function request<Name extends string, Fields extends v.ObjectEntries>(name: Name, fields: Fields) {
  return v.strictObject({ id: RequestId, do: v.literal(name), ...fields });
}

export const ControlRequest = v.variant("do", [
  request("id", {}),
  request("status", {}),
  request("person-add", {
    name: Words,
    accounts: v.optional(v.pipe(v.array(Words), v.maxLength(16)), []),
    aliases: v.optional(v.pipe(v.array(Words), v.maxLength(16)), []),
    grants: v.optional(Grants, []),
    numbers: v.optional(v.pipe(v.array(Words), v.maxLength(16)), []),
    addresses: v.optional(v.pipe(v.array(Address), v.maxLength(16)), []),
  }),
  /** One more account of somebody who is in the book. */
  request("person-account", { who: Who, account: Words }),
  /** A number as people write it: read by the region of the book. */
  request("person-number", { who: Who, number: Words }),
  request("person-address", { who: Who, address: Address }),
  /** One more name that they go by. */
  request("person-alias", { who: Who, alias: Words }),
  /** What was one of theirs is so no longer. */
  request("person-unlink", {
    who: Who,
    account: v.optional(Words),
    number: v.optional(Words),
    address: v.optional(Address),
  }),
  /** What would become of each card, were it ticked; stores nothing. */
  request("import-look", { cards: v.pipe(v.array(v.strictObject(cardFields)), v.maxLength(MAX_CARDS)) }),
  /** The cards that were ticked. Nothing imported is granted anything. */
  request("import", { cards: v.pipe(v.array(TickedCardText), v.maxLength(MAX_CARDS)) }),
  /** `who` becomes a part of `into`. */
  request("person-merge", { who: Who, into: Who }),
  /** When one grant holds, in place of what was said of it before; no windows: always. */
  request("person-hours", { who: Who, grant: GrantName, windows: Windows }),
  request("person-list", {}),
  request("person-remove", { who: Who }),
  request("person-grant", { who: Who, grants: Grants }),
  request("person-revoke", { who: Who, grants: Grants }),
  /** `who` may be a number; "unknown" is everybody who is not in the book, "withheld" whoever hides their number. */
  request("block", { who: Who, as: v.optional(v.literal("prefix")) }),
  request("unblock", { who: Who, as: v.optional(v.literal("prefix")) }),
  request("calling", { calling: v.picklist(["on", "off"]) }),
  request("unknown", { unknown: v.picklist(["hold", "drop"]) }),
  request("kids", { kids: v.boolean() }),
  request("region", { region: Words }),
  request("time-zone", { timeZone: Words }),
  /** One more window; `except`: people who get through in it. */
  request("quiet-add", { ...windowFields, except: v.optional(v.pipe(v.array(Who), v.maxLength(100)), []) }),
  /** One window, as it was added; without days, the only one of those hours. */
  request("quiet-remove", { ...windowFields, days: v.optional(v.array(v.picklist(WEEK))) }),
  request("quiet-clear", {}),
  /** What is decided beside who is in the book. */
  request("rules", {}),
  /** `before` is the id of the last line of the page before. */
  request("journal", { limit: v.optional(Limit, 50), before: v.optional(v.pipe(v.number(), v.safeInteger())) }),
  request("journal-verify", {}),
  /** Part 0 makes a file; the others go on with the `export` that its answer names. */
  request("journal-export", {
    part: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    export: v.optional(v.pipe(v.string(), v.maxLength(64))),
  }),
  request("journal-forget", { who: Who }),
  /** The last calls that did not ring. */
  request("why", { limit: v.optional(Limit, 5) }),
  /** Newest first; the owner has heard of them then. */
  request("calls", { limit: v.optional(Limit, 50) }),
  request("messages", messageRequests.messages),
  request("message-play", messageRequests["message-play"]),
  request("message-delete", messageRequests["message-delete"]),
  request("message-sound", messageRequests["message-sound"]),
  request("message-draft", messageRequests["message-draft"]),
  request("message-send", messageRequests["message-send"]),
  request("messages-of-blocked", messageRequests["messages-of-blocked"]),
  request("messages-unverified", messageRequests["messages-unverified"]),
  request("evidence-list", evidenceRequests["evidence-list"]),
  request("evidence-keep", evidenceRequests["evidence-keep"]),
  request("evidence-export", evidenceRequests["evidence-export"]),
  request("evidence-piece", evidenceRequests["evidence-piece"]),
  /** How the unit speaks and listens; what is left out stays. */
  request("voice", voiceRequest),
  request("wake-rest", {}),
  request("wake-take", takeRequests["wake-take"]),
  request("wake-taught", takeRequests["wake-taught"]),
  request("pin", {}),
  request("pin-set", { digits: PinDigits }),
  request("pin-off", {}),
  request("call", { who: Who }),
  request("answer", {}),
  request("hang-up", {}),
  request("stop", {}),
]);
export type ControlRequest = v.InferOutput<typeof ControlRequest>;

export const BenchRequest = v.variant("do", [
  /** Somebody in the room plays this WAV (16 kHz mono s16); answered when the sound is over. */
  request("play", { file: Path, gainDb: v.optional(v.pipe(v.number(), v.minValue(-120), v.maxValue(40)), 0) }),
  /** Records the room's tracks into the folder; null stops and writes them. */
  request("record", { folder: v.nullable(Path) }),
  request("press", {}),
  request("hold", {}),
  request("release", {}),
  request("mute", { engaged: v.boolean() }),
  request("lights", {}),
  request("cut-uplink", { cut: v.boolean() }),
  /** A subscription: after the answer, a `TimelineLine` each time something happens. */
  request("events", {}),
]);
export type BenchRequest = v.InferOutput<typeof BenchRequest>;

/** What happened, as the unit's timeline tells it. `at`: wall-clock milliseconds. */
export const TimelineLine = v.strictObject({
  at: v.number(),
  event: v.string(),
  detail: v.optional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean(), v.null()]))),
});
export type TimelineLine = v.InferOutput<typeof TimelineLine>;

const PersonView = v.strictObject({
  id: v.string(),
  name: v.string(),
  aliases: v.array(v.string()),
  accounts: v.array(v.string()),
  numbers: v.array(v.string()),
  addresses: v.array(v.string()),
  grants: Grants,
  hours: v.array(v.strictObject({ grant: GrantName, ...windowFields })),
  blocked: v.boolean(),
});
export type PersonView = v.InferOutput<typeof PersonView>;

const RulesView = v.strictObject({
  calling: v.picklist(["on", "off"]),
  unknown: v.picklist(["hold", "drop"]),
  kids: v.boolean(),
  evidence: v.picklist(["keep", "drop"]),
  unverifiedOrigin: v.picklist(["admit", "drop"]),
  region: v.string(),
  timeZone: v.string(),
  /** `untilMs`: over by then, for good. */
  quietHours: v.array(
    v.strictObject({ ...windowFields, except: v.array(v.string()), untilMs: v.optional(v.number()) }),
  ),
  /** `who` is empty where the kind says all. */
  blocks: v.array(
    v.strictObject({
      kind: v.picklist(["person", "account", "number", "prefix", "withheld", "unknown", "deleted"]),
      who: v.string(),
      /** Of somebody who was deleted: when. */
      atMs: v.optional(v.number()),
    }),
  ),
});
export type RulesView = v.InferOutput<typeof RulesView>;

const Done = v.strictObject({});
/** A change of the book: `changed` false where it was so already. */
const Changed = v.strictObject({
  changed: v.boolean(),
  person: v.optional(PersonView),
  /** The person was deleted before. */
  back: v.optional(v.boolean()),
  /** It counts, but the disk refused it. */
  unsaved: v.optional(v.literal(true)),
});

/** The requests that change the book, all answered alike. */
export type ChangeDo = {
  [D in ControlRequest["do"]]: (typeof Answers)[D] extends typeof Changed ? D : never;
}[ControlRequest["do"]];

/** What each request is answered with, beside `id` and `ok`. */
export const Answers = {
  id: v.strictObject({ account: v.string(), unit: v.string() }),
  status: v.strictObject({
    name: v.nullable(v.string()),
    /** Where the unit has several. */
    owner: v.nullable(v.string()),
    account: v.string(),
    /** Null while all is well; else what the fault light stands for. */
    fault: v.nullable(v.string()),
    /** What the owner should know of, though the unit works. */
    warnings: v.array(v.string()),
    hub: v.picklist(["connected", "disconnected"]),
    audio: v.picklist(["ready", "starting", "down"]),
    calling: v.picklist(["on", "off"]),
    unknown: v.picklist(["hold", "drop"]),
    unknownBlocked: v.boolean(),
    muted: v.boolean(),
    call: v.strictObject({ at: v.string(), with: v.optional(v.string()) }),
    people: v.number(),
    unheardCalls: v.number(),
    requests: v.number(),
  }),
  "person-add": Changed,
  "person-account": Changed,
  "person-number": Changed,
  "person-address": Changed,
  "person-alias": Changed,
  "person-unlink": Changed,
  "import-look": CardViews,
  import: CardViews,
  "person-merge": Changed,
  "person-hours": Changed,
  "person-list": v.strictObject({ people: v.array(PersonView) }),
  "person-remove": Changed,
  "person-grant": Changed,
  "person-revoke": Changed,
  block: Changed,
  unblock: Changed,
  calling: Changed,
  unknown: Changed,
  kids: Changed,
  region: Changed,
  "time-zone": Changed,
  "quiet-add": Changed,
  "quiet-remove": Changed,
  "quiet-clear": Changed,
  rules: RulesView,
  ...CallAnswers,
  ...JournalAnswers,
  ...MessageAnswers,
  ...EvidenceAnswers,
  "messages-of-blocked": Changed,
  "messages-unverified": Changed,
  voice: VoiceAnswer,
  ...TakeAnswers,
  ...PinAnswers,
  call: v.strictObject({ person: PersonView }),
  answer: Done,
  "hang-up": Done,
  stop: Done,
  play: Done,
  record: Done,
  press: Done,
  hold: Done,
  release: Done,
  mute: Done,
  lights: v.strictObject({ changes: v.array(v.strictObject({ scene: v.string(), atMs: v.number() })) }),
  "cut-uplink": Done,
  events: Done,
};
export type Do = keyof typeof Answers;
export type Answer<D extends Do> = v.InferOutput<(typeof Answers)[D]>;

export const RequestError = v.strictObject({ code: v.string(), message: v.string() });
export type RequestError = v.InferOutput<typeof RequestError>;

/** What a handler hands back: the answer, or why not, in words that tell the owner what to do. */
export type Reply<D extends Do> = Readonly<{ ok: true; answer: Answer<D> } | { ok: false; error: RequestError }>;

/** What answers the control socket: one function a request. */
export type ControlHandlers = {
  readonly [R in ControlRequest as R["do"]]: (request: R) => Reply<R["do"]> | Promise<Reply<R["do"]>>;
};

/** What answers the bench; `events` instead says how to subscribe, and hands back how to stop. */
export type BenchHandlers = {
  readonly [R in Exclude<BenchRequest, { do: "events" }> as R["do"]]: (
    request: R,
  ) => Reply<R["do"]> | Promise<Reply<R["do"]>>;
} & { readonly events: (send: (line: TimelineLine) => void) => () => void };
