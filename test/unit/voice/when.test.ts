import * as fc from "fast-check";
import { expect, test } from "vitest";
import { spokenTime } from "#device/voice/when.ts";

const LONDON = "Europe/London";
/** A Monday, six in the evening. */
const NOW = Date.UTC(2026, 10, 23, 18);
const at = (day: number, hour: number, minute = 0, month = 10, year = 2026) => Date.UTC(year, month, day, hour, minute);

test.each<[number, string]>([
  [at(23, 16, 10), "today at ten past four"],
  [at(23, 12), "today at noon"],
  [at(23, 0), "today at midnight"],
  [at(23, 0, 20), "today at twenty past midnight"],
  [at(23, 7, 30), "today at half past seven in the morning"],
  [at(23, 11, 50), "today at ten to twelve in the morning"],
  [at(23, 13, 1), "today at one minute past one"],
  [at(23, 17, 38), "today at twenty-two minutes to six"],
  [at(23, 18), "today at six o'clock in the evening"],
  [at(22, 23, 45), "yesterday at quarter to midnight"],
  [at(20, 9, 15), "on Friday at quarter past nine in the morning"],
  [at(16, 15), "on the sixteenth of November at three o'clock"],
  [at(31, 15, 0, 4), "on the thirty-first of May at four o'clock"],
  [at(22, 12, 0, 11, 2025), "on the twenty-second of December 2025 at noon"],
])("%d is spoken as %j", (moment, spoken) => {
  expect(spokenTime(moment, NOW, LONDON)).toBe(spoken);
});

test("what lies ahead, or is no date or no place, is not told", () => {
  expect([
    spokenTime(NOW + 3_600_000, NOW, LONDON),
    spokenTime(Number.NaN, NOW, LONDON),
    spokenTime(NOW, NOW, "Nowhere/Atall"),
    spokenTime(-9e15, NOW, LONDON),
  ]).toEqual(["", "", "", ""]);
});

test("whenever it was, it is told in words, whatever the zone and its daylight saving", () => {
  const zones = fc.constantFrom(LONDON, "Asia/Kathmandu", "Australia/Lord_Howe", "America/New_York");
  fc.assert(
    fc.property(fc.integer({ min: 0, max: NOW }), zones, (moment, zone) => {
      expect(spokenTime(moment, NOW, zone)).toMatch(
        /^(today|yesterday|on [A-Z][a-z]+day|on the [a-z-]+ of [A-Z][a-z]+( \d{4})?) at [a-z'-]+( [a-z'-]+)*$/,
      );
      expect(spokenTime(moment, NOW, zone)).not.toContain("undefined");
    }),
    { numRuns: 500 },
  );
});
