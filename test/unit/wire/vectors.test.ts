import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { open } from "#device/wire/envelope.ts";
import { fixedUnit } from "../../house/fixed-keys.ts";
import { makeVectors } from "../../vectors/make-vectors.ts";

const FILE = join(import.meta.dirname, "../../vectors/envelopes.json");

test("certificates, envelopes and frames are byte for byte what they always were", async () => {
  const text = `${JSON.stringify(await makeVectors(), null, 2)}\n`;
  if (process.env.PORTER_WRITE_VECTORS) await writeFile(FILE, text); // only when the format is meant to change
  expect(text).toBe(await readFile(FILE, "utf8"));
});

test("the envelopes that were checked in still open", async () => {
  const vectors: Awaited<ReturnType<typeof makeVectors>> = JSON.parse(await readFile(FILE, "utf8"));
  const { agreementKey } = fixedUnit("ben");
  for (const { envelope, id, hash, message } of vectors.envelopes) {
    const context = { agreementKey, nowMs: vectors.timeMs, highestSeq: () => undefined };
    const opened = await open(new Uint8Array(Buffer.from(envelope, "hex")), context);
    const { from, to } = vectors;
    expect(opened).toMatchObject({
      ok: true,
      envelope: { id, hash, message, from: from.account, to: to.account, signature: "valid", atMs: vectors.timeMs },
    });
  }
});
