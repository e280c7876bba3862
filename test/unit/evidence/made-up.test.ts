import { describe, expect, test } from "vitest";
import type { Manifest } from "#device/evidence/manifest.ts";
import { NOW_MS } from "#test/house/day-keys.ts";
import { type Contents, evidenceSigner, forge, pack, parcelsTo, unpack } from "#test/house/evidence.ts";
import { fixedUnit } from "#test/house/fixed-keys.ts";
import { ana, copyWithin, faultsOf, makeEvidence, mallory, readEvidence, SOUND } from "./fixtures.ts";

const { archive, folders } = await makeEvidence();

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
      (contents) => copyWithin(contents, `${folders[1]}/header.cbor`, `${folders[0]}/header.cbor`),
      "its signature is wrong",
    ],
    [
      "the signature of another message",
      (contents) => copyWithin(contents, `${folders[1]}/signature`, `${folders[0]}/signature`),
      "its signature is wrong",
    ],
    [
      "the certificate of another account",
      (contents) => copyWithin(contents, `${folders[2]}/certificate.cbor`, `${folders[0]}/certificate.cbor`),
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
      (_, manifest) => say(manifest, 0, { from: ana.sealer.account }),
      "the manifest says of it what its header does not",
    ],
    ["another length", (_, manifest) => say(manifest, 1, { durationMs: 9 }), "the manifest says of it what"],
    [
      "another folder",
      (contents, manifest) => {
        for (const path of [...contents.keys()].filter((each) => each.startsWith(`${folders[0]}/`))) {
          copyWithin(contents, path, path.replace("messages/", "others/"));
          contents.delete(path);
        }
        say(manifest, 0, { folder: folders[0].replace("messages/", "others/") });
      },
      "does not lie where",
    ],
    [
      "somebody who said it first, where nobody did",
      (_, manifest) => say(manifest, 0, { origin: ana.sealer.account }),
      "otherwise of who said it first",
    ],
    [
      "another who said it first",
      (_, manifest) => say(manifest, 2, { origin: mallory.sealer.account }),
      "otherwise of who said it first",
    ],
    [
      "other files of who said it first",
      (contents) => copyWithin(contents, `${folders[0]}/signature`, `${folders[2]}/origin-signature`),
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
    expect(faultsOf(forge(archive, change))).toContain(why);
  });

  test("cannot be told that a message holds which was to somebody else", async () => {
    const [parcel] = await parcelsTo(ana, { from: mallory, text: "for Ana" });
    const { signed, cert, sig } = parcel?.header ?? { signed: SOUND, cert: SOUND, sig: SOUND };
    const forged = forge(archive, (contents) => {
      contents.set(`${folders[0]}/header.cbor`, signed);
      contents.set(`${folders[0]}/certificate.cbor`, cert);
      contents.set(`${folders[0]}/signature`, sig);
      contents.set(`${folders[0]}/text.txt`, Buffer.from("for Ana"));
    });
    expect(faultsOf(forged)).toContain(`it was to another account: ${ana.sealer.account}`);
  });

  test.each<[string, (text: string) => string]>([
    ["says one thing twice", (text) => text.replace('"v": 1,', '"v": 1,\n  "v": 1,')],
    ["is written in another way", (text) => text.replaceAll("\n", " ")],
    ["says more than manifests say", (text) => text.replace('"v": 1,', '"v": 1,\n  "guilty": true,')],
    ["is of another version", (text) => text.replace('"v": 1,', '"v": 2,')],
    ["begins with a mark that nobody sees", (text) => `\ufeff${text}`],
  ])("cannot hand on a manifest that %s", (_, change) => {
    const contents = unpack(archive);
    const text = Buffer.from(change(Buffer.from(contents.get("manifest.json") ?? []).toString()));
    contents.set("manifest.json", text);
    contents.set("manifest.signature", evidenceSigner(fixedUnit("owner")).signEvidence(text));
    expect(faultsOf(pack(contents))).toContain("none that Porter writes");
  });

  test("has nothing that holds where no message is left", () => {
    const none = forge(archive, (contents, manifest) => {
      for (const path of contents.keys()) if (path.startsWith("messages/")) contents.delete(path);
      manifest.messages.splice(0);
    });
    expect(faultsOf(none)).toBe("there is no message in it");
  });

  test("may leave a message out, and nothing shows it: so it is said", () => {
    const less = forge(archive, (contents, manifest) => {
      for (const path of contents.keys()) if (path.startsWith(folders[2])) contents.delete(path);
      manifest.messages.pop();
    });
    expect(readEvidence(less).holds).toBe(true);
  });
});

function say(manifest: Manifest, index: number, fields: Partial<Manifest["messages"][number]>): void {
  Object.assign(manifest.messages[index] ?? {}, fields);
}
