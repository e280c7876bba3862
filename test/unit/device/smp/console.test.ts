import fc from "fast-check";
import { expect, test } from "vitest";
import { ConsoleDecoder, encodeConsole, MAX_PACKET_BYTES, packetBytesAt } from "#device/smp/console.ts";
import { crc16 } from "#device/smp/crc16.ts";

/** Made by other means (Python's binascii.crc_hqx and base64). */
const ECHO = {
  packet: Buffer.from("0a00000900000700a161646568656c6c6f", "hex"),
  line: "\u0006\u0009ABMKAAAJAAAHAKFhZGVoZWxsb4vC\n",
};
const LONG = [
  "\u0006\u0009AMoAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8wMTIzNDU2Nzg5Ojs8PT4/QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFla\n",
  "\u0004\u0014W1xdXl9gYWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoOEhYaHiImKi4yNjo+QkZKTlJWWl5iZmpucnZ6foKGio6SlpqeoqaqrrK2ur7CxsrO0tba3\n",
  "\u0004\u0014uLm6u7y9vr/AwcLDxMXGxxWh\n",
];
const COUNTING = Uint8Array.from({ length: 200 }, (_, index) => index);

function decode(...pieces: (string | Uint8Array)[]) {
  const packets: Uint8Array[] = [];
  const decoder = new ConsoleDecoder((packet) => packets.push(packet));
  for (const piece of pieces) decoder.push(typeof piece === "string" ? Buffer.from(piece, "latin1") : piece);
  return { packets: packets.map((packet) => Buffer.from(packet)), counts: decoder.counts };
}

test("the checksum is CRC-16/XMODEM", () => {
  expect(crc16(Buffer.from("123456789"))).toBe(0x31c3);
});

test("packets stand on the console byte for byte as other programs write them", () => {
  expect(Buffer.from(encodeConsole(ECHO.packet)).toString("latin1")).toBe(ECHO.line);
  expect(Buffer.from(encodeConsole(COUNTING)).toString("latin1")).toBe(LONG.join(""));
  for (const line of LONG) expect(line.length).toBeLessThanOrEqual(127);
});

test("what is written is read again, whatever pieces it comes in", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: MAX_PACKET_BYTES }),
      fc.integer({ min: 1, max: 300 }),
      (packet, size) => {
        const bytes = encodeConsole(packet);
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
          bytes.subarray(at * size, (at + 1) * size),
        );
        expect(decode(...pieces).packets).toEqual([Buffer.from(packet)]);
      },
    ),
  );
});

test("a faster line takes longer packets, so long as none is on it for longer than at 115,200 baud", () => {
  const rates = [1_200, 9_600, 115_200, 230_400, 460_800, 921_600, 1_500_000, 4_000_000];
  const lengths = rates.map(packetBytesAt);
  expect(lengths).toEqual([2_048, 2_048, 2_048, 4_096, 8_192, 16_384, 16_384, 16_384]);
});

test("messages of the kernel between the lines, before them on the same line, and carriage returns change nothing", () => {
  const kernel = "[   12.345678] usb 1-1: new high-speed USB device\r\n";
  const { packets } = decode(
    kernel,
    LONG[0] ?? "",
    kernel,
    `[ 13.0] cut off ${LONG[1] ?? ""}`,
    (LONG[2] ?? "").replace("\n", "\r\n"),
  );
  expect(packets).toEqual([Buffer.from(COUNTING)]);
});

test("a flipped bit is found by the checksum, and the next packet is read as ever", () => {
  const bad = ECHO.line.replace("oZWxsb", "oZWxtb");
  const { packets, counts } = decode(bad, ECHO.line);
  expect(packets).toEqual([ECHO.packet]);
  expect(counts.badCrc).toBe(1);
});

test("a packet that is cut off gives way to the next one, and what continues nothing is passed over", () => {
  const { packets, counts } = decode(LONG[0] ?? "", ECHO.line, LONG[1] ?? "", LONG[2] ?? "", ECHO.line);
  expect(packets).toEqual([ECHO.packet, ECHO.packet]);
  expect(counts.broken).toBe(1);
});

test("more than was announced, less than a length, and lengths of 64 kB are no packets", () => {
  const giant = `\u0006\u0009${Buffer.from([0xff, 0xff, 1, 2]).toString("base64")}\n`;
  const short = `\u0006\u0009${Buffer.from([0]).toString("base64")}\n`;
  const more = `\u0006\u0009${Buffer.from([0, 3, 1, 2, 3, 4]).toString("base64")}\n`;
  const { packets, counts } = decode(giant, short, more, "\u0006\u0009%%%\n", ECHO.line);
  expect(packets).toEqual([ECHO.packet]);
  expect(counts).toMatchObject({ tooLong: 1, broken: 3 });
});

test("a line without an end is thrown away and takes no memory", () => {
  const decoder = new ConsoleDecoder(() => undefined);
  const endless = Buffer.alloc(65_536, 0x41);
  const before = process.memoryUsage().arrayBuffers;
  for (let index = 0; index < 1_000; index += 1) decoder.push(endless);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4_000_000);
  expect(decoder.counts.noise).toBe(65_536_000);
});
