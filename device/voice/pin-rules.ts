/** How long a PIN may be. */
export const PIN_DIGITS = { least: 4, most: 8 } as const;

/** One digit, or two in turn, all along; a run up or down: what is tried first. */
export function isTooEasy(digits: string): boolean {
  const steps = Array.from(digits)
    .slice(1)
    .map((digit, at) => (Number(digit) - Number(digits[at]) + 10) % 10);
  const isRun = steps.every((step) => step === steps[0] && (step === 0 || step === 1 || step === 9));
  return isRun || Array.from(digits).every((digit, at) => digit === digits[at % 2]);
}
