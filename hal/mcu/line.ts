/** A serial line that is open. */
export interface ByteLine {
  /** Never waits: what a line that is full cannot take is lost, as on the wire. */
  write(bytes: Uint8Array): void;
  /** Nothing is read for so long. */
  rest(ms: number): void;
  /** Resolves once what was written is out, or will not be, and the line is free. */
  close(): Promise<void>;
}

export type LineEvents = Readonly<{
  onBytes: (bytes: Uint8Array) => void;
  /** The line is gone, once; not after `close`. */
  onGone: (why: string) => void;
}>;
/** Rejects where there is no such line, or somebody else has it. */
export type OpenLine = (events: LineEvents) => Promise<ByteLine>;
