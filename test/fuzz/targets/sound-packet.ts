import { LiveDecoder } from "#audio/engines/live-opus.ts";
import { FRAME_SAMPLES } from "#audio/frame.ts";
import { JitterBuffer, MOST_WAITING } from "#audio/peer/jitter-buffer.ts";
import { COPY_AT, emptyPacket, FRAME_AT, PACKET_BYTES, PacketWriter, readPacket } from "#audio/peer/sound-packet.ts";
import type { Random } from "../random.ts";
import { broken, type Target } from "../target.ts";

/** Packets of a hostile far end: of any size, of any number, late and twice, decoded as a leg does it. */
function wildPacket(random: Random): Uint8Array {
  if (random.chance(0.2)) return random.bytes(random.size(2_000));
  const writer = new PacketWriter();
  const number = random.chance(0.7) ? random.below(200) : random.below(2 ** 32);
  writer.frame.set(random.bytes(writer.frame.length));
  writer.shift();
  const bytes = random.chance(0.8)
    ? writer.sound(number, random.below(2 ** 32), random.below(256), random.below(65_536))
    : writer.news(number, 0, 0, 0);
  const sent = bytes.slice();
  if (random.chance(0.5)) sent[0] = 0x10 + random.below(4);
  return sent;
}

export const soundPacket: Target = {
  name: "sound-packet",
  meets: ["refused", "sound", "news"],
  open: async () => {
    const decoder = new LiveDecoder();
    const buffer = new JitterBuffer();
    const packet = emptyPacket();
    const out = new Int16Array(FRAME_SAMPLES);
    let nowMs = 0;
    return {
      attack: (random) => {
        const bytes = wildPacket(random);
        nowMs += random.below(20);
        if (!readPacket(bytes, packet)) return "refused";
        if (packet.hasSound && bytes.length !== PACKET_BYTES) broken("sound of another size");
        if (packet.hasCopy && packet.number > 0) buffer.put(packet.number - 1, bytes, COPY_AT, nowMs);
        if (packet.hasSound) buffer.put(packet.number, bytes, FRAME_AT, nowMs);
        if (buffer.waiting > MOST_WAITING) broken("more waits than may");
        const frame = buffer.take(nowMs);
        if (frame === null) decoder.conceal(out);
        else decoder.decode(frame, out);
        return packet.hasSound ? "sound" : "news";
      },
      [Symbol.asyncDispose]: async () => decoder[Symbol.dispose](),
    };
  },
};
