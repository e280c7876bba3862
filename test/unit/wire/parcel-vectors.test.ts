import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openParcel } from "#device/wire/parcel.ts";
import { fixedBatch } from "../../house/day-keys.ts";
import { fixedUnit } from "../../house/fixed-keys.ts";
import { makeParcels } from "../../vectors/make-parcels.ts";

const FILE = join(import.meta.dirname, "../../vectors/parcels.json");

test("day keys and parcels are byte for byte what they always were", async () => {
  const text = `${JSON.stringify(await makeParcels(), null, 2)}\n`;
  if (process.env.PORTER_WRITE_VECTORS) await writeFile(FILE, text); // only when the format is meant to change
  expect(text).toBe(await readFile(FILE, "utf8"));
});

test("the parcels that were checked in still open", async () => {
  const vectors: Awaited<ReturnType<typeof makeParcels>> = JSON.parse(await readFile(FILE, "utf8"));
  const batch = await fixedBatch(fixedUnit("ben"));
  expect(Buffer.from(batch.made.bytes).toString("hex")).toBe(vectors.batch);
  for (const { message, id, hash, keyId, parcels } of vectors.parcels) {
    const bytes = new Uint8Array(Buffer.from(parcels[0] ?? "", "hex"));
    expect(await openParcel(bytes, batch.context(vectors.from))).toMatchObject({
      ok: true,
      parcel: {
        keyId,
        part: 0,
        envelope: { id, hash, message, from: vectors.from, to: vectors.to, signature: "valid" },
      },
    });
  }
});
