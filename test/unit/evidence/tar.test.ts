import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { readTar, type TarFile, writeTar } from "#device/evidence/tar.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const AT_S = 1_795_435_200;
const BLOCK = 512;

function file(path: string, content: Uint8Array): TarFile {
  return { path, bytes: content.length, read: () => content };
}

function archiveOf(...files: readonly TarFile[]): Buffer {
  return Buffer.concat([...writeTar(files, AT_S)]);
}

/** With a checksum that fits what was changed. */
function mended(archive: Buffer, change: (header: Buffer) => void): Buffer {
  const copy = Buffer.from(archive);
  const header = copy.subarray(0, BLOCK);
  change(header);
  header.fill(" ", 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return copy;
}

function why(archive: Uint8Array): string {
  const read = readTar(archive);
  return read.ok ? "it was taken" : read.why;
}

const PLAIN = archiveOf(file("a/b.txt", Buffer.from("hello")), file("a/empty", Buffer.alloc(0)));

test("an archive is read as it was written, and the system's tar reads the same", async () => {
  const sound = randomBytes(70_001);
  const archive = archiveOf(
    file("e/one.ogg", sound),
    file("e/full", randomBytes(BLOCK)),
    file("e/none", Buffer.alloc(0)),
  );
  const read = readTar(archive);
  if (!read.ok) throw new Error(read.why);
  expect([...read.files.keys()]).toEqual(["e/one.ogg", "e/full", "e/none"]);
  expect(Buffer.compare(read.files.get("e/one.ogg") ?? Buffer.alloc(0), sound)).toBe(0);
  await using folder = await makeTempFolder();
  await writeFile(`${folder.path}/x.tar`, archive);
  await promisify(execFile)("tar", ["-xf", `${folder.path}/x.tar`, "-C", folder.path, "--warning=no-timestamp"]);
  expect(Buffer.compare(await readFile(`${folder.path}/e/one.ogg`), sound)).toBe(0);
});

test.each<[string, (header: Buffer) => void]>([
  ["a path that leads out", (header) => header.write("../b.txt\0", 0)],
  ["a path from the root", (header) => header.write("/b.txt\0", 0)],
  ["a path within that leads out", (header) => header.write("a/../../b\0", 0)],
  ["a hidden file", (header) => header.write("a/.b.txt\0", 0)],
  ["a back slash", (header) => header.write("a\\b.txt\0", 0)],
  ["a path with something behind its end", (header) => header.write("a\0b.txt", 0)],
  ["a path that goes on in the prefix", (header) => header.write("prefix", 345)],
  ["a hard link", (header) => header.write("1", 156)],
  ["a symbolic link", (header) => header.write("2/etc/passwd", 156)],
  ["a device", (header) => header.write("3", 156)],
  ["a folder", (header) => header.write("5", 156)],
  ["a sparse file of GNU", (header) => header.write("S", 156)],
  ["a long name of GNU", (header) => header.write("L", 156)],
  ["an extended header of pax", (header) => header.write("x", 156)],
  ["a global header of pax", (header) => header.write("g", 156)],
  ["a link's target in a plain file", (header) => header.write("/etc/passwd", 157)],
  ["an old magic", (header) => header.write("ustar  \0", 257)],
  ["an owner", (header) => header.write("root", 265)],
  ["a mode that runs", (header) => header.write("0004755\0", 100)],
  ["a size in base 256", (header) => header.set([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5], 124)],
  ["a size with spaces", (header) => header.write("         5 \0", 124)],
  ["something behind the header", (header) => header.write("hidden", 500)],
])("an entry with %s is none", (_, change) => {
  expect(why(mended(PLAIN, change))).toContain("none that Porter writes");
});

test("a size beyond the end, however huge, is a cut archive and costs nothing", () => {
  for (const size of ["77777777777", "00000200000"]) {
    expect(why(mended(PLAIN, (header) => header.write(`${size}\0`, 124)))).toContain("cut off");
  }
});

test("what is cut, appended, doubled, hidden, or of another time is refused", () => {
  for (let bytes = 0; bytes < PLAIN.length; bytes += 100) {
    expect(why(PLAIN.subarray(0, bytes))).toMatch(/cut off/);
  }
  expect(why(Buffer.concat([PLAIN, Buffer.alloc(BLOCK)]))).toContain("appended");
  expect(why(Buffer.concat([PLAIN, Buffer.from("x")]))).toContain("appended");
  expect(why(Buffer.concat([PLAIN, PLAIN]))).toContain("appended");
  expect(why(Buffer.alloc(2 * BLOCK))).toContain("does not end where");
  const one = file("a/b.txt", Buffer.from("hello"));
  expect(why(archiveOf(one, one))).toContain("a/b.txt twice");
  const hidden = Buffer.from(PLAIN);
  hidden.write("x", BLOCK + 5);
  expect(why(hidden)).toContain("hidden behind a/b.txt");
  const other = Buffer.concat([...writeTar([one], AT_S + 1)]).subarray(0, 2 * BLOCK);
  expect(
    why(Buffer.concat([archiveOf(file("z", Buffer.alloc(0))).subarray(0, BLOCK), other, Buffer.alloc(2 * BLOCK)])),
  ).toContain("another time");
});

test("any single bit of a header that is not as it was written is seen", () => {
  for (let bit = 0; bit < BLOCK * 8; bit += 1) {
    const flipped = Buffer.from(PLAIN);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(readTar(flipped).ok, `bit ${bit}`).toBe(false);
  }
});

test("no archive is written with a path that leads anywhere else, nor with a file that changed meanwhile", () => {
  expect(() => archiveOf(file("../x", Buffer.alloc(0)))).toThrow("no path");
  expect(() => archiveOf({ path: "x", bytes: 2, read: () => Buffer.from("x") })).toThrow("is not what it was");
  expect(() => archiveOf({ path: "x", bytes: 2, read: () => null })).toThrow("is not what it was");
});
