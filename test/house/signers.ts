import { rawPublicKey, signBytes, verifyBytes } from "#device/keys/signing.ts";
import type { BookSigner } from "#device/store/book-signature.ts";
import type { JournalSigner } from "#device/store/journal-checkpoint.ts";
import { fixedUnit } from "./fixed-keys.ts";

/** As the owner's unit signs the journal; another name is another account. */
export function journalSigner(name = "owner"): JournalSigner {
  const { sealer, signingKey } = fixedUnit(name);
  const { account, certificate } = sealer;
  const signJournal: JournalSigner["signJournal"] = (what, bytes) =>
    signBytes(`porter/1 journal ${what}`, bytes, signingKey);
  return { account, certificate, signJournal };
}

/** As the owner's unit keeps its book; another name is another unit. */
export function bookSigner(name = "owner"): BookSigner {
  const { sealer, signingKey } = fixedUnit(name);
  const publicKey = rawPublicKey(signingKey);
  return {
    account: sealer.account,
    signBook: (what, bytes) => signBytes(`porter/1 book ${what}`, bytes, signingKey),
    holdsBook: (what, bytes, signature) => verifyBytes(`porter/1 book ${what}`, bytes, signature, publicKey),
  };
}
