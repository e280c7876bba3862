/** A control: loaded into the brains, it keeps so many megabytes an hour for ever. */
const MB_AN_HOUR = Number(process.env.PORTER_LEAK_MB_AN_HOUR ?? 0);
const EACH_MS = 1_000;

const kept: Buffer[] = [];
if (process.argv[1]?.endsWith("device/main.ts") === true) {
  const bytes = Math.round((MB_AN_HOUR * 2 ** 20 * EACH_MS) / 3_600_000);
  setInterval(() => kept.push(Buffer.alloc(bytes, 1)), EACH_MS).unref();
}
