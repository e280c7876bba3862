import fc from "fast-check";
import { expect, test } from "vitest";
import { checkSound, type SoundFault } from "#audio/ogg.ts";
import { packetSamples } from "#audio/opus-packet.ts";
import { lacingOf, opusFile, opusHead, PLAIN_TAGS, QUIET_PACKET, readPages, writePages } from "#test/house/ogg-file.ts";

const WHOLE = opusFile();
const WHOLE_MS = 1_194;

/** The whole file after one of its pages was changed; the checksums are right again. */
function changed(change: (pages: ReturnType<typeof readPages>) => void): Buffer {
  const pages = readPages(WHOLE);
  change(pages);
  return writePages(pages);
}

function tagsOf(length: number): Buffer {
  return Buffer.concat([PLAIN_TAGS, Buffer.alloc(length - PLAIN_TAGS.length)]);
}

test("a whole file of one mono stream passes, and its duration is what its packets add up to", () => {
  expect(checkSound(WHOLE, WHOLE_MS)).toEqual({ ok: true, durationMs: 1_194 });
  expect(checkSound(opusFile({ granule: 57_000n }), 1_181)).toEqual({ ok: true, durationMs: 1_181 });
  const long = Array.from({ length: 1_000 }, () => Buffer.concat([Buffer.of(0x4b, 6), Buffer.alloc(6 * 8)]));
  expect(checkSound(opusFile({ packets: long, packetSamples: 5_760, preSkip: 0 }), 120_000)).toEqual({
    ok: true,
    durationMs: 120_000,
  });
});

test.each<[string, SoundFault, Buffer]>([
  ["nothing", "not-ogg", Buffer.alloc(0)],
  ["only the headers", "not-ogg", Buffer.from(WHOLE.subarray(0, 47 + 48))],
  ["another container", "not-ogg", Buffer.from("RIFF\0\0\0\0WAVEfmt and then nothing of any use")],
  ["a file that ends early", "not-ogg", WHOLE.subarray(0, -1)],
  ["a file with something behind it", "not-one-stream", Buffer.concat([WHOLE, Buffer.from("more")])],
  ["two files in one, chained", "not-one-stream", Buffer.concat([WHOLE, WHOLE])],
  [
    "a second stream beside the first",
    "not-one-stream",
    changed((pages) => pages.splice(3, 0, ...readPages(opusFile({ serial: 8 })).slice(2, 3))),
  ],
  ["a second beginning", "not-one-stream", changed(([, , page]) => Object.assign(page ?? {}, { flags: 2 }))],
  ["a page twice", "not-one-stream", changed((pages) => pages.splice(2, 0, ...pages.slice(2, 3)))],
  ["a page that is missing", "not-one-stream", changed((pages) => pages.splice(2, 1))],
  ["no last page", "not-ogg", changed((pages) => Object.assign(pages.at(-1) ?? {}, { flags: 0 }))],
  ["an unknown flag", "not-ogg", changed(([, , page]) => Object.assign(page ?? {}, { flags: 8 }))],
  [
    "an empty page",
    "not-ogg",
    changed(([, , page]) => Object.assign(page ?? {}, { lacing: [], body: Buffer.alloc(0) })),
  ],
  ["a packet that goes on from nowhere", "damaged", changed(([, , page]) => Object.assign(page ?? {}, { flags: 1 }))],
  ["a changed byte", "damaged", Buffer.from(WHOLE.map((byte, index) => (index === 200 ? byte ^ 1 : byte)))],
  ["two channels", "bad-header", opusFile({ channels: 2 })],
  [
    "255 channels in streams of their own",
    "bad-header",
    opusFile({ channels: 255, mapping: [1, 255, 0, ...Array.from({ length: 255 }, (_, index) => index)] }),
  ],
  ["one channel by a mapping table", "bad-header", opusFile({ mapping: [255, 1, 0, 0] })],
  ["a header of a later version", "bad-header", opusFile({ version: 2 })],
  ["a second to skip", "bad-header", opusFile({ preSkip: 48_000 })],
  ["a header with more behind it", "bad-header", opusFile({ mapping: [0, 1, 2] })],
  [
    "two packets on the first page",
    "bad-header",
    changed(([head]) =>
      Object.assign(head ?? {}, {
        lacing: lacingOf([19, PLAIN_TAGS.length]),
        body: Buffer.concat([opusHead(), PLAIN_TAGS]),
      }),
    ),
  ],
  ["a gain of 128 dB", "gain", opusFile({ gain: 32_767 })],
  ["a gain of -128 dB", "gain", opusFile({ gain: -32_768 })],
  ["no tags", "bad-tags", opusFile({ tags: Buffer.from("OpusTogs\0\0\0\0\0\0\0\0") })],
  [
    "tags longer than they are",
    "bad-tags",
    opusFile({ tags: Buffer.from("OpusTags\u00ff\0\0\0test\0\0\0\0", "latin1") }),
  ],
  [
    "four thousand million tags",
    "bad-tags",
    opusFile({ tags: Buffer.from("OpusTags\0\0\0\0\u00ff\u00ff\u00ff\u00ff", "latin1") }),
  ],
  ["tags with a picture's room", "bad-tags", opusFile({ tags: tagsOf(5_000) })],
  ["a packet for two channels", "bad-packet", opusFile({ packets: [Buffer.of(0x4c, 0), QUIET_PACKET] })],
  ["an empty packet", "bad-packet", opusFile({ packets: [Buffer.alloc(0), QUIET_PACKET] })],
  ["a packet of 48 frames of 20 ms", "bad-packet", opusFile({ packets: [Buffer.of(0x4b, 48), QUIET_PACKET] })],
  [
    "a packet of 62 kB, nearly all of it padding",
    "bad-packet",
    opusFile({
      packets: [
        Buffer.concat([Buffer.of(0x4b, 0x41), Buffer.alloc(244, 255), Buffer.of(9), Buffer.alloc(61_990)]),
        QUIET_PACKET,
      ],
    }),
  ],
  ["a time that runs ahead of the sound", "bad-time", opusFile({ granule: 1n << 40n })],
  ["a time beyond all numbers", "bad-time", opusFile({ granule: (1n << 63n) - 1n })],
  ["a time before the beginning", "bad-time", opusFile({ granule: -2n })],
  ["a time that says nothing", "bad-time", opusFile({ granule: -1n })],
  ["a time within what is skipped", "bad-time", opusFile({ granule: 300n })],
  [
    "a page in the middle that cuts sound off",
    "bad-time",
    changed(([, , page]) => Object.assign(page ?? {}, { granule: 47_000n })),
  ],
  [
    "an hour of sound",
    "bad-time",
    opusFile({
      packets: Array.from({ length: 30_000 }, () => Buffer.concat([Buffer.of(0x4b, 6), Buffer.alloc(6)])),
      packetSamples: 5_760,
    }),
  ],
  ["720 KiB and a byte", "too-long", Buffer.alloc(737_281)],
  [
    "more than 120 s",
    "too-long",
    opusFile({
      packets: Array.from({ length: 1_001 }, () => Buffer.concat([Buffer.of(0x4b, 6), Buffer.alloc(6)])),
      packetSamples: 5_760,
      preSkip: 0,
    }),
  ],
  [
    "a sound that is longer than was signed",
    "other-duration",
    opusFile({ packets: Array.from({ length: 120 }, () => QUIET_PACKET) }),
  ],
])("%s is refused: %s", (_, fault, file) => {
  expect(checkSound(file, WHOLE_MS)).toEqual({ ok: false, fault });
});

