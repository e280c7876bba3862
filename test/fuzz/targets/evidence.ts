import type { Manifest } from "#device/evidence/manifest.ts";
import { type EvidenceReport, verifyEvidence } from "#device/evidence/verify.ts";
import { sayEvidence } from "#device/evidence/words.ts";
import { type Contents, evidenceSigner, evidenceStores, forge, unpack } from "#test/house/evidence.ts";
import { fixedUnit } from "#test/house/fixed-keys.ts";
import { ben, OWNER } from "../cast.ts";
import { memoryDb } from "../memory-unit.ts";
import { mutateBytes, mutateValue } from "../mutate.ts";
import type { Random } from "../random.ts";
import { broken, type Target } from "../target.ts";

const SOUND = new Uint8Array(2_000).fill(7);

/** An archive that was tampered with, by somebody without the owner's key, or by the owner, who signs it anew. */
export const evidence: Target = {
  name: "evidence",
  meets: ["proves nothing", "does not hold", "holds"],
  open: async () => {
    const db = memoryDb();
    const { take, archive } = evidenceStores(db, ben);
    await take({ from: fixedUnit("mallory"), id: "a".repeat(32) });
    await take({ from: fixedUnit("eve"), sound: SOUND, id: "b".repeat(32) });
    const genuine = await archive();
    return {
      attack: (random) => (random.chance(0.4) ? byAnybody(random, genuine) : byTheOwner(random, genuine)),
      [Symbol.asyncDispose]: async () => void db.close(),
    };
  },
};

function byAnybody(random: Random, genuine: Buffer): string {
  const bytes = mutateBytes(random, genuine);
  const report = verifyEvidence(bytes, random.chance(0.5) ? OWNER : null);
  if (report.read && Buffer.compare(bytes, genuine) !== 0) broken("an archive that nobody signed as it is");
  return endOf(report);
}

/** Whatever they do, nothing holds that its sender did not sign. */
function byTheOwner(random: Random, genuine: Buffer): string {
  const before = unpack(genuine);
  const change = (contents: Contents, manifest: Manifest) => {
    if (random.chance(0.3)) manifest.messages = mutateValue(random, manifest.messages) as Manifest["messages"];
    const paths = [...contents.keys()];
    for (let times = random.below(3); times > 0; times -= 1) {
      const [path, other] = [random.pick(paths), contents.get(random.pick(paths)) ?? SOUND];
      const bytes = random.chance(0.4) ? other : mutateBytes(random, contents.get(path) ?? SOUND, [other]);
      if (random.chance(0.2)) contents.delete(path);
      else contents.set(path, bytes);
    }
  };
  const forged = forge(genuine, change, evidenceSigner(ben));
  const report = verifyEvidence(forged, OWNER);
  if (!report.read || !report.holds) return endOf(report);
  for (const [path, bytes] of unpack(forged)) {
    const isSigned = path.startsWith("messages/") || path === "journal.jsonl";
    if (isSigned && Buffer.compare(bytes, before.get(path) ?? Buffer.alloc(0)) !== 0) broken(`${path} is another`);
  }
  return endOf(report);
}

function endOf(report: EvidenceReport): string {
  if (!report.read) return "proves nothing";
  sayEvidence(report, false);
  return report.holds ? "holds" : "does not hold";
}
