import { AudioError } from "./audio-error.ts";
import { RATE_HZ } from "./frame.ts";

/** Bytes before the samples in the files that we write. */
export const WAV_HEADER_BYTES = 44;
const PCM = 1;

/** A RIFF header (Microsoft and IBM, "Multimedia Programming Interface", 1991) for mono PCM, signed 16 bit, 16 kHz. */
export function wavHeader(sampleCount: number): Buffer {
  const header = Buffer.alloc(WAV_HEADER_BYTES);
  const dataBytes = sampleCount * 2;
  header.write("RIFF", 0, "latin1");
  header.writeUInt32LE(WAV_HEADER_BYTES - 8 + dataBytes, 4);
  header.write("WAVEfmt ", 8, "latin1");
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(PCM, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(RATE_HZ, 24);
  header.writeUInt32LE(RATE_HZ * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36, "latin1");
  header.writeUInt32LE(dataBytes, 40);
  return header;
}

/**
 * The samples of a WAV file: mono PCM, signed 16 bit, 16 kHz; anything else is refused. A `data` chunk that claims
 * more than the file holds (a writer that was killed) gives what is there. The result is the caller's.
 */
export function readWav(file: Buffer): Int16Array {
  if (file.length < 12 || file.toString("latin1", 0, 4) !== "RIFF" || file.toString("latin1", 8, 12) !== "WAVE")
    throw new AudioError("bad-sound-file", "not a WAV file");
  let offset = 12;
  let known = false;
  while (offset + 8 <= file.length) {
    const name = file.toString("latin1", offset, offset + 4);
    const size = file.readUInt32LE(offset + 4);
    const body = file.subarray(offset + 8, offset + 8 + size);
    if (name === "fmt ") {
      checkFormat(body);
      known = true;
    } else if (name === "data") {
      if (!known) throw new AudioError("bad-sound-file", "the WAV file has sound before its format");
      return samplesOf(body);
    }
    offset += 8 + size + (size % 2);
  }
  throw new AudioError("bad-sound-file", "the WAV file holds no sound");
}

function checkFormat(body: Buffer): void {
  if (body.length < 16) throw new AudioError("bad-sound-file", "the WAV file's format is cut off");
  const found = {
    format: body.readUInt16LE(0),
    channels: body.readUInt16LE(2),
    rateHz: body.readUInt32LE(4),
    bits: body.readUInt16LE(14),
  };
  // 0xFFFE: the extensible form, whose first two bytes of sub-format stand at 24.
  const isPcm = found.format === PCM || (found.format === 0xfffe && body.length >= 26 && body.readUInt16LE(24) === PCM);
  if (!isPcm || found.channels !== 1 || found.rateHz !== RATE_HZ || found.bits !== 16)
    throw new AudioError("bad-sound-file", "the WAV file is not mono 16-bit PCM at 16 kHz", found);
}

function samplesOf(body: Buffer): Int16Array {
  const samples = new Int16Array(Math.floor(body.length / 2));
  for (let index = 0; index < samples.length; index += 1) samples[index] = body.readInt16LE(index * 2);
  return samples;
}
