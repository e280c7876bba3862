import * as v from "valibot";
import type { Head } from "./container.ts";
import { type KeyList, PublicKey, readKeyList, type SignedKeyList, signerOf } from "./key-list.ts";
import { Board, type Manifest, readManifest } from "./manifest.ts";
import { type Refused, refuse } from "./refusal.ts";

/** What a unit was told when it was made, and never by a bundle: whom it trusts and what it is. */
export const Trust = v.strictObject({
  format: v.literal(1),
  /** The public half of the root key: it signs lists of keys, never a bundle. */
  root: PublicKey,
  board: Board,
  /** True only on a unit for development: it takes what a development key signed. */
  development: v.boolean(),
});
export type Trust = v.InferOutput<typeof Trust>;

/** Against what a bundle is judged; a null board or processor is not asked for (tools that only look). */
export type Standard = Readonly<{
  root: string;
  development: boolean;
  board: string | null;
  arch: string | null;
  /** The highest that was confirmed. */
  counter: number;
  /** The newest list that was met before; a bundle with an older one is judged by this one. */
  known: SignedKeyList | null;
}>;

export type Judged = Readonly<{
  ok: true;
  manifest: Manifest;
  signer: KeyList["keys"][number];
  /** The newer of the bundle's list and the known one: what is to be known from here on. */
  keys: SignedKeyList;
}>;

/** The one place that says whether a bundle may come in. Its payload is judged after it. Never throws. */
export function judgeHead(head: Head, standard: Standard): Judged | Refused {
  const newest = newestKeys(head.keys, standard);
  if (!newest.ok) return newest;
  const signer = signerOf(newest.list, head.manifest, head.signature);
  if (!signer) return refuse("wrong-key");
  if (signer.use === "revoked") return refuse("revoked-key", `key ${signer.key}`);
  if (signer.use === "development" && !standard.development) return refuse("development-key");
  // Only what a trusted key signed is parsed.
  const read = readManifest(head.manifest);
  if (!read.ok) return read;
  const { manifest } = read;
  if (manifest.builtAtS !== head.atS) return refuse("damaged", "two times of build");
  if (manifest.payload.bytes !== head.payload.bytes)
    return refuse("damaged", "its payload is not of the signed length");
  const { board, arch, counter } = standard;
  if (board !== null && manifest.board !== board) return refuse("wrong-board", `${manifest.board}, not ${board}`);
  if (arch !== null && manifest.arch !== arch) return refuse("wrong-arch", `${manifest.arch}, not ${arch}`);
  if (manifest.counter < counter) return refuse("older-counter", `${manifest.counter}, after ${counter}`);
  return { ok: true, manifest, signer, keys: newest.signed };
}

export type NewestKeys = Readonly<{ ok: true; list: KeyList; signed: SignedKeyList }>;

/** The newer of two lists that the root signed. A known one that does not hold any more is as if it was never met. */
export function newestKeys(
  offered: SignedKeyList,
  { root, known }: Pick<Standard, "root" | "known">,
): NewestKeys | Refused {
  const read = readKeyList(offered, root);
  if (!read.ok) return read;
  const before = known && readKeyList(known, root);
  if (known && before?.ok === true && before.list.number > read.list.number) {
    return { ok: true, list: before.list, signed: known };
  }
  return { ok: true, list: read.list, signed: offered };
}
