import * as v from "valibot";

/** What crosses with spoken words: and which tones there are: parts of protocol.ts. */

/** The loudest step of the volume, and the one at which sound is played as it is. */
const LOUDEST = 10;
export const PLAIN_VOLUME = 8;

/** How loud it is, how fast it speaks, and how much silence ends what is said to it. */
export const voice = {
  volume: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(LOUDEST)),
  wordsPerMinute: v.pipe(v.number(), v.integer(), v.minValue(80), v.maxValue(450)),
  waitMs: v.pipe(v.number(), v.minValue(200), v.maxValue(10_000)),
};

const Word = v.pipe(v.string(), v.maxLength(64));
const Alike = v.strictObject({
  word: Word,
  same: v.pipe(v.array(Word), v.maxLength(32), v.readonly()),
  close: v.pipe(v.array(Word), v.maxLength(32), v.readonly()),
});
export type Alike = Readonly<v.InferOutput<typeof Alike>>;

/** What speaks against the words that were heard. */
export const doubts = {
  /** Words of it that sound the same as others of the grammar, and those that are easily taken for others. */
  alike: v.optional(v.pipe(v.array(Alike), v.maxLength(40), v.readonly())),
  /** By how many nats any other name fits worse; null where nobody was named, or where that is beyond doubt. */
  nameMargin: v.optional(v.nullable(v.number())),
};

export const OnlyThis = v.strictObject({
  jsgf: v.pipe(v.string(), v.maxLength(100_000)),
  waitMs: v.nullable(v.pipe(v.number(), v.minValue(200), v.maxValue(10_000))),
});
export type OnlyThis = v.InferOutput<typeof OnlyThis>;

/**
 * `ring`: somebody calls; `ring-back`: we are calling; `record`: speak your message (`record` starts it by itself);
 * `sorry`: not understood; `ended`: call over. Earcons, which the config can silence: `chirp`: listening; `click`: a
 * press counted; `done`; `refused`.
 */
export const ToneName = v.picklist([
  "ring",
  "ring-back",
  "chirp",
  "record",
  "sorry",
  "ended",
  "click",
  "done",
  "refused",
]);
export type ToneName = v.InferOutput<typeof ToneName>;
