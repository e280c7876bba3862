import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import type { BenchHandlers, ControlHandlers } from "./requests.ts";

export type SocketOptions<Handlers> = Readonly<{
  /** Where the socket stands; its folder exists and is the unit's own. */
  path: string;
  handlers: Handlers;
  log: Log;
  clock: Clock;
}>;

export type ControlSocketOptions = SocketOptions<ControlHandlers>;
export type BenchSocketOptions = SocketOptions<BenchHandlers>;
