import { seededRandom } from "#scripts/hear/random.ts";
import { lacingOf, type OggPage, readPages, writePages } from "./ogg-file.ts";

/**
 * Files that somebody might send in place of a message: well-formed ones in which something was changed, mostly with
 * checksums made right again, so that it is not the checksum that stops them. The same seed, the same file.
 */
export function hostileFile(whole: Buffer, seed: number): Buffer {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const pages = readPages(whole);
  // Half of the files are well-formed but for their packets, and so reach the decoder.
  const changes = below(2) === 0 ? PACKET_CHANGES : [...PACKET_CHANGES, ...CHANGES];
  for (let left = 1 + below(3); left > 0; left -= 1) changes[below(changes.length)]?.(pages, below);
  const file = writePages(pages);
  if (changes === PACKET_CHANGES) return file;
  switch (below(6)) {
    case 0:
      return file.subarray(0, below(file.length));
    case 1:
      for (let flip = 0; flip <= below(4); flip += 1) file.writeUInt8(below(256), below(file.length));
      return file;
    case 2:
      return Buffer.concat([file, writePages(readPages(whole).map((page) => ({ ...page, serial: page.serial + 1 })))]);
    default:
      return file;
  }
}

type Below = (limit: number) => number;
type Change = (pages: OggPage[], below: Below) => void;

/** What packets hold: nothing but the decoder can tell that it is not sound. */
const PACKET_CHANGES: readonly Change[] = [
  (pages, below) => scatter(soundPage(pages, below), below, 1 + below(20)),
  replacePackets,
];
const CHANGES: readonly Change[] = [
  (pages, below) => scatter(soundPage(pages, below), below, 500),
  // The two headers.
  ([head], below) => scatter(head, below, 1 + below(3)),
  ([, tags], below) => scatter(tags, below, 1 + below(6)),
  ([, tags], below) => setBody(tags, Buffer.from(Array.from({ length: below(600) }, () => below(256)))),
  ([head], below) => head?.body.set([below(256)], [8, 9, 10, 11, 16, 17, 18][below(7)] ?? 0),
  // The container.
  (pages, below) => Object.assign(anyPage(pages, below) ?? {}, { granule: oddGranule(below) }),
  (pages, below) => Object.assign(anyPage(pages, below) ?? {}, { flags: below(8) }),
  (pages, below) => Object.assign(anyPage(pages, below) ?? {}, { serial: below(4) }),
  (pages, below) => Object.assign(anyPage(pages, below) ?? {}, { sequence: below(6) }),
  (pages, below) => void pages.splice(below(pages.length), 1),
  (pages, below) => void pages.splice(below(pages.length), 0, ...pages.slice(below(pages.length)).slice(0, 1)),
  (pages, below) => relace(anyPage(pages, below), below),
];

function soundPage(pages: OggPage[], below: Below): OggPage | undefined {
  return pages[2 + below(Math.max(1, pages.length - 2))];
}

function anyPage(pages: OggPage[], below: Below): OggPage | undefined {
  return pages[below(pages.length)];
}

function scatter(page: OggPage | undefined, below: Below, count: number): void {
  if (page === undefined || page.body.length === 0) return;
  for (let byte = 0; byte < count; byte += 1) page.body[below(page.body.length)] = below(256);
}

/** As many packets of 20 ms as before, each with any bytes behind a first byte that keeps the time right. */
function replacePackets(pages: OggPage[], below: Below): void {
  const page = soundPage(pages, below);
  if (page === undefined) return;
  const packets = page.lacing
    .filter((length) => length < 255)
    .map(() =>
      Uint8Array.from({ length: 1 + below(120) }, (_, index) => (index === 0 ? firstByte(below) : below(256))),
    );
  page.lacing = lacingOf(packets.map((packet) => packet.length));
  page.body = Buffer.concat(packets);
}

/** 20 ms in one frame: by any coding mode and bandwidth. */
function firstByte(below: Below): number {
  return ([1, 5, 9, 13, 15, 19, 23, 27, 31][below(9)] ?? 0) << 3;
}

function setBody(page: OggPage | undefined, body: Buffer): void {
  if (page !== undefined) Object.assign(page, { body, lacing: lacingOf([body.length]) });
}

/** The same bytes, cut into other packets. */
function relace(page: OggPage | undefined, below: Below): void {
  if (page === undefined) return;
  const lengths: number[] = [];
  for (let left = page.body.length; left > 0; left -= lengths.at(-1) ?? left)
    lengths.push(Math.min(left, 1 + below(300)));
  page.lacing = lacingOf(lengths).slice(0, 255);
  page.body = page.body.subarray(
    0,
    page.lacing.reduce((sum, length) => sum + length, 0),
  );
}

function oddGranule(below: Below): bigint {
  const odd = [
    -1n,
    -2n,
    0n,
    1n,
    311n,
    48_000n,
    1n << 31n,
    1n << 40n,
    (1n << 63n) - 1n,
    1n << 63n,
    BigInt(below(60_000)),
  ];
  return odd[below(odd.length)] ?? 0n;
}
