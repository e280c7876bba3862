import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sameLine } from "#device/gate/number-key.ts";
import { readClaim, readExact, readNumber, readPrefix } from "#device/number.ts";

/** Numbers that their countries hand out, and the national significant part without any trunk digit. */
const LINES = [
  { region: "GB", code: "44", national: "2079460018", trunk: "0" },
  { region: "GB", code: "44", national: "7400123456", trunk: "0" },
  { region: "US", code: "1", national: "2025550123", trunk: "1" },
  { region: "DE", code: "49", national: "30901820", trunk: "0" },
  { region: "FR", code: "33", national: "142685300", trunk: "0" },
  { region: "IT", code: "39", national: "0669812345", trunk: "" },
  { region: "ES", code: "34", national: "912345678", trunk: "" },
  { region: "RU", code: "7", national: "4951234567", trunk: "8" },
  { region: "JP", code: "81", national: "312345678", trunk: "0" },
] as const;
type Line = (typeof LINES)[number];

const ZEROS = [0x30, 0x660, 0x6f0, 0x966, 0xff10];
const separators = fc.constantFrom("", " ", "-", ".", "/", "\u00a0", "\u2011", "\u200e");
const endings = fc.constantFrom("", "", " x12", " ext. 4", ";ext=3", "#9");

/** One of the ways in which people write it. */
function writingOf(line: Line): fc.Arbitrary<string> {
  const { code, national, trunk } = line;
  const starts = [`+${code}`, `00${code}`, `+00${code}`, `+${code} `, trunk];
  if (trunk === "0") starts.push(`+${code} (0)`, `00${code}(0)`, `+00${code} (0)`, "+0", "+(0)");
  return fc
    .record({
      start: fc.constantFrom(...starts),
      gaps: fc.array(separators, { minLength: national.length - 1, maxLength: national.length - 1 }),
      zero: fc.constantFrom(...ZEROS),
      ending: endings,
    })
    .map(({ start, gaps, zero, ending }) => {
      const spaced = national
        .split("")
        .map((digit, index) => digit + (gaps[index] ?? ""))
        .join("");
      const written = (start + spaced).replaceAll(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));
      return written + ending;
    });
}

const lines = fc.constantFrom(...LINES);
const written = lines.chain((line) => fc.tuple(fc.constant(line), writingOf(line)));

describe("a number", () => {
  test("is the same in every writing", () => {
    fc.assert(
      fc.property(written, ([line, text]) => {
        expect(readNumber(text, line.region)).toContain(`+${line.code}${line.national}`);
      }),
      { numRuns: 1_000 },
    );
  });

  test("is never another that merely shares an ending", () => {
    const different = fc.tuple(lines, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 6 }));
    fc.assert(
      fc.property(different, written, ([line, add, at], [, ending]) => {
        const place = Math.min(at, line.national.length - 4);
        const digit = (Number(line.national[place]) + add) % 10;
        const other = `+${line.code}${line.national.slice(0, place)}${digit}${line.national.slice(place + 1)}`;
        expect(readNumber(other, "GB")).not.toContain(`+${line.code}${line.national}`);
        expect(readNumber(line.national.slice(-6), line.region)).not.toContain(`+${line.code}${line.national}`);
        expect(readNumber(ending, "GB").every((key) => key.length < 20)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test("of any text is a list of keys, and nothing throws or takes long", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        for (const key of readNumber(text, "GB")) expect(key).toMatch(/^\+?\d{1,40}$/);
        for (const prefix of readPrefix(text, "GB")) expect(prefix).toMatch(/^\+[1-9]\d{0,17}$/);
        const exact = readExact(text);
        if (exact !== null) expect(exact).toMatch(/^\+[1-9]\d{6,14}$/);
      }),
      { numRuns: 2_000 },
    );
    expect(readNumber("(".repeat(250), "GB")).toEqual([]);
    expect(readNumber("1 ".repeat(100_000), "GB")).toEqual([]);
  });

  test.each([
    ["+54 9 11 2345 6789", "+54 11 2345 6789"],
    ["+52 1 55 1234 5678", "+52 55 1234 5678"],
  ])("%s is the line of %s, for blocks and not for grants", (one, other) => {
    const [first = "", second = ""] = [one, other].map((text) => readExact(text) ?? "");
    expect(sameLine(first)).toBe(sameLine(second));
    expect(first).not.toBe(second);
  });
});

test.each([
  ["6 698 12345", "IT", "+390669812345"],
  ["+34 (0)91 123 45 67", "GB", "+34911234567"],
  ["0034 (0)91 123 45 67", "GB", "+34911234567"],
  ["tel:7400123456;phone-context=+44", "US", "+447400123456"],
])("%s, written in %s, is %s all the same", (text, region, key) => {
  expect(readNumber(text, region)).toEqual([key]);
});

describe("what a caller says", () => {
  test.each(["", " ", "anonymous", "UNKNOWN", "Restricted", "\u0430nonymous", "+", "sip:anonymous@10.0.0.1"])(
    "%j is no number, so it is withheld",
    (text) => {
      expect(readClaim(text, true, "GB")).toEqual({ withheld: true });
    },
  );

  test("an absent number is not withheld", () => {
    expect(readClaim(undefined, false, "GB")).toEqual({ withheld: false });
  });

  test.each([
    ["+44 20 7946 0018", "+442079460018"],
    ["020 7946 0018", null],
    ["+44 (0)20 7946 0018", null],
    ["+39 (0)6 698 12345", null],
    ["+44 20 7946 0018 x1", null],
    ["00442079460018", null],
    ["+4420", null],
  ])("%s as an attested number is %s", (text, exact) => {
    expect(readClaim(text, true, "GB").number?.attested).toBe(exact);
    expect(readClaim(text, false, "GB").number?.attested).toBeNull();
  });
});
