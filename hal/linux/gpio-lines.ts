import type { Clock } from "#base/clock.ts";
import type { Line } from "../board-file.ts";
import type { HalError } from "../hal-error.ts";

/** GPIO lines that are held: inputs are told of, outputs driven. Levels are the wire's: true is high. */
export interface GpioLines extends AsyncDisposable {
  /** Drives every output, in the order in which they were opened. Rejects where they refuse. */
  drive(levels: readonly boolean[]): Promise<void>;
}

export type GpioOptions = Readonly<{
  clock: Clock;
  inputs: readonly Line[];
  outputs: readonly Line[];
  /**
   * The level of an input, by its place in `inputs`: at first, at each edge, and again from time to time. Null: it
   * cannot be read, and is tried again and again. `atMs`: when an edge was, by a clock of the driver's, where it knows.
   */
  onLevel: (input: number, high: boolean | null, atMs?: number | null) => void;
  /** Why an input cannot be read, or null: each can. */
  onFault: (fault: HalError | null) => void;
  /** The outputs are held no more: drive them again. */
  onDropped: () => void;
}>;

/** Resolves once every input was read, or could not be; rejects where a driver or a line does not exist. */
export type OpenGpio = (options: GpioOptions) => Promise<GpioLines>;
