import * as v from "valibot";
import type { Window } from "../gate/book.ts";

/** Windows as people write them: "22:00" to "07:00" on "mon", "tue"; no days at all are all of them. */

export const WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

const TimeOfDay = v.pipe(v.string(), v.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, "must be a time such as 07:30"));

export const windowFields = {
  from: v.pipe(TimeOfDay, v.notValue("24:00", "begins at 00:00, not at 24:00")),
  to: TimeOfDay,
  days: v.optional(v.array(v.picklist(WEEK)), [...WEEK]),
};

const WindowText = v.strictObject(windowFields);
export type WindowText = v.InferOutput<typeof WindowText>;

export function toWindow({ from, to, days }: WindowText): Window {
  return { fromMinute: minuteOf(from), toMinute: minuteOf(to), days };
}

export function fromWindow({ fromMinute, toMinute, days }: Window): WindowText {
  return { from: textOf(fromMinute), to: textOf(toMinute), days: [...days] };
}

function minuteOf(time: string): number {
  const [hours = "", minutes = ""] = time.split(":");
  return Number(hours) * 60 + Number(minutes);
}

function textOf(minute: number): string {
  const two = (number: number) => String(number).padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}
