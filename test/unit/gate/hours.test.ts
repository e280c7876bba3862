import { describe, expect, test } from "vitest";
import type { Weekday, Window } from "#device/gate/book.ts";
import { isInside, localTime } from "#device/gate/hours.ts";

const WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const MINUTE_MS = 60_000;

function at(text: string): number {
  return Date.parse(text);
}

describe("the wall's clock", () => {
  test.each([
    ["Europe/London", "2026-03-29T00:59:00Z", { day: "sun", minute: 59 }],
    ["Europe/London", "2026-03-29T01:00:00Z", { day: "sun", minute: 120 }],
    ["Europe/London", "2026-10-25T00:30:00Z", { day: "sun", minute: 90 }],
    ["Europe/London", "2026-10-25T01:30:00Z", { day: "sun", minute: 90 }],
    ["Pacific/Kiritimati", "2026-11-22T10:00:00Z", { day: "mon", minute: 0 }],
    ["America/St_Johns", "2026-11-23T03:29:59.999Z", { day: "sun", minute: 1_439 }],
    ["UTC", "1969-12-31T23:59:59Z", { day: "wed", minute: 1_439 }],
  ])("in %s at %s", (zone, moment, local) => {
    expect(localTime(zone, at(moment))).toEqual(local);
  });

  test.each([
    ["Europe/Lundon", 0],
    ["", 0],
    ["UTC", Number.NaN],
    ["UTC", Number.POSITIVE_INFINITY],
    ["UTC", 8.64e15 + 1],
  ])("is nobody's in %j at %s", (zone, atMs) => {
    expect(localTime(zone, atMs)).toBeNull();
  });

  test("what is kept for a minute is not told of another, nor of another zone", () => {
    const first = at("2026-11-23T12:00:30Z");
    expect(localTime("UTC", first)?.minute).toBe(720);
    expect(localTime("Asia/Kathmandu", first)?.minute).toBe(1_065);
    expect(localTime("UTC", first + MINUTE_MS)?.minute).toBe(721);
    expect(localTime("UTC", first)?.minute).toBe(720);
  });
});

describe("a window", () => {
  const night: Window = { fromMinute: 1_320, toMinute: 420, days: ["fri"] };
  const lunch: Window = { fromMinute: 720, toMinute: 780, days: ["mon"] };
  const always: Window = { fromMinute: 0, toMinute: 0, days: WEEK };

  test.each<[Window, Weekday, number, boolean]>([
    [lunch, "mon", 719, false],
    [lunch, "mon", 720, true],
    [lunch, "mon", 779, true],
    [lunch, "mon", 780, false],
    [lunch, "tue", 720, false],
    [night, "fri", 1_319, false],
    [night, "fri", 1_320, true],
    [night, "sat", 419, true],
    [night, "sat", 420, false],
    [night, "fri", 100, false],
    [night, "sat", 1_400, false],
    [{ ...night, days: ["sun"] }, "mon", 0, true],
    [always, "wed", 0, true],
    [always, "wed", 1_439, true],
    [{ ...always, days: [] }, "wed", 12, false],
  ])("%j on %s at minute %d: %s", (window, day, minute, expected) => {
    expect(isInside(window, { day, minute })).toBe(expected);
  });
});
