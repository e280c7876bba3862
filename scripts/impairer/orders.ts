import type { Conditions } from "./path.ts";

/** What the impairer's thread is started with. */
export type Start = Readonly<{ toHost: string; toPort: number; seed: number; out: Conditions; back: Conditions }>;

/** What it is told. Each is answered by `done`. */
export type Order =
  | Readonly<{ type: "impair"; out: Conditions; back: Conditions }>
  /** Nothing passes while it is down. */
  | Readonly<{ type: "cut"; isDown: boolean }>
  /** From now on packets reach the far side from this address, and from other ports. */
  | Readonly<{ type: "move"; address: string }>
  | Readonly<{ type: "count" }>
  | Readonly<{ type: "close" }>;

/** Packets, out of the near side and back to it; `bytes` that came, with IPv4 and UDP. */
export type Counts = Readonly<{ out: Count; back: Count }>;
type Count = Readonly<{ came: number; went: number; bytes: number }>;

/** `counts` so far, with each. */
export type Answer =
  | Readonly<{ type: "ready"; port: number }>
  | Readonly<{ type: "done"; counts: Counts }>
  | Readonly<{ type: "failed"; message: string }>;
