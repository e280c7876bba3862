import { describe, expect, test } from "vitest";
import { verifyEvidence } from "#device/evidence/verify.ts";
import { sayEvidence } from "#device/evidence/words.ts";
import { issueCertificate } from "#device/keys/certificate.ts";
import { NOW_MS } from "#test/house/day-keys.ts";
import { type Contents, evidenceSigner, evidenceStores, forge, pack, unpack } from "#test/house/evidence.ts";
import { fixedUnit } from "#test/house/fixed-keys.ts";
import { makeDbFolder } from "../store/fixtures.ts";
import { ana, copyWithin, eve, faultsOf, makeEvidence, mallory, OWNER, readEvidence, SOUND } from "./fixtures.ts";

const { archive, folders } = await makeEvidence();

test("who has the account id and the file sees who signed what, when, and to whom; the sound is whole", () => {
  const report = readEvidence(archive);
  expect(report).toMatchObject({ holds: true, faults: [], account: OWNER });
  const [text, sound, forwarded] = report.messages;
  expect(text).toMatchObject({
    text: "I know where you live",
    signedBy: { account: mallory.sealer.account, unit: mallory.certificate.unit, certificateSeq: 1 },
    message: { sentAtMs: NOW_MS, cameAtMs: NOW_MS, shelf: "evidence" },
    origin: null,
    arrival: { act: "drop", because: "blocked", detail: "message.text" },
  });
  expect(sound).toMatchObject({ text: null, message: { durationMs: 1_500, kind: "voice" } });
  expect(Buffer.compare(unpack(archive).get(`${folders[1]}/sound.ogg`) ?? Buffer.alloc(0), SOUND)).toBe(0);
  expect(forwarded).toMatchObject({
    signedBy: { account: eve.sealer.account },
    origin: { account: ana.sealer.account },
  });
});

test("the journal in it shows what is about the senders, and of others nothing but their places in the chain", () => {
  const journal = Buffer.from(unpack(archive).get("journal.jsonl") ?? []).toString();
  expect(journal).toContain("block mallory");
  expect(journal).not.toContain("447700900123");
  expect(journal).not.toContain(fixedUnit("ben").sealer.account);
  const { strands, holds } = readEvidence(archive).journal ?? { strands: { single: { forgotten: 0 } } };
  expect(holds).toBe(true);
  expect(strands.single.forgotten).toBe(2);
});

test("what is said of it names what cannot be proven, and lets nothing through to the terminal's controls", () => {
  const said = sayEvidence(readEvidence(archive), true).join("\n");
  expect(said).toContain("It does not prove that nothing was left out");
  expect(said).toContain("whether it was revoked is not shown");
  expect(said).not.toContain("\u001b");
  const unnamed = sayEvidence(readEvidence(archive), false).join("\n");
  expect(unnamed).toContain(`of account ${OWNER}`);
  expect(unnamed).toContain("compare it with the one that you were given");
});

test("names stand in it only where the owner's book has them", () => {
  const manifest = Buffer.from(unpack(archive).get("manifest.json") ?? []).toString();
  expect(manifest.match(/"person"/g)).toHaveLength(2);
});

test("what was signed holds whenever it is looked at, and times that no calendar has are said to be such", async () => {
  await using place = await makeDbFolder();
  const odd = fixedUnit("odd", { notAfterMs: Number.MAX_SAFE_INTEGER });
  const short = fixedUnit("short", { notAfterMs: NOW_MS + 1 });
  const stores = evidenceStores(place.open(), fixedUnit("owner"));
  await stores.take({ from: odd });
  await stores.take({ from: short });
  stores.clock.advance(60_000);
  const said = sayEvidence(readEvidence(await stores.archive()), true).join("\n");
  expect(said).toContain("The evidence holds.");
  expect(said).toContain("good then (until a time that no calendar has)");
});

test("whoever knows that it must be another account's is told that it is not", () => {
  expect(faultsOf(archive, ana.sealer.account)).toContain(`a unit of another account signed it: ${OWNER}`);
});

describe("without the owner's key", () => {
  test("any byte that differs, anywhere, makes the file prove nothing", () => {
    const seen = new Set<string>();
    for (let at = 0; at < archive.length; at += at < 20_000 ? 61 : 4_001) {
      const altered = Buffer.from(archive);
      altered[at] = (altered[at] ?? 0) ^ 1;
      const report = verifyEvidence(altered, OWNER);
      expect(report.read, `byte ${at}`).toBe(false);
      if (!report.read) seen.add(report.why.replace(/\d+|\S+\.\S+/, "…"));
    }
    expect(seen.size).toBeGreaterThan(3);
  });

  test.each<[string, (contents: Contents) => void, string]>([
    ["a message is taken out", (contents) => contents.delete(`${folders[0]}/header.cbor`), "is missing"],
    ["a sound is taken out", (contents) => contents.delete(`${folders[1]}/sound.ogg`), "is missing"],
    ["the journal is taken out", (contents) => contents.delete("journal.jsonl"), "journal.jsonl is missing"],
    ["the manifest is taken out", (contents) => contents.delete("manifest.json"), "no signed manifest"],
    ["the manifest is not signed", (contents) => contents.delete("manifest.signature"), "no signed manifest"],
    ["a file is put in", (contents) => contents.set("extra.txt", Buffer.from("x")), "extra.txt was put in"],
    ["sounds are swapped", (contents) => contents.set(`${folders[1]}/sound.ogg`, SOUND.toReversed()), "was altered"],
    [
      "signatures are swapped",
      (contents) => {
        const [one, other] = [`${folders[0]}/signature`, `${folders[1]}/signature`];
        const held = contents.get(one) ?? new Uint8Array();
        copyWithin(contents, other, one);
        contents.set(other, held);
      },
      "was altered",
    ],
    [
      "the manifest has another certificate",
      (contents) => contents.set("manifest-certificate.cbor", mallory.sealer.certificate),
      "another unit's",
    ],
    [
      "the manifest is no JSON",
      (contents) => contents.set("manifest.json", Buffer.from("{")),
      "none that Porter writes",
    ],
  ])("where %s, the file proves nothing", (_, change, why) => {
    const contents = unpack(archive);
    change(contents);
    expect(faultsOf(pack(contents))).toContain(why);
  });

  test("files of another time than the manifest's, or too many bytes, are refused", () => {
    expect(faultsOf(pack(unpack(archive), 0))).toContain("not of the time");
    expect(faultsOf(Buffer.alloc(64 * 1024 * 1024 + 512))).toContain("larger than any");
  });

  test("a manifest signed anew by somebody else is refused, whether the account is known or not", () => {
    const resigned = forge(archive, () => undefined, evidenceSigner(mallory));
    expect(faultsOf(resigned)).toContain("another account signed it");
    expect(faultsOf(resigned, null)).toContain(`it was to another account: ${OWNER}`);
    expect(faultsOf(resigned, null)).toContain("it is the journal of another account");
  });

  test("a manifest by a unit that the account never certified, or whose certificate is over, is refused", () => {
    const thief = fixedUnit("owner", { unitName: "thief" });
    const certificate = issueCertificate(mallory.accountKey, { ...thief.certificate });
    expect(faultsOf(forge(archive, () => undefined, { ...evidenceSigner(thief), certificate }))).toContain(
      "another unit's",
    );
    const over = fixedUnit("owner", { notAfterMs: NOW_MS - 1 });
    expect(faultsOf(forge(archive, () => undefined, evidenceSigner(over)))).toContain("manifest is expired");
  });
});
