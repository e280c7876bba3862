import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Manifest } from "#device/evidence/manifest.ts";
import { type EvidenceReport, verifyEvidence } from "#device/evidence/verify.ts";
import { sayEvidence } from "#device/evidence/words.ts";
import { issueCertificate } from "#device/keys/certificate.ts";
import { bookWith, mallory as inTheBook } from "#test/house/books.ts";
import { NOW_MS } from "#test/house/day-keys.ts";
import { type Contents, evidenceSigner, evidenceStores, forge, pack, parcelsTo, unpack } from "#test/house/evidence.ts";
import { fixedUnit } from "#test/house/fixed-keys.ts";
import { makeDbFolder } from "../store/fixtures.ts";

const owner = fixedUnit("owner");
const mallory = fixedUnit("mallory");
const eve = fixedUnit("eve");
const OWNER = owner.sealer.account;
const ANA = fixedUnit("ana");
const SOUND = new Uint8Array(randomBytes(200_000));
/** The folders of the three messages: a text, a sound in two parcels, and a text that was passed on. */
let folders: string[] = [];
let archive: Buffer;
let built: AsyncDisposableStack;

async function build(stack: AsyncDisposableStack): Promise<Buffer> {
  const place = stack.use(await makeDbFolder());
  const stores = evidenceStores(place.open(), owner);
  const { journal, take } = stores;
  await take({ from: mallory });
  await take({ from: mallory, sound: SOUND });
  const [first] = await parcelsTo(eve, { from: ANA, text: "she said it" });
  if (!first) throw new Error("nothing was left");
  const { header } = first;
  await take({ from: eve, message: { kind: "message.text", body: { text: "she said it", origin: header } } });
  // Others called, too; Mallory was blocked, and has a number.
  const blocked = { what: "change", by: "cli", person: "mallory", account: mallory.sealer.account } as const;
  journal.append({ ...blocked, atMs: NOW_MS, detail: "block mallory" });
  journal.append({ ...blocked, atMs: NOW_MS, detail: "add-person Mallory +447700900123" });
  journal.append({ atMs: NOW_MS, what: "verdict", account: fixedUnit("ben").sealer.account, act: "admit" });
  const person = { ...inTheBook, name: "Mad\u001b[2J Mallory", accounts: [mallory.sealer.account] };
  return stores.archive({ ...bookWith({ people: [person] }), owner: OWNER });
}

beforeAll(async () => {
  built = new AsyncDisposableStack();
  archive = await build(built);
  folders = [...unpack(archive).keys()]
    .filter((path) => path.endsWith("/header.cbor"))
    .map((path) => path.slice(0, -12));
});

afterAll(async () => {
  await built.disposeAsync();
});

type Read = Extract<EvidenceReport, { read: true }>;

function read(bytes: Uint8Array): Read {
  const report = verifyEvidence(bytes, OWNER);
  if (!report.read) throw new Error(report.why);
  return report;
}

/** Why an archive is refused as a whole, or all that does not hold in it. */
function faults(bytes: Uint8Array, account: string | null = OWNER): string {
  const report = verifyEvidence(bytes, account);
  if (!report.read) return report.why;
  expect(report.holds).toBe(false);
  return [...report.faults, ...report.messages.flatMap((each) => each.faults)].join("; ");
}

function move(contents: Contents, from: string, to: string): void {
  contents.set(to, contents.get(from) ?? new Uint8Array());
}

test("who has the account id and the file sees who signed what, when, and to whom; the sound is whole", () => {
  const report = read(archive);
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
    origin: { account: ANA.sealer.account },
  });
});

test("the journal in it shows what is about the senders, and of others nothing but their places in the chain", () => {
  const journal = Buffer.from(unpack(archive).get("journal.jsonl") ?? []).toString();
  expect(journal).toContain("block mallory");
  expect(journal).not.toContain("447700900123");
  expect(journal).not.toContain(fixedUnit("ben").sealer.account);
  const { strands, holds } = read(archive).journal ?? { strands: { single: { forgotten: 0 } } };
  expect(holds).toBe(true);
  expect(strands.single.forgotten).toBe(2);
});

