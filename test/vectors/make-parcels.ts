import { sealMessage, voiceMessage } from "#device/wire/parcel.ts";
import { fixedBatch, NOW_MS } from "../house/day-keys.ts";
import { fixedUnit, seedOf } from "../house/fixed-keys.ts";

/** Every byte of these follows from names: keys, ids, times, the inputs of each encapsulation. */
export async function makeParcels() {
  const [ana, ben] = [fixedUnit("ana"), fixedUnit("ben")];
  const batch = await fixedBatch(ben);
  const sound = new Uint8Array(Buffer.concat(Array.from({ length: 8 }, (_, index) => seedOf(`sound ${index}`))));
  const said = [
    { message: { kind: "message.text", body: { text: "Dinner is at seven. 🍲" } }, sound: null, key: 0 },
    { message: voiceMessage(sound, 1_500), sound, key: 12 },
  ] as const;
  const parcels = await Promise.all(
    said.map(async ({ key: index, ...rest }) => {
      const key = batch.key(index);
      const id = seedOf(`message ${index}`).subarray(0, 16).toString("hex");
      const encapsulationSeed = () =>
        new Uint8Array(Buffer.concat([seedOf(`lattice ${index}`), seedOf(`point ${index}`)]));
      const sealed = await sealMessage({ sender: ana.sealer, key, ...rest, nowMs: NOW_MS, id, encapsulationSeed });
      const { message } = rest;
      return { message, id, keyId: key.id, hash: sealed.hash, parcels: sealed.parcels.map(hex) };
    }),
  );
  return {
    timeMs: NOW_MS,
    from: ana.certificate.account,
    to: ben.certificate.account,
    batch: hex(batch.made.bytes),
    parcels,
  };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
