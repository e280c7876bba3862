import { BLOCK_BYTES, paddingAfter } from "#device/evidence/tar.ts";
import { readHead } from "#device/update/container.ts";
import { MAX_PAYLOAD_BYTES } from "#device/update/manifest.ts";
import type { Refusal } from "#device/update/refusal.ts";
import { forgeBundle, keyList, makeBundle, signers } from "./bundle.ts";

/**
 * Whom an installer meets first: `tool`, which refuses before the line is opened, or `unit`, which alone knows (its board,
 * what it ran before, which keys were revoked since). `sent`: what the unit says where somebody sends it all the same.
 */
export type BadBundle = Readonly<{
  what: string;
  bytes: Uint8Array;
  by: "tool" | "unit";
  reason: Refusal;
  sent: Refusal;
}>;

type Section = Readonly<{ what: string; from: number; to: number }>;

const ENTRIES = ["porter-bundle", "keys.json", "keys.sig", "manifest.json", "manifest.sig", "payload.zst"] as const;

/** Every byte of a bundle, by what it is: the header, content and padding of each file in it, and the archive's end. */
function sectionsOf(bundle: Uint8Array): readonly Section[] {
  const read = readHead(bundle);
  if (!read.ok) throw new Error("not a bundle to begin with");
  const { keys, manifest, signature, payload } = read.head;
  const lengths = [2, keys.bytes.length, keys.signature.length, manifest.length, signature.length, payload.bytes];
  let at = 0;
  const next = (what: string, bytes: number): Section => {
    const from = at;
    at += bytes;
    return { what, from, to: at };
  };
  const sections = ENTRIES.flatMap((path, index) => {
    const bytes = lengths[index] ?? 0;
    return [
      next(`the header of ${path}`, BLOCK_BYTES),
      next(path, bytes),
      next(`the padding after ${path}`, paddingAfter(bytes)),
    ];
  });
  return [...sections, { what: "the archive's end", from: at, to: bundle.length }].filter(({ from, to }) => to > from);
}

/** What a flipped bit in a section makes of a bundle: a signature cannot tell damage from forgery. */
const FLIPPED: Readonly<Record<string, Refusal>> = {
  "the header of porter-bundle": "not-a-bundle",
  "porter-bundle": "newer-format",
  "the padding after porter-bundle": "not-a-bundle",
  "keys.json": "wrong-root",
  "keys.sig": "wrong-root",
  "manifest.json": "wrong-key",
  "manifest.sig": "wrong-key",
};

/** One bit in the middle of every section; `thorough`: in its first and last byte, too. */
function flips(genuine: Buffer, thorough: boolean): BadBundle[] {
  return sectionsOf(genuine).flatMap(({ what, from, to }) => {
    const reason = FLIPPED[what] ?? "damaged";
    const middle = (from + to) >> 1;
    const places = thorough ? new Set([from, middle, to - 1]) : [middle];
    return [...places].map((at): BadBundle => {
      const bytes = Buffer.from(genuine);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
      return { what: `bit ${at % 8} of byte ${at}, in ${what}`, bytes, by: "tool", reason, sent: reason };
    });
  });
}

/**
 * In the middle of a file's header, of the list of keys, of the manifest, of the payload, and before the last byte;
 * `thorough`: of every section. The unit is told how long it is, which does not fit what the payload's header says.
 */
function cuts(genuine: Buffer, thorough: boolean): BadBundle[] {
  const sections = sectionsOf(genuine);
  const payload = sections.find(({ what }) => what === "payload.zst");
  const few = ["the header of keys.json", "keys.json", "manifest.json", "payload.zst"];
  const chosen = sections.filter(({ what }) => thorough || few.includes(what));
  const places = [...chosen.map(({ from, to }) => (from + to) >> 1), genuine.length - 1];
  return places.map((at) => ({
    what: `cut off after ${at} of ${genuine.length} bytes`,
    bytes: genuine.subarray(0, at),
    by: "tool",
    reason: "truncated",
    sent: payload && at >= payload.from ? "damaged" : "truncated",
  }));
}

/** Larger than any unit takes, each by its own word for it: in its archive, in its manifest, once it is unpacked. */
function tooLarge(genuine: Buffer): BadBundle[] {
  const declared = Buffer.from(genuine);
  const header = sectionsOf(genuine).find(({ what }) => what === "the header of payload.zst");
  if (!header) throw new Error("a bundle without a payload");
  resize(declared.subarray(header.from, header.to), MAX_PAYLOAD_BYTES + 1);
  const unpacked = forgeBundle(genuine, (manifest) => {
    const [first] = manifest.files as { bytes: number }[];
    if (first) first.bytes = 2 * 1_024 ** 3;
  });
  const made = (what: string, bytes: Buffer): BadBundle => ({
    what,
    bytes,
    by: "tool",
    reason: "too-large",
    sent: "too-large",
  });
  return [
    made("an archive that says it goes on for half a gigabyte", declared),
    made("two gigabytes once it is unpacked", unpacked),
  ];
}

/** Another length in a ustar header, and the checksum that fits (IEEE 1003.1, "ustar Interchange Format"). */
function resize(header: Buffer, bytes: number): void {
  header.write(bytes.toString(8).padStart(11, "0"), 124, "latin1");
  header.fill(" ", 148, 156);
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
}

/** The list of keys that the unit of these tests knows: `second` was revoked since the bundles were made. */
export const KNOWN_KEYS = keyList(2, {
  release: "release",
  second: "revoked",
  development: "development",
  revoked: "revoked",
});

/** Every way in which a bundle is no bundle for a unit that runs counter `counter` on board sim and knows `KNOWN_KEYS`. */
export async function badBundles(genuine: Buffer, counter: number, thorough = false): Promise<readonly BadBundle[]> {
  const next = { counter: counter + 1 };
  const other = process.arch === "x64" ? "arm64" : "x64";
  const one = (what: string, by: "tool" | "unit", reason: Refusal, bytes: Uint8Array): BadBundle => ({
    what,
    by,
    reason,
    bytes,
    sent: reason,
  });
  const listOfStranger = keyList(9, { stranger: "release" }, signers.otherRoot);
  return [
    ...flips(genuine, thorough),
    ...cuts(genuine, thorough),
    ...tooLarge(genuine),
    one("nothing at all", "tool", "not-a-bundle", new Uint8Array()),
    one("a picture", "tool", "not-a-bundle", Buffer.from("\x89PNG\r\n".repeat(1_000), "latin1")),
    one("something behind it", "tool", "damaged", Buffer.concat([genuine, Buffer.alloc(512)])),
    one(
      "a key on no list",
      "tool",
      "wrong-key",
      forgeBundle(genuine, () => undefined, { by: "stranger" }),
    ),
    one(
      "a list of keys that another root signed",
      "tool",
      "wrong-root",
      forgeBundle(genuine, () => undefined, { by: "stranger", keys: listOfStranger }),
    ),
    one(
      "a revoked key",
      "tool",
      "revoked-key",
      forgeBundle(genuine, () => undefined, { by: "revoked" }),
    ),
    one("a development key", "tool", "development-key", await makeBundle({ by: "development", about: next })),
    one("a key revoked since", "unit", "revoked-key", await makeBundle({ by: "second", about: next })),
    one("an older counter", "unit", "older-counter", await makeBundle({ about: { counter: counter - 1 } })),
    one("another board", "unit", "wrong-board", await makeBundle({ about: { ...next, board: "linux" } })),
    one("another processor", "unit", "wrong-arch", await makeBundle({ about: { ...next, arch: other } })),
  ];
}
