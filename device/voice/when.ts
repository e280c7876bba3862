const DAY_MS = 86_400_000;
const NUMBERS = (
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen quarter sixteen seventeen " +
  "eighteen nineteen twenty"
).split(" ");
const ORDINALS = (
  "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth " +
  "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split(" ");

/** Clocks that differ by less agree. */
const SLACK_MS = 5 * 60_000;

/**
 * When something was, as people say it: "today at ten past four", "on Monday at noon". Empty where it is no date, or
 * not yet: then the clock is wrong.
 */
export function spokenTime(atMs: number, nowMs: number, timeZone: string): string {
  if (atMs > nowMs + SLACK_MS) return "";
  const at = wallClock(atMs, timeZone);
  const now = wallClock(nowMs, timeZone);
  return at === null || now === null ? "" : `${spokenDay(at, now)} at ${spokenHour(at)}`;
}

/** A time of day, in minutes since midnight: "ten o'clock in the evening". */
export function spokenMinute(minute: number): string {
  return spokenHour({ hour: Math.floor(minute / 60) % 24, minute: minute % 60 });
}

type WallClock = Readonly<{
  /** Days since 1970, on the wall's calendar. */
  dayNumber: number;
  year: number;
  month: string;
  day: number;
  weekday: string;
  hour: number;
  minute: number;
}>;

function wallClock(atMs: number, timeZone: string): WallClock | null {
  try {
    const parts = new Map(
      formatOf(timeZone)
        .formatToParts(atMs)
        .map(({ type, value }) => [type, value]),
    );
    const [year, day, hour, minute] = (["year", "day", "hour", "minute"] as const).map((type) =>
      Number(parts.get(type)),
    );
    if (year === undefined || day === undefined || hour === undefined || minute === undefined) return null;
    const month = parts.get("month") ?? "";
    const dayNumber = Math.round(Date.parse(`${month} ${day}, ${year} UTC`) / DAY_MS);
    return { dayNumber, year, month, day, weekday: parts.get("weekday") ?? "", hour, minute };
  } catch {
    return null;
  }
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en-GB-u-ca-gregory-nu-latn", {
    timeZone,
    year: "numeric",
    month: "long",
    day: "numeric",
    weekday: "long",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
}

function spokenDay(at: WallClock, now: WallClock): string {
  const days = now.dayNumber - at.dayNumber;
  if (days <= 0) return "today";
  if (days === 1) return "yesterday";
  if (days < 7) return `on ${at.weekday}`;
  return `on the ${ordinal(at.day)} of ${at.month}${at.year === now.year ? "" : ` ${at.year}`}`;
}

/** The afternoon goes without saying. */
function spokenHour({ hour, minute }: Pick<WallClock, "hour" | "minute">): string {
  const isAfterHalf = minute > 30;
  const named = (hour + (isAfterHalf ? 1 : 0)) % 24;
  const name = named === 0 ? "midnight" : number(named > 12 ? named - 12 : named);
  const part = named === 0 || (hour >= 12 && hour < 18) ? "" : hour < 12 ? " in the morning" : " in the evening";
  if (minute === 0) return named === 0 ? name : named === 12 ? "noon" : `${name} o'clock${part}`;
  if (minute === 30) return `half past ${name}${part}`;
  const away = isAfterHalf ? 60 - minute : minute;
  const minutes = away % 5 === 0 ? number(away) : `${number(away)} ${away === 1 ? "minute" : "minutes"}`;
  return `${minutes} ${isAfterHalf ? "to" : "past"} ${name}${part}`;
}

function number(count: number): string {
  return NUMBERS[count] ?? `twenty-${NUMBERS[count - 20] ?? ""}`;
}

function ordinal(day: number): string {
  if (day === 30) return "thirtieth";
  if (day === 31) return "thirty-first";
  return ORDINALS[day] ?? `twenty-${ORDINALS[day - 20] ?? ""}`;
}
