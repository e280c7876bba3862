import * as v from "valibot";

/** The requests about messages, and what they are answered with. */

/** Base64, so that a line stays under 64 KiB. */
const MAX_PIECE = 48 * 1_024;
const Piece = v.pipe(v.string(), v.base64(), v.maxLength(MAX_PIECE));
/**
 * The beginning of a message's id, as far as it names one alone. Senders choose the ids: where several chose the same,
 * `@` and the beginning of the account says whose is meant.
 */
export const MessageName = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{4,32}(@[a-z2-7]{1,52})?$/, "is not the id of a message"),
);

export function isNamed({ id, from }: Pick<MessageView, "id" | "from">, name: string): boolean {
  const [start = "", account = ""] = name.split("@");
  return id.startsWith(start) && from.startsWith(account);
}
const Text = v.pipe(v.string(), v.nonEmpty("must not be empty"), v.maxLength(2_000));

export const messageRequests = {
  /** Newest first. `place`: where the gate would have it found now. */
  messages: {
    place: v.picklist(["inbox", "requests", "evidence"]),
    limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)),
  },
  "message-delete": { message: MessageName },
  /** By the unit's loudspeaker, for whoever is in the room; without a name, all new ones. */
  "message-play": { message: v.optional(MessageName) },
  /** A piece of the sound, from 0. */
  "message-sound": { message: MessageName, part: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) },
  /** A piece of a sound to send; the first one names no draft, the others go on with the one it was answered with. */
  "message-draft": { draft: v.optional(v.pipe(v.string(), v.maxLength(64))), data: Piece },
  "message-send": {
    who: v.pipe(v.string(), v.trim(), v.nonEmpty("must not be empty"), v.maxLength(100)),
    what: v.variant("kind", [
      v.strictObject({ kind: v.literal("text"), text: Text }),
      v.strictObject({
        kind: v.literal("voice"),
        draft: v.pipe(v.string(), v.maxLength(64)),
        durationMs: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
      }),
    ]),
  },
  /** What blocked people leave. */
  "messages-of-blocked": { evidence: v.picklist(["keep", "drop"]) },
  /** What is passed on without a sign of who said it. */
  "messages-unverified": { unverifiedOrigin: v.picklist(["admit", "drop"]) },
};

export const MessageView = v.strictObject({
  id: v.string(),
  from: v.string(),
  /** The name of who sent it, as the book has it now. */
  person: v.optional(v.string()),
  /** Of what was passed on: the account of who spoke it first, or "unverified". */
  origin: v.optional(v.string()),
  atMs: v.number(),
  arrivedMs: v.number(),
  kind: v.picklist(["voice", "text"]),
  durationMs: v.number(),
  text: v.nullable(v.string()),
  standing: v.picklist(["new", "heard", "saved"]),
});
export type MessageView = v.InferOutput<typeof MessageView>;

export const MessageAnswers = {
  /** `waiting`: messages of the owner's that have not left yet. */
  messages: v.strictObject({ messages: v.array(MessageView), waiting: v.number() }),
  "message-delete": v.strictObject({}),
  "message-play": v.strictObject({ messages: v.number() }),
  "message-sound": v.strictObject({ parts: v.number(), data: v.string() }),
  "message-draft": v.strictObject({ draft: v.string() }),
  "message-send": v.strictObject({ name: v.string() }),
};