test("what is said of it names what cannot be proven, and lets nothing through to the terminal's controls", () => {
  const said = sayEvidence(read(archive), true).join("\n");
  expect(said).toContain("It does not prove that nothing was left out");
  expect(said).toContain("whether it was revoked is not shown");
  expect(said).not.toContain("\u001b");
  expect(sayEvidence(read(archive), false).join("\n")).toContain(`of account ${OWNER}`);
});

test("names stand in it only where the owner's book has them", () => {
  const manifest = Buffer.from(unpack(archive).get("manifest.json") ?? []).toString();
  expect(manifest.match(/"person"/g)).toHaveLength(2);
});

test("whoever knows that it must be another account's is told that it is not", () => {
  expect(faults(archive, ANA.sealer.account)).toContain(`a unit of another account signed it: ${OWNER}`);
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
        move(contents, other, one);
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
    expect(faults(pack(contents))).toContain(why);
  });

  test("files of another time than the manifest's, or too many bytes, are refused", () => {
    expect(faults(pack(unpack(archive), 0))).toContain("not of the time");
    expect(faults(Buffer.alloc(64 * 1024 * 1024 + 512))).toContain("larger than any");
  });

  test("a manifest signed anew by somebody else is refused, whether the account is known or not", () => {
    const resigned = forge(archive, () => undefined, evidenceSigner(mallory));
    expect(faults(resigned)).toContain("another account signed it");
    expect(faults(resigned, null)).toContain(`it was to another account: ${OWNER}`);
    expect(faults(resigned, null)).toContain("it is the journal of another account");
  });

  test("a manifest by a unit that the account never certified, or whose certificate is over, is refused", () => {
    const thief = fixedUnit("owner", { unitName: "thief" });
    const certificate = issueCertificate(mallory.accountKey, { ...thief.certificate });
    expect(faults(forge(archive, () => undefined, { ...evidenceSigner(thief), certificate }))).toContain(
      "another unit's",
    );
    const over = fixedUnit("owner", { notAfterMs: NOW_MS - 1 });
    expect(faults(forge(archive, () => undefined, evidenceSigner(over)))).toContain("manifest is expired");
  });
});

