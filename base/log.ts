import { type Logger, pino } from "pino";

/**
 * One line a transition, as JSON on standard error. Never a name, number, account id, transcript or sound:
 * those belong to the owner's journal.
 */
export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

export function openLog(part: string, level = process.env.PORTER_LOG ?? "info"): Log {
  return pino({ level, base: { part } }, pino.destination({ fd: 2, sync: true }));
}

/** Says nothing: for tests and pure tools. */
export const noLog: Log = pino({ level: "silent" });
