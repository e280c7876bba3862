import { CONFIDENCE } from "#device/voice/confidence.ts";
import { quiet, step } from "#device/voice/dialog.ts";
import type { Alike, Dialog, DialogInput, DialogOutput, Order, Situation } from "#device/voice/states.ts";

export const SURE = CONFIDENCE.sure;
/** Understood, but read back. */
export const UNSURE = CONFIDENCE.accept;
export const pressed: DialogInput = { type: "pressed" };
export const held: DialogInput = { type: "held" };

type Hearing = Readonly<{
  score?: number;
  spoke?: boolean;
  buttonHeld?: boolean;
  alike?: readonly Alike[];
  nameMargin?: number | null;
}>;

export function heard(text: string | null, hearing: Hearing = {}): DialogInput {
  const { score = SURE, spoke = true, buttonHeld = false, alike = [], nameMargin = null } = hearing;
  return { type: "heard", text, score, spoke, buttonHeld, alike, nameMargin };
}
export const nothing = heard(null, { spoke: false });

/** Runs the inputs one after another, and gives what the last one caused. */
export function outputsOf(now: Situation, ...inputs: DialogInput[]): readonly DialogOutput[] {
  return runOf(now, ...inputs).outputs;
}

/** And where the dialog is left. */
export function runOf(now: Situation, ...inputs: DialogInput[]): { dialog: Dialog; outputs: readonly DialogOutput[] } {
  let dialog: Dialog = quiet;
  let outputs: readonly DialogOutput[] = [];
  for (const input of inputs) [dialog, outputs] = step(dialog, input, now);
  return { dialog, outputs };
}

export const ordersIn = (outputs: readonly DialogOutput[]): Order[] =>
  outputs.flatMap((output) => (output.type === "do" ? [output.order] : []));
export const saidIn = (outputs: readonly DialogOutput[]): string[] =>
  outputs.flatMap((output) => (output.type === "say" ? [output.sentence] : []));