describe("an owner who makes things up, and signs it", () => {
  test.each<[string, (contents: Contents, manifest: Manifest) => void, string]>([
    [
      "another sound under a signed header",
      (contents) => contents.set(`${folders[1]}/sound.ogg`, SOUND.toReversed()),
      "the sound is not the one that was signed",
    ],
    [
      "no sound at all",
      (contents) => contents.delete(`${folders[1]}/sound.ogg`),
      "the sound is not the one that was signed",
    ],
    [
      "another text beside a signed header",
      (contents) => contents.set(`${folders[0]}/text.txt`, Buffer.from("I will kill you")),
      "the text is not the one that was signed",
    ],
    ["a sound beside a text", (contents) => contents.set(`${folders[0]}/sound.ogg`, SOUND), "no sound belongs to it"],
    [
      "the header of another message",
      (contents) => move(contents, `${folders[1]}/header.cbor`, `${folders[0]}/header.cbor`),
      "its signature is wrong",
    ],
    [
      "the signature of another message",
      (contents) => move(contents, `${folders[1]}/signature`, `${folders[0]}/signature`),
      "its signature is wrong",
    ],
    [
      "the certificate of another account",
      (contents) => move(contents, `${folders[2]}/certificate.cbor`, `${folders[0]}/certificate.cbor`),
      "of another account than the one that its header names",
    ],
    [
      "a header that is none",
      (contents) => contents.set(`${folders[0]}/header.cbor`, Buffer.from("a")),
      "its header is none of a message",
    ],
    [
      "a certificate that nobody signed",
      (contents) => {
        const certificate = Buffer.from(mallory.sealer.certificate);
        certificate[20] = (certificate[20] ?? 0) ^ 1;
        contents.set(`${folders[0]}/certificate.cbor`, certificate);
      },
      "is forged",
    ],
    [
      "a certificate that was over when it was sent",
      (contents) => {
        const { sealer } = fixedUnit("mallory", { notAfterMs: NOW_MS });
        contents.set(`${folders[0]}/certificate.cbor`, sealer.certificate);
      },
      "had expired when it was signed",
    ],
    [
      "another time of sending",
      (_, manifest) => say(manifest, 0, { sentAtMs: NOW_MS - 1 }),
      "the manifest says of it what its header does not",
    ],
    [
      "another sender",
      (_, manifest) => say(manifest, 0, { from: ANA.sealer.account }),
      "the manifest says of it what its header does not",
    ],
    ["another length", (_, manifest) => say(manifest, 1, { durationMs: 9 }), "the manifest says of it what"],
    [
      "another folder",
      (contents, manifest) => {
        for (const path of [...contents.keys()].filter((each) => each.startsWith(`${folders[0]}/`))) {
          move(contents, path, path.replace("messages/", "others/"));
          contents.delete(path);
        }
        say(manifest, 0, { folder: folders[0]?.replace("messages/", "others/") ?? "" });
      },
      "does not lie where",
    ],
    [
      "somebody who said it first, where nobody did",
      (_, manifest) => say(manifest, 0, { origin: ANA.sealer.account }),
      "otherwise of who said it first",
    ],
    [
      "another who said it first",
      (_, manifest) => say(manifest, 2, { origin: mallory.sealer.account }),
      "otherwise of who said it first",
    ],
    [
      "other files of who said it first",
      (contents) => move(contents, `${folders[0]}/signature`, `${folders[2]}/origin-signature`),
      "are not what it carries",
    ],
    ["a message without its signature", (contents) => contents.delete(`${folders[0]}/signature`), "is missing"],
    ["no message at all", (_, manifest) => manifest.messages.splice(0), "is no file of evidence"],
    [
      "one message twice",
      (_, manifest) => manifest.messages.push(...manifest.messages.slice(0, 1)),
      "is in it already",
    ],
    [
      "a journal with a line less",
      (contents) => {
        const journal = Buffer.from(contents.get("journal.jsonl") ?? []).toString();
        contents.set("journal.jsonl", Buffer.from(journal.replace(/^.*"strand".*\n/m, "")));
      },
      "altered since the unit signed it",
    ],
  ])("is found out with %s", (_, change, why) => {
    expect(faults(forge(archive, change))).toContain(why);
  });

  test("cannot be told that a message holds which was to somebody else", async () => {
    const [parcel] = await parcelsTo(ANA, { from: mallory, text: "for Ana" });
    const { signed, cert, sig } = parcel?.header ?? { signed: SOUND, cert: SOUND, sig: SOUND };
    const forged = forge(archive, (contents) => {
      contents.set(`${folders[0]}/header.cbor`, signed);
      contents.set(`${folders[0]}/certificate.cbor`, cert);
      contents.set(`${folders[0]}/signature`, sig);
      contents.set(`${folders[0]}/text.txt`, Buffer.from("for Ana"));
    });
    expect(faults(forged)).toContain(`it was to another account: ${ANA.sealer.account}`);
  });

  test("has nothing that holds where no message is left", () => {
    const none = forge(archive, (contents, manifest) => {
      for (const path of contents.keys()) if (path.startsWith("messages/")) contents.delete(path);
      manifest.messages.splice(0);
    });
    expect(faults(none)).toBe("there is no message in it");
  });

  test("may leave a message out, and nothing shows it: so it is said", () => {
    const less = forge(archive, (contents, manifest) => {
      for (const path of contents.keys()) if (path.startsWith(folders[2] ?? "-")) contents.delete(path);
      manifest.messages.pop();
    });
    expect(read(less).holds).toBe(true);
  });
});

function say(manifest: Manifest, index: number, fields: Partial<Manifest["messages"][number]>): void {
  Object.assign(manifest.messages[index] ?? {}, fields);
}
