import * as v from "valibot";
import type { Firmware, FirmwareRefused, FirmwareSlot } from "./firmware.ts";
import { GROUP, RC } from "./packet.ts";
import { type Answer, type Command, refuse } from "./server.ts";

/** Zephyr's `img_mgmt_err_code_t`, as far as it has a word for what a unit refuses. */
const IMAGE_ERROR = {
  unknown: 1,
  hashNotFound: 8,
  noFreeSlot: 9,
  flashWriteFailed: 12,
  invalidHeaderMagic: 23,
  invalidHash: 24,
  currentIsNewer: 27,
  alreadyPending: 28,
  tooLarge: 30,
  confirmationDenied: 32,
} as const;

const ERROR_OF: Readonly<Record<string, number>> = {
  "not-a-bundle": IMAGE_ERROR.invalidHeaderMagic,
  truncated: IMAGE_ERROR.invalidHash,
  damaged: IMAGE_ERROR.invalidHash,
  "too-large": IMAGE_ERROR.tooLarge,
  "older-counter": IMAGE_ERROR.currentIsNewer,
  "no-room": IMAGE_ERROR.noFreeSlot,
  disk: IMAGE_ERROR.flashWriteFailed,
  busy: IMAGE_ERROR.alreadyPending,
};

const Bytes = v.instance(Uint8Array);
const Size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const StateWrite = v.object({ hash: v.optional(Bytes), confirm: v.optional(v.boolean(), false) });
const UploadRequest = v.object({
  image: v.optional(v.literal(0)),
  off: Size,
  len: v.optional(Size),
  sha: v.optional(v.pipe(Bytes, v.length(32))),
  data: v.optional(Bytes, new Uint8Array()),
});
const Erase = v.object({ slot: v.optional(v.literal(1)) });

/** Image group: slots, upload with resume, erase. Slot 0 is what runs, slot 1 is the other. */
export function imageGroup(firmware: Firmware): Command[] {
  const group = GROUP.image;
  const uploads = new Uploads(firmware);
  const state = { group, id: 0 } as const;
  return [
    { ...state, op: "read", need: "open", run: () => stateAnswer(firmware) },
    { ...state, op: "write", need: "update", run: (body) => writeState(firmware, body) },
    { group, id: 1, op: "write", need: "update", run: (body) => uploads.take(body) },
    {
      group,
      id: 5,
      op: "write",
      need: "update",
      run: (body) => {
        if (!v.is(Erase, body)) return refuse(RC.invalid, "only slot 1 can be erased");
        uploads.forget();
        return { ok: true, body: {} };
      },
    },
  ];
}

/** A pending one is named by its hash: what is on its way over the line has none yet. */
function stateAnswer(firmware: Firmware): Answer {
  const images = firmware.slots().map(({ version, hash, active, confirmed, pending }: FirmwareSlot) => {
    const slot = active ? 0 : 1;
    return { image: 0, slot, version, hash, bootable: true, pending, confirmed, active, permanent: false };
  });
  return { ok: true, body: { images, splitStatus: 0 } };
}

/** The unit confirms by itself what has proved itself; from outside it can only be told to try. */
function writeState(firmware: Firmware, body: Readonly<Record<string, unknown>>): Answer {
  const asked = v.safeParse(StateWrite, body);
  if (!asked.success) return refuse(RC.invalid, "a hash is bytes, and confirm is true or false");
  const { hash, confirm } = asked.output;
  const slots = firmware.slots();
  const meant = hash ? slots.find((slot) => Buffer.compare(slot.hash, hash) === 0) : slots.find((slot) => slot.active);
  if (!meant || (!hash && !confirm)) {
    return { ok: false, rc: RC.invalid, err: IMAGE_ERROR.hashNotFound, rsn: "no slot holds what has this hash" };
  }
  if (meant.confirmed) return stateAnswer(firmware);
  if (meant.active) {
    const rsn = "the unit confirms what it runs by itself, once it has found itself in good health";
    return { ok: false, rc: RC.badState, err: IMAGE_ERROR.confirmationDenied, rsn };
  }
  if (!meant.pending) {
    const activated = firmware.activate();
    if (!activated.ok) return imageError(activated);
  }
  return stateAnswer(firmware);
}

/** `rsn` begins with the code, so that a tool can tell one from the other. */
function imageError({ reason, sentence }: FirmwareRefused): Answer {
  const err = Object.hasOwn(ERROR_OF, reason) ? ERROR_OF[reason] : undefined;
  const rc = reason === "busy" ? RC.busy : RC.unknown;
  return { ok: false, rc, err: err ?? IMAGE_ERROR.unknown, rsn: `${reason}: ${sentence}` };
}

type Upload = Readonly<{ bytes: number; sha256: string }>;

/** One upload at a time. Another announcement takes its place; what was sent of the same one is kept. */
class Uploads {
  readonly #firmware: Firmware;
  #under: (Upload & { at: number }) | null = null;
  /** The last one that was taken whole: a sender who did not hear the answer asks again. */
  #done: Upload | null = null;

  constructor(firmware: Firmware) {
    this.#firmware = firmware;
  }

  forget(): void {
    this.#under = null;
    this.#done = null;
    this.#firmware.abort();
  }

  async take(body: Readonly<Record<string, unknown>>): Promise<Answer> {
    const asked = v.safeParse(UploadRequest, body);
    if (!asked.success) return refuse(RC.invalid, `an upload has off and data: ${v.summarize(asked.issues)}`);
    const { off, len, sha, data } = asked.output;
    if (off === 0 && (len !== undefined || sha)) {
      if (len === undefined || !sha)
        return refuse(RC.invalid, "the first piece says len and sha (SHA-256 of the whole)");
      const refused = this.#open({ bytes: len, sha256: Buffer.from(sha).toString("hex") });
      if (refused) return refused;
    }
    const under = this.#under;
    if (!under) return wanted(this.#done?.bytes ?? 0);
    return off !== under.at || data.length === 0 ? wanted(under.at) : this.#write(under, data);
  }

  #open(upload: Upload): Answer | null {
    if (isSame(this.#under, upload) || isSame(this.#done, upload)) return null;
    this.#under = null;
    this.#done = null;
    const opened = this.#firmware.open(upload.bytes, upload.sha256);
    if (!opened.ok) return imageError(opened);
    this.#under = { ...upload, at: opened.offset };
    return null;
  }

  async #write(under: Upload & { at: number }, data: Uint8Array): Promise<Answer> {
    const taken = this.#firmware.write(under.at, data);
    if (!taken.ok) {
      this.#under = null;
      return imageError(taken);
    }
    under.at = taken.offset;
    if (under.at < under.bytes) return wanted(under.at);
    this.#under = null;
    const verdict = await this.#firmware.finish();
    if (!verdict.ok) return imageError(verdict);
    this.#done = { bytes: under.bytes, sha256: under.sha256 };
    return wanted(under.bytes);
  }
}

function isSame(one: Upload | null, other: Upload): boolean {
  return one !== null && one.bytes === other.bytes && one.sha256 === other.sha256;
}

function wanted(off: number): Answer {
  return { ok: true, body: { off } };
}
