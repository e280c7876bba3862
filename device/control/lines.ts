/** The longest line that either side sends to the unit, in bytes, without its line feed. */
export const MAX_LINE_BYTES = 64 * 1024;

const LINE_FEED = 0x0a;

/**
 * Takes bytes as they come and hands on whole lines. The function that it returns says false once a line is longer
 * than `maxBytes`, and takes nothing more then.
 */
export function splitLines(onLine: (line: string) => void, maxBytes = MAX_LINE_BYTES): (bytes: Buffer) => boolean {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let failed = false;
  return (bytes) => {
    let start = 0;
    while (!failed) {
      const end = bytes.indexOf(LINE_FEED, start);
      const piece = bytes.subarray(start, end === -1 ? bytes.length : end);
      waitingBytes += piece.length;
      failed = waitingBytes > maxBytes;
      if (failed) break;
      waiting.push(piece);
      if (end === -1) break;
      const line = Buffer.concat(waiting).toString("utf8");
      waiting = [];
      waitingBytes = 0;
      start = end + 1;
      if (line.trim() !== "") onLine(line);
    }
    return !failed;
  };
}
