/** The rate in which Opus counts, whatever was encoded, in Hz. */
export const OPUS_RATE_HZ = 48_000;
/** No packet is longer: 120 ms (RFC 6716, 3.2.5, R5). */
export const LONGEST_PACKET_SAMPLES = 5_760;
/** The most bytes of one frame (RFC 6716, 3.4, R2). */
const MOST_FRAME_BYTES = 1_275;

/** Samples (48 kHz) of one frame by the configuration in the five upper bits of the first byte (RFC 6716, table 2). */
const FRAME_SAMPLES_OF: readonly number[] = [
  ...[0, 1, 2].flatMap(() => [480, 960, 1_920, 2_880]), // SILK
  ...[0, 1].flatMap(() => [480, 960]), // hybrid
  ...[0, 1, 2, 3].flatMap(() => [120, 240, 480, 960]), // CELT
];

/** How the lengths of the frames are told (RFC 6716, 3.2): a packet's bytes from `at` to `end`, without its padding. */
type Frames = Readonly<{ at: number; end: number; count: number; variable: boolean }>;

/**
 * How many samples (48 kHz) the Opus packet in `file` from `start` to `end` lasts; null where it breaks one of the rules
 * R1 to R7 of RFC 6716, 3.4, or is for two channels: those are no packets of a message. Never throws.
 */
export function packetSamples(file: Uint8Array, start: number, end: number): number | null {
  const toc = file[start];
  if (toc === undefined || end <= start || (toc & 4) !== 0) return null;
  const frames = framesOf(file, start + 1, end, toc & 3);
  if (frames === null || !areSound(file, frames)) return null;
  const samples = frames.count * (FRAME_SAMPLES_OF[toc >> 3] ?? 0);
  return samples <= LONGEST_PACKET_SAMPLES ? samples : null;
}

function framesOf(file: Uint8Array, at: number, end: number, code: number): Frames | null {
  switch (code) {
    case 0:
      return { at, end, count: 1, variable: false };
    case 1:
      return { at, end, count: 2, variable: false };
    case 2:
      return { at, end, count: 2, variable: true };
    default:
      return manyFrames(file, at, end);
  }
}

/** A count byte `vpMMMMMM`, then the length of the padding where `p` is set; the padding stands at the end. */
function manyFrames(file: Uint8Array, at: number, end: number): Frames | null {
  if (at >= end) return null;
  const head = file[at] ?? 0;
  let [next, padding] = [at + 1, 0];
  for (let more = (head & 0x40) !== 0; more; next += 1) {
    if (next >= end) return null;
    const bytes = file[next] ?? 0;
    more = bytes === 255;
    padding += more ? 254 : bytes;
  }
  const count = head & 0x3f;
  if (count === 0 || next + padding > end) return null;
  return { at: next, end: end - padding, count, variable: (head & 0x80) !== 0 };
}

/** Whether the frames' lengths add up, each of them no longer than a frame can be. */
function areSound(file: Uint8Array, { at, end, count, variable }: Frames): boolean {
  if (!variable) return (end - at) % count === 0 && (end - at) / count <= MOST_FRAME_BYTES;
  let [next, told] = [at, 0];
  for (let frame = 1; frame < count; frame += 1) {
    if (next >= end) return false;
    const first = file[next] ?? 0;
    if (first >= 252 && next + 1 >= end) return false;
    told += first < 252 ? first : first + 4 * (file[next + 1] ?? 0);
    next += first < 252 ? 1 : 2;
  }
  const last = end - next - told;
  return last >= 0 && last <= MOST_FRAME_BYTES;
}
