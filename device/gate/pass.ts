declare const issued: unique symbol;

/** 16 random bytes as hex: names one envelope, and the call or message in it. */
export type EnvelopeId = string;

/**
 * The one thing that a pass lets happen.
 * `ring`, `announce`, `drop-in`, `message`: the thing itself · `talk`: the far end of a call that the owner placed ·
 * `entry`: a line in the list of missed calls or waiting messages · `request`: a line in the list kept out of sight ·
 * `evidence`: kept where nobody sees or hears it, until the owner looks for it.
 */
export type Act = "ring" | "message" | "announce" | "drop-in" | "talk" | "entry" | "request" | "evidence";

/**
 * Proof that the gate let one thing in. Only `decide` makes one; `honoured` is asked where it is spent.
 * Good for one act of one envelope under one revision of one owner's book: callers choose their envelopes' ids, and may
 * give two owners of a unit the same.
 */
export type Pass = Readonly<{ act: Act; envelope: EnvelopeId; owner: string; bookRevision: number; [issued]: true }>;
