/** What the attack's draws start from: `PORTER_SEED`, or 1. */
export function seed(): number {
  const text = process.env.PORTER_SEED ?? "1";
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`PORTER_SEED must be a whole number, not "${text}"`);
  return value;
}
