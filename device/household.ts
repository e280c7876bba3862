import { join } from "node:path";
import * as v from "valibot";
import type { Config } from "./config.ts";

/** Of each owner's folder for their socket's path is short: 107 bytes in all. */
const MAX_NAME_BYTES = 32;

/**
 * An owner's name as the unit says it. It names a folder, too: nothing that has a meaning in a path stands in it.
 */
export const OwnerName = v.pipe(
  v.string(),
  v.trim(),
  v.normalize("NFC"),
  v.regex(
    /^\p{L}[\p{L}\p{M}\p{Nd}' -]*$/u,
    "must be a name: letters, digits, spaces, hyphens and apostrophes, a letter first",
  ),
  v.maxBytes(MAX_NAME_BYTES, `is too long: ${MAX_NAME_BYTES} bytes at most`),
);

/** Names that differ in nothing but case and marks between words are one owner's. */
export function folderOf(name: string): string {
  return name.toLowerCase().replaceAll(/[' -]+/gu, "-");
}

type House = Pick<Config, "data" | "owner" | "household">;

/** Where each owner's folder is, the first owner's first. */
export function foldersOf({ data, owner, household }: House) {
  const others = household.map(({ name }) => ({ name, folder: join(data, "household", folderOf(name)) }));
  return [{ name: owner ?? null, folder: data }, ...others];
}

/** The folder of the owner of that name; without one, the first's. Null where there is none. */
export function folderNamed(house: House, name: string | undefined): string | null {
  if (name === undefined) return house.data;
  const wanted = folderOf(name.trim().normalize("NFC"));
  return foldersOf(house).find((each) => each.name !== null && folderOf(each.name) === wanted)?.folder ?? null;
}
