/**
 * Loaded into an audio process: collects garbage after every so many legs that were closed, so that its memory is what
 * it holds; and, for a control, keeps some of it for ever with each.
 */
const EVERY_LEGS = 10;
const LEAK_BYTES = Number(process.env.PORTER_LEAK_KB ?? 0) * 1_024;

const kept: Buffer[] = [];
process.on("message", (message: unknown) => {
  const closes = typeof message === "object" && message !== null && "type" in message && message.type === "close-leg";
  if (!closes) return;
  kept.push(Buffer.alloc(LEAK_BYTES, 1));
  if (kept.length % EVERY_LEGS === 0) globalThis.gc?.();
});
