import { createHash } from "node:crypto";
import { XWing } from "@hpke/hybridkem-x-wing";
import { expect, test } from "vitest";

/** draft-connolly-cfrg-xwing-kem, appendix C; public key and ciphertext by their SHA3-256. */
const PUBLISHED = [
  {
    seed: "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26",
    eseed:
      "3cb1eea988004b93103cfb0aeefd2a686e01fa4a58e8a3639ca8a1e3f9ae57e2" +
      "35b8cc873c23dc62b8d260169afa2f75ab916a58d974918835d25e6a435085b2",
    secret: "d2df0522128f09dd8e2c92b1e905c793d8f57a54c3da25861f10bf4ca613e384",
    key: "5121745904643ad9dfacca7869292c19a8a69533b53e60666b7db910b4ad6367",
    enc: "c0abd149f83f45324ac3a7ddc7606c71f257e5ea86113522834a0ee1bcb34e3e",
  },
  {
    seed: "badfd6dfaac359a5efbb7bcc4b59d538df9a04302e10c8bc1cbf1a0b3a5120ea",
    eseed:
      "17cda7cfad765f5623474d368ccca8af0007cd9f5e4c849f167a580b14aabdef" +
      "aee7eef47cb0fca9767be1fda69419dfb927e9df07348b196691abaeb580b32d",
    secret: "f2e86241c64d60f6649fbc6c5b7d17180b780a3f34355e64a85749949c45f150",
    key: "799b6016e5daa56ffa1b5e79f7caf73413ceecd6df428642404cac41ddee4853",
    enc: "7680b7ba47ae09bac4b43001edcef9d98e50df20026e70ba6a424447e1f2b961",
  },
  {
    seed: "ef58538b8d23f87732ea63b02b4fa0f4873360e2841928cd60dd4cee8cc0d4c9",
    eseed:
      "22a96188d032675c8ac850933c7aff1533b94c834adbb69c6115bad4692d8619" +
      "f90b0cdf8a7b9c264029ac185b70b83f2801f2f4b3f70c593ea3aeeb613a7f1b",
    secret: "953f7f4e8c5b5049bdc771d1dffada0dd961477d1a2ae0988baa7ea6898d893f",
    key: "1ef0c99a06026450564957a5402a788feffbbefdcce55d25de254d0a49eb095a",
    enc: "3088688d63201d5d844170b79f148b2791c15f346ff6f8bd559807fbd442f91f",
  },
];

test("X-Wing makes the keys, encapsulations and secrets that are published for it", async () => {
  const kem = new XWing();
  for (const { seed, eseed, secret, key, enc } of PUBLISHED) {
    const pair = await kem.generateKeyPairDerand(fromHex(seed));
    expect(sha3(await kem.serializePublicKey(pair.publicKey))).toBe(key);
    const made = await kem.encap({ recipientPublicKey: pair.publicKey, ekm: fromHex(eseed).buffer });
    expect(sha3(made.enc)).toBe(enc);
    expect(Buffer.from(made.sharedSecret).toString("hex")).toBe(secret);
    const recipientKey = await kem.importKey("raw", fromHex(seed).buffer, false);
    const taken = await kem.decap({ recipientKey, enc: made.enc });
    expect(Buffer.from(taken).toString("hex")).toBe(secret);
  }
});

function sha3(bytes: ArrayBuffer): string {
  return createHash("sha3-256").update(new Uint8Array(bytes)).digest("hex");
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, "hex"));
}
