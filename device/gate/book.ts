/** What the owner decided. A value: every change makes a new one with the next revision. Gate code imports nothing of ours. */
export type Book = Readonly<{
  /** Goes up by one with each change; a pass is good for one revision only. */
  revision: number;
  /** The account whose book this is. */
  owner: AccountId;
  calling: "on" | "off";
  /** What becomes of callers who are unknown, or known without the grant. They never ring. */
  unknown: "hold" | "drop";
  people: readonly Person[];
  blocks: readonly Block[];
}>;

/** An Ed25519 public key in lower-case base32: 52 characters. */
export type AccountId = string;

export type Person = Readonly<{
  /** Stable within the book; never spoken. */
  id: string;
  /** As the owner wrote it. Names never decide anything. */
  name: string;
  aliases: readonly string[];
  accounts: readonly AccountId[];
  /** Being in the book grants nothing: each thing this person may do stands here. */
  grants: readonly Grant[];
}>;

export type Grant = "ring" | "message" | "announce" | "drop-in";

/** A block on a person covers every account of theirs, those added later too. */
export type Block = Readonly<{ person: string } | { account: AccountId } | { unknown: true }>;
