import fc from "fast-check";
import { expect, test } from "vitest";
import { OPUS_FRAME_BYTES } from "#audio/engines/live-opus.ts";
import { COPY_AT, emptyPacket, FRAME_AT, PACKET_BYTES, PacketWriter, readPacket } from "#audio/peer/sound-packet.ts";

const NUMBER = fc.integer({ min: 0, max: 2 ** 31 });
const COUNT = fc.integer({ min: 0, max: 65_535 });
const AGO = fc.integer({ min: 0, max: 255 });

test("what is written can be read, and says the same", () => {
  fc.assert(
    fc.property(NUMBER, NUMBER, AGO, COUNT, fc.boolean(), (number, heardNext, heardAgoMs, heardCount, hasSound) => {
      const writer = new PacketWriter();
      writer.frame.fill(7);
      const bytes = writer[hasSound ? "sound" : "news"](number, heardNext, heardAgoMs, heardCount);
      const packet = emptyPacket();
      expect(readPacket(bytes, packet)).toBe(true);
      expect(packet).toEqual({ isLast: false, hasSound, hasCopy: false, number, heardNext, heardAgoMs, heardCount });
    }),
  );
});

test("the last packet says so, and nothing else", () => {
  const packet = emptyPacket();
  expect(readPacket(new PacketWriter().last(9), packet)).toBe(true);
  expect(packet).toMatchObject({ isLast: true, hasSound: false, number: 9 });
});

test("a packet brings the frame before it once more, where that was sent too", () => {
  const writer = new PacketWriter();
  const packet = emptyPacket();
  const send = (number: number, fill: number) => {
    writer.shift();
    writer.frame.fill(fill);
    const bytes = writer.sound(number, 0, 0, 0);
    readPacket(bytes, packet);
    return [packet.hasCopy, bytes[FRAME_AT], bytes[COPY_AT], bytes.length];
  };
  expect(send(5, 1)).toEqual([false, 1, 0, PACKET_BYTES]);
  expect(send(6, 2)).toEqual([true, 2, 1, PACKET_BYTES]);
  expect(send(9, 3)).toEqual([false, 3, 0, PACKET_BYTES]);
});

test("no bytes whatsoever are read but of exactly one size for their kind, and none makes the reader throw", () => {
  const packet = emptyPacket();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const read = readPacket(bytes, packet);
      if (read) expect(bytes.length).toBe(packet.hasSound ? PACKET_BYTES : PACKET_BYTES - 2 * OPUS_FRAME_BYTES);
    }),
    { numRuns: 2_000 },
  );
  const good = new PacketWriter().sound(1, 1, 1, 1);
  expect(readPacket(good, packet)).toBe(true);
  for (const bad of [good.subarray(1), new Uint8Array([...good, 0]), new Uint8Array(262_144).fill(0x11)])
    expect(readPacket(bad, packet)).toBe(false);
  for (const kind of [0, 0x13, 0x1e, 0x21, 255]) {
    const other = good.slice();
    other[0] = kind;
    expect(readPacket(other, packet)).toBe(false);
  }
});
