/** Where things stand in an archive of evidence; procedure.txt tells its readers. */
export const ROOT = "porter-evidence/";

export const README = "README.txt";
export const MANIFEST = {
  text: "manifest.json",
  signature: "manifest.signature",
  certificate: "manifest-certificate.cbor",
};
export const JOURNAL = "journal.jsonl";

/** In the folder of a message. Of what was passed on, the second three show who said it first. */
export const MESSAGE = { header: "header.cbor", signature: "signature", certificate: "certificate.cbor" } as const;
export const ORIGIN = {
  header: "origin-header.cbor",
  signature: "origin-signature",
  certificate: "origin-certificate.cbor",
} as const;
export const SOUND = "sound.ogg";
export const TEXT = "text.txt";

/** No archive of a unit comes near: all that it may keep is some 30 MB. */
export const MAX_ARCHIVE_BYTES = 64 * 1024 * 1024;

/** Said wherever something is said to hold. */
export const LIMITS =
  "This proves what was signed, by which account's unit, and that it was kept unaltered. It does not prove that nothing was left out, that the sender's clock was right, whose voice it is, nor to whom an account belongs.";
