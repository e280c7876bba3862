import { Batch, dayOf, SignedKey, verifyDayKey } from "#device/keys/day-keys.ts";
import { encodeCbor, parseCbor } from "#device/wire/cbor.ts";
import { Accounts } from "#hub/accounts.ts";
import { DayKeys } from "#hub/day-keys.ts";
import { Store } from "#hub/store.ts";
import { FakeClock } from "#test/house/fake-clock.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";
import { ANA, ben, mallory, NOON_MS, OWNER } from "../cast.ts";
import { mutateBytes, mutateValue } from "../mutate.ts";
import { BATCH } from "../parcel-content.ts";
import type { Random } from "../random.ts";
import { broken, type Target } from "../target.ts";
import { writeWildCbor } from "../wild-cbor.ts";
import { TODAY, wildSignedKey, worthless } from "../wild-day-keys.ts";

/** What units upload as their day keys, to a real hub's store; and what it then hands out in their name. */
export const dayKeys: Target = {
  name: "day-keys",
  meets: ["taken", "wrong day", "not a batch"],
  async open() {
    await using stack = new AsyncDisposableStack();
    const folder = stack.use(await makeTempFolder());
    const store = stack.use(await Store.open(folder.path));
    const accounts = await Accounts.load(store);
    for (const { certificate, sealer } of [ben, mallory]) await accounts.publish(certificate, sealer.certificate);
    const hub = new DayKeys({ store, accounts, clock: new FakeClock(NOON_MS) });
    const kept = stack.move();
    const attack = async (random: Random) => {
      const uploader = random.chance(0.15) ? mallory : ben;
      const day = random.chance(0.8) ? TODAY : TODAY + random.pick([1, -1, 2, 91, -2, 93, 0.5, Number.NaN, 2 ** 53]);
      const bytes = wildBatch(random);
      const result = await hub.take(uploader.certificate, day, bytes);
      if (result === "taken" && parseCbor(Batch, bytes)?.keys.some(({ key }) => worthless(key)))
        broken("a key that nobody should seal to");
      if (result === "taken" && uploader !== ben) broken("a batch of another's keys");
      await assertHandsOut(hub, random.chance(0.5) ? ANA : mallory.sealer.account);
      return result;
    };
    return { attack, [Symbol.asyncDispose]: () => kept.disposeAsync() };
  },
};

function wildBatch(random: Random): Uint8Array {
  const keys: unknown[] = [...BATCH.signed];
  const index = random.below(keys.length);
  if (random.chance(0.6)) keys[index] = wildSignedKey(random, index);
  if (random.chance(0.1)) keys.reverse();
  if (random.chance(0.1)) keys.splice(random.below(keys.length), random.below(2), wildSignedKey(random));
  const batch = { v: 1, keys };
  const bytes = writeWildCbor(
    random,
    random.chance(0.1) ? mutateValue(random, batch) : batch,
    random.chance(0.9) ? 0 : 0.05,
  );
  return random.chance(0.1) ? mutateBytes(random, bytes) : bytes;
}

/** Whatever was uploaded: who asks gets a key that Ben's unit made for today, or none. */
async function assertHandsOut(hub: DayKeys, requester: string): Promise<void> {
  const { day, key } = await hub.next(OWNER, requester);
  if (day !== dayOf(NOON_MS)) broken("a key of another day");
  if (key === null) return;
  const signed = parseCbor(SignedKey, key) ?? broken("a key that is none");
  if (!verifyDayKey(signed, ben.certificate, TODAY) || worthless(signed.key))
    broken("a key that nobody should seal to");
  if (Buffer.compare(encodeCbor(signed), key) !== 0) broken("a key that is written otherwise");
  const another = await hub.next(mallory.sealer.account, requester);
  if (another.key !== null) broken("a key of somebody's who has none");
}
