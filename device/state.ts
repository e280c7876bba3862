import { idle } from "./call/call.ts";
import type { Call } from "./call/states.ts";
import type { AccountId, Book } from "./gate/book.ts";
import type { Request } from "./gate/decide.ts";
import type { EnvelopeId, Pass } from "./gate/pass.ts";
import { quiet } from "./voice/dialog.ts";
import type { Dialog } from "./voice/states.ts";

/** All that the brain remembers between events, beside what its stores keep. */
export type State = Readonly<{
  book: Book | null;
  call: Call;
  dialog: Dialog;
  /** What was asked of the gate for each pass that still stands, so that a changed book can be asked again. */
  standing: ReadonlyMap<EnvelopeId, Request>;
  /** The last missed call that the owner has not asked about. */
  missed: Readonly<{ id: EnvelopeId; pass: Pass }> | null;
  lastCaller: AccountId | null;
  muted: boolean;
  listening: boolean;
  buttonDown: boolean;
  /** Down since before the wake word: the second factor that loosening asks for. */
  heldThrough: boolean;
}>;

/** What a step may look at beside the state. */
export type Context = Readonly<{
  /** Whose calls may be listed and were not heard of yet, newest first; asked only when the owner speaks. */
  unheard: () => readonly AccountId[];
}>;

export function firstState(book: Book | null, muted: boolean, lastCaller: AccountId | null): State {
  return {
    book,
    call: idle,
    dialog: quiet,
    standing: new Map(),
    missed: null,
    lastCaller,
    muted,
    listening: false,
    buttonDown: false,
    heldThrough: false,
  };
}
