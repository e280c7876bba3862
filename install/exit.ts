/** How `porter-install` ends; of several units the highest counts. Scripts rely on these numbers. */
export const EXIT = {
  done: 0,
  /** The unit said no: the words beside it say why and what to do. */
  refused: 1,
  /** Wrongly called; nothing was sent. */
  usage: 2,
  /** No unit answered on the port, or the port is not there. */
  silent: 3,
  /** The bundle is not fit for this unit; nothing was sent, or the unit threw it away. */
  bundle: 4,
  /** A check failed. */
  check: 5,
  /** The line was lost and did not come back in time: run the same command again, it goes on where it stopped. */
  lost: 6,
  /** The unit went back to its former firmware. */
  rolledBack: 7,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends the work on one unit, with words for people. */
export class Failure extends Error {
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.name = "Failure";
    this.exitCode = exitCode;
  }
}
