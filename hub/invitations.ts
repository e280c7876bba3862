import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { toBase32 } from "#device/keys/base32.ts";
import type { Store } from "./store.ts";

/**
 * An invitation lets a number of accounts enrol. Its code is never kept: a file named by its hash states the quota,
 * so that one can be written while the hub runs and while it does not; how much is used stands in the hub's store.
 */
const CODE = /^[a-z2-7]{26}$/;
const Invitation = v.strictObject({ quota: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) });

/** Makes an invitation for `quota` accounts and returns its code. */
export async function invite(dataFolder: string, quota: number): Promise<string> {
  const folder = folderOf(dataFolder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const code = toBase32(randomBytes(16));
  const path = join(folder, keyOf(code));
  {
    await using file = await open(`${path}.new`, "w", 0o600);
    await file.writeFile(JSON.stringify({ quota }));
    await file.sync();
  }
  await rename(`${path}.new`, path);
  return code;
}

/** What using a code once more comes to; null where there is no such invitation or nothing is left of it. */
export async function nextUse(
  dataFolder: string,
  store: Store,
  code: string,
): Promise<{ key: string; count: number } | null> {
  if (!CODE.test(code)) return null;
  const key = keyOf(code);
  const quota = await quotaIn(join(folderOf(dataFolder), key));
  const used = await store.invitations.get(key);
  const count = Number(Buffer.from(used ?? new Uint8Array()).toString() || "0") + 1;
  return count <= quota ? { key, count } : null;
}

async function quotaIn(path: string): Promise<number> {
  try {
    const parsed = v.safeParse(Invitation, JSON.parse(await readFile(path, "utf8")));
    return parsed.success ? parsed.output.quota : 0;
  } catch {
    return 0;
  }
}

function folderOf(dataFolder: string): string {
  return join(dataFolder, "invitations");
}

function keyOf(code: string): string {
  return createHash("sha256").update(code).digest("hex");
}
