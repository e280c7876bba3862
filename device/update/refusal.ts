/** Why a bundle is not taken, each with what to do next. The codes are for scripts; they never change their meaning. */
const REFUSALS = {
  "not-a-bundle": "this is no Porter bundle: check that it is the right file",
  "newer-format": "the bundle is of a newer format than this version reads: take newer tools, or a bundle in between",
  truncated: "the bundle is cut off: copy it again",
  damaged: "the bundle is damaged: copy it again",
  malformed: "the bundle breaks a rule that every bundle keeps: have it built again",
  "too-large": "the bundle is larger than any that a unit takes: have it built again",
  "wrong-root":
    "its list of keys is not signed by the root key that is trusted here, or altered since: take a bundle made for this unit, from its maker",
  "wrong-key": "it is signed by no key on the list of keys, or altered since: take it from its maker again",
  "revoked-key": "it is signed by a key that was revoked: take a bundle that its maker has signed anew",
  "development-key": "it is signed by a development key, which this unit refuses: take a released bundle",
  "wrong-board": "it is made for another board: take the one for this board",
  "wrong-arch": "it is made for another processor: take the one for this processor",
  "older-counter": "it is older than what this unit has run: take a newer one",
  "no-room": "there is no room for it on the disk: free some, and send it again",
  disk: "the disk refuses: free some room or have the disk replaced, and send it again",
  busy: "another update is under way or on trial: wait until the unit has confirmed it or gone back",
  "not-open": "no bundle was announced: open it before sending it, and send all of it before finishing",
  "not-set-up": "this unit has no trust.json or no firmware slots: set its firmware folder up first",
} as const;

export type Refusal = keyof typeof REFUSALS;
export type Refused = Readonly<{ ok: false; reason: Refusal; sentence: string }>;

/** `detail` says what exactly was met; it must not repeat bytes of the bundle that were not checked. */
export function refuse(reason: Refusal, detail?: string): Refused {
  const sentence = detail === undefined ? REFUSALS[reason] : `${REFUSALS[reason]} (${detail})`;
  return { ok: false, reason, sentence };
}
