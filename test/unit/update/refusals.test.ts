import { describe, expect, test, vi } from "vitest";
import { frameOf, readHead } from "#device/update/container.ts";
import type { Standard } from "#device/update/judge.ts";
import { parseJson } from "#device/update/manifest.ts";
import { WINDOW_LOG } from "#device/update/payload.ts";
import type { Refusal } from "#device/update/refusal.ts";
import { verifyBundle } from "#device/update/verify.ts";
import {
  compress,
  forgeBundle,
  keyList,
  makeBundle,
  readerOf,
  STANDARD,
  signers,
  tinyTree,
} from "#test/house/bundle.ts";

// Many bundles, processes or databases each, which takes a busy machine its time.
vi.setConfig({ testTimeout: 60_000 });

const genuine = await makeBundle();
const read = readHead(genuine);
if (!read.ok) throw new Error("the genuine bundle has no head");
const { head } = read;
const payload = genuine.subarray(head.payload.at, head.payload.at + head.payload.bytes);

async function verdictOn(bytes: Uint8Array, standard: Partial<Standard> = {}): Promise<Refusal | "ok"> {
  const verdict = await verifyBundle(readerOf(bytes), { ...STANDARD, ...standard });
  if (verdict.ok) return "ok";
  expect(verdict.sentence).toMatch(/^[a-z].*: .+/);
  return verdict.reason;
}

function flipped(at: number, bit = 0): Buffer {
  const copy = Buffer.from(genuine);
  copy[at] = (copy[at] ?? 0) ^ (1 << bit);
  return copy;
}

test("a genuine bundle is taken by the unit that it is for, whatever its counter is above the unit's", async () => {
  expect(await verdictOn(genuine)).toBe("ok");
  expect(await verdictOn(genuine, { counter: 1 })).toBe("ok");
});

test("every bit of a bundle counts: a flipped one is refused, wherever it stands", async () => {
  const reasons = new Set<string>();
  for (let at = 0; at < genuine.length; at += 13) {
    const verdict = await verdictOn(flipped(at, at % 8));
    expect(verdict, `byte ${at}`).not.toBe("ok");
    reasons.add(verdict);
  }
  expect([...reasons]).toEqual(expect.arrayContaining(["not-a-bundle", "wrong-root", "wrong-key", "damaged"]));
});

test("a bundle that is cut off anywhere is refused, and so is one with anything behind it", async () => {
  for (let bytes = 0; bytes < genuine.length; bytes += 7) {
    expect(await verdictOn(genuine.subarray(0, bytes)), `${bytes} bytes`).toBe(
      bytes === 0 ? "not-a-bundle" : "truncated",
    );
  }
  expect(await verdictOn(Buffer.concat([genuine, Buffer.of(0)]))).toBe("damaged");
  expect(await verdictOn(Buffer.concat([genuine, genuine]))).toBe("damaged");
});

test.each<[string, Refusal, Partial<Standard>]>([
  ["is for another board", "wrong-board", { board: "kitchen" }],
  ["is for another processor", "wrong-arch", { arch: "riscv64" }],
  ["is older than what was confirmed", "older-counter", { counter: 6 }],
  ["is of another maker", "wrong-root", { root: "a".repeat(52) }],
])("a bundle that %s is refused", async (_, reason, standard) => {
  expect(await verdictOn(genuine, standard)).toBe(reason);
});

describe("keys", () => {
  test("a key that is on no list is refused, and so is one that the list does not name any more", async () => {
    expect(await verdictOn(forgeBundle(genuine, () => undefined, { by: "stranger" }))).toBe("wrong-key");
    expect(await verdictOn(genuine, { known: keyList(2, { second: "release" }) })).toBe("wrong-key");
  });

  test("a revoked key is refused, even in a bundle whose own list still has it", async () => {
    expect(await verdictOn(forgeBundle(genuine, () => undefined, { by: "revoked" }))).toBe("revoked-key");
    expect(await verdictOn(genuine, { known: keyList(2, { release: "revoked", second: "release" }) })).toBe(
      "revoked-key",
    );
  });

  test("an older list in the unit gives way to the bundle's, and one that the root did not sign counts for nothing", async () => {
    const rotated = await makeBundle({ by: "second", keys: keyList(3, { second: "release" }) });
    expect(await verdictOn(rotated, { known: keyList(2, { release: "release" }) })).toBe("ok");
    expect(await verdictOn(genuine, { known: keyList(9, { release: "revoked" }, signers.otherRoot) })).toBe("ok");
  });

  test("a list that somebody else than the root signed brings nobody in", async () => {
    const keys = keyList(9, { stranger: "release" }, signers.otherRoot);
    expect(await verdictOn(forgeBundle(genuine, () => undefined, { by: "stranger", keys }))).toBe("wrong-root");
  });

  test("a development key is refused by all units but those for development", async () => {
    const bundle = await makeBundle({ by: "development" });
    expect(await verdictOn(bundle)).toBe("development-key");
    expect(await verdictOn(bundle, { development: true })).toBe("ok");
  });

  test("the signature of a list is none of a manifest, nor the other way round", async () => {
    const { keys } = head;
    const atS = head.atS;
    const frame = frameOf({ keys, manifest: keys.bytes, signature: keys.signature, payloadBytes: payload.length, atS });
    expect(await verdictOn(Buffer.concat([frame.head, payload, frame.tail]))).toBe("wrong-key");
  });
});

