import { XWing } from "@hpke/hybridkem-x-wing";
import { expect, test } from "vitest";
import { type DayKey, dayOf, hashOfKey } from "#device/keys/day-keys.ts";
import { openParcel, sealMessage, voiceMessage } from "#device/wire/parcel.ts";
import { fixedUnit, seedOf } from "../../house/fixed-keys.ts";

const NOW_MS = Date.UTC(2026, 10, 23, 12);
test("a text and a voice message come open as they were sealed", async () => {
  const [ana, ben] = [fixedUnit("ana"), fixedUnit("ben")];
  const seed = new Uint8Array(seedOf("x"));
  const kem = new XWing();
  const pair = await kem.generateKeyPairDerand(new Uint8Array(seed));
  const key: DayKey = {
    account: ben.certificate.account,
    unit: ben.certificate.unit,
    day: dayOf(NOW_MS),
    id: "ab".repeat(16),
    kind: "one-time",
    key: new Uint8Array(await kem.serializePublicKey(pair.publicKey)),
  };
  const sound = new Uint8Array(400_000).fill(7);
  for (const [message, s] of [
    [{ kind: "message.text", body: { text: "hello" } }, null],
    [voiceMessage(sound, 90_000), sound],
  ] as const) {
    const sealed = await sealMessage({ sender: ana.sealer, key, message, sound: s, nowMs: NOW_MS });
    for (const p of sealed.parcels) {
      const opened = await openParcel(p, {
        sender: ana.certificate.account,
        secretOf: () => ({ account: key.account, day: key.day, seed, hash: hashOfKey(key.key) }),
        nowMs: NOW_MS,
        highestSeq: () => undefined,
      });
      expect(opened).toMatchObject({ ok: true });
    }
  }
});
