import { verifyBundle } from "#device/update/verify.ts";
import { forgeBundle, makeBundle, readerOf, STANDARD } from "#test/house/bundle.ts";
import { mutateBytes, mutateValue } from "../mutate.ts";
import type { Random } from "../random.ts";
import { broken, type Target } from "../target.ts";

/** A firmware bundle that was tampered with by anybody, or by its maker, who signs what no builder writes. */
export const bundle: Target = {
  name: "bundle",
  meets: ["not-a-bundle", "truncated", "damaged", "malformed", "wrong-key", "taken"],
  open: async () => {
    const genuine = await makeBundle();
    return {
      attack: async (random) => {
        const isMaker = random.chance(0.3);
        const bytes = isMaker ? byItsMaker(random, genuine) : mutateBytes(random, genuine);
        const written: string[] = [];
        const sink = {
          open: ({ path }: { path: string }) => void written.push(path),
          write: () => undefined,
          close: () => undefined,
        };
        const verdict = await verifyBundle(readerOf(bytes), STANDARD, sink);
        for (const path of written) if (/(^|\/)\.{0,2}(\/|$)|\\|\0/.test(path)) broken(`it would write ${path}`);
        if (!verdict.ok) return verdict.reason;
        if (!isMaker && Buffer.compare(bytes, genuine) !== 0) broken("a bundle that nobody signed as it is");
        return "taken";
      },
      [Symbol.asyncDispose]: async () => undefined,
    };
  },
};

function byItsMaker(random: Random, genuine: Buffer): Uint8Array {
  return forgeBundle(genuine, (manifest) => mutateValue(random, manifest));
}