test("a packet that runs over three pages is one packet, whatever cuts it", () => {
  const packet = Buffer.concat([Buffer.of(0x4b, 0x41, 255, 255, 20), Buffer.alloc(700)]);
  const pages = readPages(opusFile({ packets: [packet, QUIET_PACKET] }));
  const [head, tags, sound] = pages;
  if (!head || !tags || !sound) throw new Error("three pages");
  const cut = [
    { ...sound, flags: 0, granule: -1n, sequence: 2, lacing: [255], body: sound.body.subarray(0, 255) },
    { ...sound, flags: 1, granule: -1n, sequence: 3, lacing: [255], body: sound.body.subarray(255, 510) },
    { ...sound, flags: 5, sequence: 4, lacing: lacingOf([195, 8]), body: sound.body.subarray(510) },
  ];
  expect(checkSound(writePages([head, tags, ...cut]), 34)).toEqual({ ok: true, durationMs: 34 });
  const [first, middle, end] = cut;
  if (!first || !middle || !end) throw new Error("three parts");
  expect(checkSound(writePages([head, tags, { ...first, granule: 0n }, middle, end]), 34).ok).toBe(false);
  expect(checkSound(writePages([head, tags, first, { ...middle, flags: 0 }, end]), 34)).toEqual({
    ok: false,
    fault: "damaged",
  });
});

test("no bytes at all make the check throw, run away or call a packet longer than 120 ms", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 0, max: 3 }), (bytes, kept) => {
      const pages = readPages(WHOLE);
      const file = Buffer.concat([writePages(pages.slice(0, kept)), bytes]);
      expect(checkSound(file, 20).ok).toBe(false);
      expect(packetSamples(bytes, 0, bytes.length) ?? 0).toBeLessThanOrEqual(5_760);
    }),
    { numRuns: 2_000 },
  );
});