type Files = { path: string; mode: string; bytes: number; sha256: string }[];
const files = (manifest: Record<string, unknown>) => manifest.files as Files;
function change(manifest: Record<string, unknown>, index: number, to: object): void {
  Object.assign(files(manifest)[index] ?? {}, to);
}
function renamed(to: string) {
  return (manifest: Record<string, unknown>) => {
    const [first] = files(manifest).slice(-1);
    if (first) first.path = to;
    manifest.files = files(manifest).toSorted((a, b) => (a.path < b.path ? -1 : 1));
  };
}

describe("a signed manifest that breaks a rule is refused all the same:", () => {
  test.each<[string, Refusal, (manifest: Record<string, unknown>) => unknown]>([
    ["a path that climbs out", "malformed", renamed("app/../../etc/passwd")],
    ["a path that begins above", "malformed", renamed("../x")],
    ["an absolute path", "malformed", renamed("/etc/passwd")],
    ["a path with a backslash", "malformed", renamed("app\\x")],
    ["a path with a zero byte", "malformed", renamed("app/x\0y")],
    ["a path with an empty part", "malformed", renamed("app//x")],
    ["a path that is a dot", "malformed", renamed("app/./x")],
    ["the name of the slot's own manifest", "malformed", renamed("manifest.json")],
    ["a name twice", "malformed", renamed("node")],
    ["a file inside a file", "malformed", renamed("node/x")],
    ["a link", "malformed", (m) => change(m, 0, { link: "/etc" })],
    ["a set-user-id bit", "malformed", (m) => change(m, 0, { mode: "4755" })],
    ["a negative size", "malformed", (m) => change(m, 0, { bytes: -1 })],
    ["files out of order", "malformed", (m) => ({ ...m, files: files(m).toReversed() })],
    [
      "no node",
      "malformed",
      (m) =>
        void files(m).splice(
          files(m).findIndex(({ path }) => path === "node"),
          1,
        ),
    ],
    ["no files", "malformed", (m) => ({ ...m, files: [] })],
    ["an unknown key", "malformed", (m) => ({ ...m, more: 1 })],
    ["a counter that is no whole number", "malformed", (m) => ({ ...m, counter: 1.5 })],
    ["keys in another order", "malformed", (m) => Object.fromEntries(Object.entries(m).toReversed())],
    ["spaces", "malformed", (m) => Buffer.from(JSON.stringify(m, null, 2))],
    ["no JSON", "malformed", () => Buffer.from("\xff{")],
    ["a newer format", "newer-format", (m) => ({ ...m, format: 2 })],
    ["more than a unit holds", "too-large", (m) => change(m, 0, { bytes: 2_000_000_000 })],
    ["a size that lies upwards", "damaged", (m) => change(m, 0, { bytes: (files(m)[0]?.bytes ?? 0) + 1 })],
    ["a size that lies downwards", "damaged", (m) => change(m, 1, { bytes: 0 })],
    [
      "a file that is missing from the payload",
      "damaged",
      (m) => void files(m).push({ path: "zzz", mode: "644", bytes: 3, sha256: "0".repeat(64) }),
    ],
    ["a file too few for the payload", "damaged", (m) => void files(m).splice(3, 1)],
    ["another hash", "damaged", (m) => change(m, 0, { sha256: "0".repeat(64) })],
    ["another time than the archive's", "damaged", (m) => ({ ...m, builtAtS: 1 })],
    ["another length of payload", "damaged", (m) => ({ ...m, payload: { bytes: 1, sha256: "0".repeat(64) } })],
  ])("%s", async (_, reason, tamper) => {
    expect(await verdictOn(forgeBundle(genuine, tamper))).toBe(reason);
  });
});

test("a payload that unpacks to more than its manifest says is cut short: a bomb costs no memory", async () => {
  const bomb = compress(Buffer.alloc(400_000_000));
  const before = process.memoryUsage().rss;
  expect(await verdictOn(forgeBundle(genuine, () => undefined, { payload: bomb }))).toBe("damaged");
  expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
});

test("a payload that wants more memory than a unit has is refused before it gets it", async () => {
  // A frame header (RFC 8878, 3.1.1.1) that asks for a window of 2 GiB: exponent 21.
  const greedy = Buffer.concat([
    Buffer.from("28b52ffd00", "hex"),
    Buffer.of((31 - 10) << 3),
    Buffer.from("010000", "hex"),
  ]);
  expect(31).toBeGreaterThan(WINDOW_LOG);
  expect(await verdictOn(forgeBundle(genuine, () => undefined, { payload: greedy }))).toBe("damaged");
});

test("two builds of the same files are the same, bit by bit, in whatever order the files are named", async () => {
  const reversed = Object.fromEntries(Object.entries(tinyTree()).toReversed());
  expect(Buffer.compare(await makeBundle({ files: reversed }), genuine)).toBe(0);
  expect(Buffer.compare(await makeBundle({ files: { ...tinyTree(), "app/empty": "x" } }), genuine)).not.toBe(0);
  expect(parseJson(head.manifest)).toMatchObject({ format: 1, version: "1.0.0" });
});
