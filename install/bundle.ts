import { createHash } from "node:crypto";
import type { Refused } from "#device/update/refusal.ts";
import { openReader, verifyBundle } from "#device/update/verify.ts";
import { EXIT, Failure } from "./exit.ts";
import type { Payload } from "./upload.ts";

/** A bundle that was verified here before it is sent anywhere. */
export type Bundle = Payload & Readonly<{ version: string; board: string; arch: string }>;

const PIECE_BYTES = 1_048_576;

/** Holds every byte against the root's key; throws `Failure` with the reason. The caller closes it. */
export async function openBundle(
  path: string,
  { root, development }: { root: string; development: boolean },
): Promise<Bundle & AsyncDisposable> {
  const reader = await openReader(path).catch((error: unknown) => {
    throw new Failure(EXIT.usage, `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  });
  const standard = { root, development, board: null, arch: null, counter: 0, known: null };
  const verified = await verifyBundle(reader, standard);
  if (!verified.ok) {
    await reader[Symbol.asyncDispose]();
    throw unfit(verified);
  }
  const hash = createHash("sha256");
  for (let at = 0; at < reader.bytes; at += PIECE_BYTES) hash.update(await reader.readAt(at, PIECE_BYTES));
  const { version, board, arch } = verified.manifest;
  return { ...reader, version, board, arch, sha256: new Uint8Array(hash.digest()) };
}

/** The code first, as a unit says it, too. */
export function unfit({ reason, sentence }: Refused): Failure {
  return new Failure(EXIT.bundle, `${reason}: ${sentence}`);
}
