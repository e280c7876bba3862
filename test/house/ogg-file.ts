import { pageChecksum } from "#audio/ogg.ts";

/** One page of Ogg (RFC 3533, 6) as its fields say, true or not; its checksum is right. */
export type OggPage = {
  flags: number;
  granule: bigint;
  serial: number;
  sequence: number;
  lacing: number[];
  body: Uint8Array;
};

const HEADER_BYTES = 27;

export function writePage(page: OggPage): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write("OggS", 0, "latin1");
  header.writeUInt8(page.flags, 5);
  header.writeBigUInt64LE(BigInt.asUintN(64, page.granule), 6);
  header.writeUInt32LE(page.serial >>> 0, 14);
  header.writeUInt32LE(page.sequence >>> 0, 18);
  header.writeUInt8(page.lacing.length, 26);
  const bytes = Buffer.concat([header, Buffer.from(page.lacing), page.body]);
  bytes.writeUInt32LE(pageChecksum(bytes), 22);
  return bytes;
}

export function writePages(pages: readonly OggPage[]): Buffer {
  return Buffer.concat(pages.map(writePage));
}

/** Takes a well-formed file apart. */
export function readPages(file: Buffer): OggPage[] {
  const pages: OggPage[] = [];
  for (let at = 0; at < file.length; ) {
    const lacing = [...file.subarray(at + HEADER_BYTES, at + HEADER_BYTES + file.readUInt8(at + 26))];
    const body = at + HEADER_BYTES + lacing.length;
    const end = body + lacing.reduce((sum, length) => sum + length, 0);
    pages.push({
      flags: file.readUInt8(at + 5),
      granule: file.readBigUInt64LE(at + 6),
      serial: file.readUInt32LE(at + 14),
      sequence: file.readUInt32LE(at + 18),
      lacing,
      body: Buffer.from(file.subarray(body, end)),
    });
    at = end;
  }
  return pages;
}

/** The lacing values of packets of these lengths. */
export function lacingOf(lengths: readonly number[]): number[] {
  return lengths.flatMap((length) => [...Array.from({ length: Math.floor(length / 255) }, () => 255), length % 255]);
}

type FileOptions = Partial<{
  version: number;
  channels: number;
  preSkip: number;
  rateHz: number;
  gain: number;
  /** The mapping family, and what stands behind it. */
  mapping: readonly number[];
  tags: Uint8Array;
  packets: readonly Uint8Array[];
  /** What the last page says. Without it: all samples. */
  granule: bigint;
  /** Samples (48 kHz) of each packet. */
  packetSamples: number;
  serial: number;
}>;

/** 20 ms of silence: SILK, wideband, one frame (what libopus encodes silence to). */
export const QUIET_PACKET = Buffer.from([0x48, 0x0b, 0xe4, 0xc1, 0x36, 0xec, 0xc5, 0x80]);
export const PLAIN_TAGS = Buffer.from("OpusTags\u0004\0\0\0test\0\0\0\0", "latin1");

export function opusHead(options: FileOptions = {}): Buffer {
  const { version = 1, channels = 1, preSkip = 312, rateHz = 16_000, gain = 0, mapping = [0] } = options;
  const head = Buffer.alloc(18);
  head.write("OpusHead", 0, "latin1");
  head.writeUInt8(version, 8);
  head.writeUInt8(channels, 9);
  head.writeUInt16LE(preSkip, 10);
  head.writeUInt32LE(rateHz, 12);
  head.writeInt16LE(gain, 16);
  return Buffer.concat([head, Buffer.from(mapping)]);
}

/** A whole file of 60 packets, 1,194 ms long; each option makes it another one. */
export function opusFile(options: FileOptions = {}): Buffer {
  const { packets = Array.from({ length: 60 }, () => QUIET_PACKET), packetSamples = 960, serial = 7 } = options;
  const head = opusHead(options);
  const tags = options.tags ?? PLAIN_TAGS;
  const pages: OggPage[] = [
    { flags: 2, granule: 0n, serial, sequence: 0, lacing: lacingOf([head.length]), body: head },
    { flags: 0, granule: 0n, serial, sequence: 1, lacing: lacingOf([tags.length]), body: tags },
  ];
  let samples = 0;
  for (let from = 0; from < packets.length; from += 50) {
    const some = packets.slice(from, from + 50);
    samples += some.length * packetSamples;
    const isLast = from + 50 >= packets.length;
    pages.push({
      flags: isLast ? 4 : 0,
      granule: isLast ? (options.granule ?? BigInt(samples)) : BigInt(samples),
      serial,
      sequence: pages.length,
      lacing: lacingOf(some.map((packet) => packet.length)),
      body: Buffer.concat(some),
    });
  }
  return writePages(pages);
}
