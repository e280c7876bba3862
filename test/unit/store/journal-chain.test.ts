import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { emptyRange, type Sealed, type Strand, seal } from "#device/store/journal-chain.ts";
import { sayReport } from "#device/store/journal-words.ts";
import { fixedUnit } from "#test/house/fixed-keys.ts";
import { account, OWNER } from "./fixtures.ts";
import { changeOf, judge, makeChain, makeLongChain, type Records, rechain, verdictOf } from "./journals.ts";

let long: Awaited<ReturnType<typeof makeLongChain>>;
let records: Records;
/** The lines that the last checkpoint covers, as indices. */
let covered: number[];

beforeAll(async () => {
  long = await makeLongChain();
  records = long.records();
  const report = judge(records);
  const unsignedSingles = report.unsigned;
  const singles = records.lines.filter(({ strand }) => strand === "single").length;
  covered = [...records.lines.keys()].filter((index) => {
    const line = records.lines[index];
    return line?.strand === "counted" || (line?.number ?? 0) <= singles - unsignedSingles;
  });
});
afterAll(() => long[Symbol.asyncDispose]());

const anyCovered = () => fc.nat().map((n) => covered[n % covered.length] ?? 0);
const flipped = (bytes: Uint8Array, at: number) =>
  bytes.map((byte, index) => (index === at % bytes.length ? byte ^ 1 : byte));

function withLine(index: number, change: (line: Sealed) => Sealed): Records {
  return { ...records, lines: records.lines.map((line, at) => (at === index ? change(line) : line)) };
}

test("a journal that nobody touched holds, and says up to where it is signed", () => {
  const report = judge(records);
  expect(report.breaks).toEqual([]);
  expect(report).toMatchObject({ holds: true, strands: { single: { first: 1, last: 150 } } });
  expect(report.strands.counted.last).toBeGreaterThan(30);
  expect(records.checkpoints.length).toBeGreaterThan(2);
  // What follows is only worth something if there is something of each kind.
  expect(report.unsigned).toBeGreaterThan(2);
  expect(covered.length).toBeGreaterThan(100);
});

test("any byte of any line that is not what it was is found", () => {
  const field = fc.constantFrom("salt", "details", "commitment", "hash");
  fc.assert(
    fc.property(fc.nat(records.lines.length - 1), field, fc.nat(), (index, name, at) => {
      const altered = withLine(index, (line) => {
        if (name !== "details") return { ...line, [name]: flipped(line[name] ?? new Uint8Array([0]), at) };
        const text = line.details ?? "";
        const place = at % text.length;
        const other = text[place] === "x" ? "y" : "x";
        return { ...line, details: text.slice(0, place) + other + text.slice(place + 1) };
      });
      expect(judge(altered).holds).toBe(false);
    }),
    { numRuns: 150 },
  );
});

test("the words name the line that was altered", () => {
  const [first] = records.lines;
  expect(first).toMatchObject({ strand: "single", number: 1 });
  const altered = withLine(6, (line) => ({ ...line, details: line.details?.replace("ring", "drop-in") ?? "" }));
  expect(judge(altered).breaks).toEqual(["line 7 was altered: it is not what was written down then"]);
  expect(sayReport(judge(altered))[0]).toContain("BROKEN");
});

test("who makes every number and hash fit what he altered, dropped or put in is caught by the checkpoints", () => {
  const how = fc.constantFrom("alter", "drop", "insert", "swap");
  fc.assert(
    fc.property(anyCovered(), how, (index, change) => {
      const { lines } = records;
      const line = lines[index];
      const next = lines[index + 1];
      if (!line || !next) return;
      fc.pre(change !== "swap" || line.strand === next.strand);
      const altered = {
        alter: () => lines.with(index, { ...line, details: `${line.details} ` }),
        drop: () => lines.toSpliced(index, 1),
        insert: () => lines.toSpliced(index, 0, { ...line, details: "calling on" }),
        swap: () => lines.toSpliced(index, 2, next, line),
      }[change]();
      const fitted = rechain({ ...records, lines: altered });
      // The control: the chain alone holds, so it is the checkpoints that catch him.
      expect(judge({ ...fitted, checkpoints: [] }).breaks).toEqual([]);
      expect(judge(fitted).breaks.join()).toMatch(/was signed over|missing/);
    }),
    { numRuns: 100 },
  );
});

test("a line that is gone from the middle is found, though every other is as it was", () => {
  fc.assert(
    fc.property(anyCovered(), (index) => {
      const report = judge({ ...records, lines: records.lines.toSpliced(index, 1) });
      expect(report.breaks.join()).toContain("missing");
    }),
    { numRuns: 80 },
  );
});

test("lines that changed places, and lines that were put in or stand twice, are found", () => {
  const last = records.lines.length - 1;
  fc.assert(
    fc.property(fc.nat(last), fc.nat(last), fc.boolean(), (from, to, copy) => {
      const line = records.lines[from];
      if (!line || records.lines[to]?.strand !== line.strand) return;
      fc.pre(copy || from !== to);
      const lines = copy ? records.lines : records.lines.toSpliced(from, 1);
      expect(judge({ ...records, lines: lines.toSpliced(to, 0, line) }).holds).toBe(false);
    }),
    { numRuns: 150 },
  );
});

test("a line of another account's journal fits nowhere", async () => {
  await using other = await makeChain({ owner: "somebody else" });
  other.journal.append(changeOf(other.clock, "one"));
  const [foreign] = other.records().lines;
  if (!foreign) throw new Error("no line");
  expect(judge({ lines: records.lines.toSpliced(0, 1, foreign), checkpoints: records.checkpoints }).holds).toBe(false);
  expect(judge({ lines: [foreign], checkpoints: [] }).holds).toBe(false);
  expect(judge({ lines: [foreign], checkpoints: [] }, other.signer.account).holds).toBe(true);
});

test("deleting what lines say, salt and all, breaks nothing, whichever lines they are", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(records.lines.length - 1), { maxLength: 60 }), (gone) => {
      const lines = records.lines.map((line, index) =>
        gone.includes(index) ? { ...line, salt: null, details: null } : line,
      );
      const report = judge({ ...records, lines });
      expect(report.breaks).toEqual([]);
      expect(report.strands.single.forgotten + report.strands.counted.forgotten).toBe(gone.length);
    }),
    { numRuns: 60 },
  );
});

test("two lines that say the same look different once they are forgotten: nothing can be guessed from what is left", () => {
  const one = seal("single", emptyRange(OWNER, "single"), "the same");
  const two = seal("single", emptyRange(OWNER, "single"), "the same");
  expect(one.commitment).not.toEqual(two.commitment);
  expect(one.salt).toHaveLength(16);
  expect(one.salt).not.toEqual(two.salt);
});

test("what is cut off at the end is found up to the last checkpoint; after it nothing shows, and that is said", () => {
  const singles = records.lines.filter(({ strand }) => strand === "single");
  const counted = records.lines.filter(({ strand }) => strand === "counted");
  const { unsigned } = judge(records);
  for (let cut = 0; cut <= unsigned + 20; cut += 1) {
    const report = judge({ ...records, lines: [...singles.slice(0, singles.length - cut), ...counted] });
    expect(report.holds, `${cut} of ${unsigned} unsigned`).toBe(cut <= unsigned);
    if (report.holds) expect(report.unsigned).toBe(unsigned - cut);
  }
  expect(sayReport(judge(records)).join("\n")).toContain(
    "were they others, or some at the end gone, nothing would show it",
  );
  expect(sayReport(judge(records)).at(-1)).toContain("not that nothing was left out");
});

test("a checkpoint that was altered, moved, dropped from the middle or signed by others does not count", () => {
  const { checkpoints } = records;
  const mallory = fixedUnit("mallory").sealer;
  const some = fc.nat(checkpoints.length - 1);
  const change = fc.constantFrom("bytes", "signature", "certificate", "drop", "swap", "foreign");
  fc.assert(
    fc.property(some, change, fc.nat(), (index, how, at) => {
      const each = checkpoints[index];
      if (!each) return;
      fc.pre(how !== "drop" || (index > 0 && index < checkpoints.length - 1));
      const tampered = {
        bytes: () => checkpoints.with(index, { ...each, bytes: flipped(each.bytes, at) }),
        signature: () => checkpoints.with(index, { ...each, signature: flipped(each.signature, at) }),
        certificate: () => checkpoints.with(index, { ...each, certificate: flipped(each.certificate, at) }),
        foreign: () => checkpoints.with(index, { ...each, certificate: mallory.certificate }),
        drop: () => checkpoints.toSpliced(index, 1),
        swap: () => checkpoints.toReversed(),
      }[how]();
      expect(judge({ ...records, checkpoints: tampered }).holds).toBe(false);
    }),
    { numRuns: 120 },
  );
});

test("lines and checkpoints made of anything at all are judged, never a reason to fail", () => {
  const bytes = fc.uint8Array({ maxLength: 40 });
  const line = fc.record({
    strand: fc.constantFrom<Strand>("single", "counted"),
    number: fc.integer(),
    salt: fc.option(bytes),
    details: fc.option(fc.string()),
    commitment: bytes,
    hash: bytes,
  });
  const checkpoint = fc.record({ bytes, signature: bytes, certificate: bytes });
  fc.assert(
    fc.property(fc.array(line), fc.array(checkpoint), (lines, checkpoints) => {
      const report = judge({ lines, checkpoints });
      expect(report.holds).toBe(lines.length === 0 && checkpoints.length === 0);
      expect(sayReport(report).length).toBeGreaterThan(0);
    }),
    { numRuns: 200 },
  );
});

test("a line is hashed as anybody can repeat with SHA-256", () => {
  const { lines } = records;
  const [one, two] = lines;
  if (!one?.salt || one.details === null || !two) throw new Error("no lines");
  const hash = (domain: string, ...parts: (Uint8Array | string)[]) =>
    new Uint8Array(
      createHash("sha256")
        .update(Buffer.concat([`porter/1 journal ${domain}\0`, ...parts].map((part) => Buffer.from(part))))
        .digest(),
    );
  const start = hash("start", `single ${OWNER}`);
  expect(one.commitment).toEqual(hash("details", one.salt, one.details));
  expect(one.hash).toEqual(hash("line", start, Buffer.from("0000000000000001", "hex"), one.commitment));
  expect(two.hash).toEqual(hash("line", one.hash, Buffer.from("0000000000000002", "hex"), two.commitment));
});

test("a line that kept its words and lost its salt proves nothing, and is found", () => {
  const report = judge(withLine(4, (line) => ({ ...line, salt: null, details: "calling on" })));
  expect(report.breaks).toEqual(["line 5 is half forgotten"]);
});

test("no restart, power cut or pruning breaks the chain, whenever it comes, and no line of the owner's is lost", async () => {
  const step = fc.constantFrom("change", "changes", "drop", "minute", "hour", "crash", "restart", "forget");
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40, size: "max" }), async (steps) => {
      await using made = await makeChain({ maxLines: 16 });
      let singles = 0;
      const change = () => {
        made.journal.append(changeOf(made.clock, "calling off"));
        singles += 1;
      };
      for (const each of steps) {
        if (each === "change") change();
        else if (each === "changes") for (let line = 0; line < 7; line += 1) change();
        else if (each === "drop") made.journal.append(verdictOf(made.clock, "eve"));
        else if (each === "minute") made.clock.advance(60_000);
        else if (each === "hour") made.clock.advance(3_600_000);
        else if (each === "forget") singles += made.journal.forget({ keys: [account("eve")] }, "cli") ? 1 : 0;
        else made[each]();
      }
      const report = await made.journal.verify();
      expect(report.breaks).toEqual([]);
      expect(report.strands.single.last).toBe(singles);
      made.crash();
      expect((await made.journal.verify()).breaks).toEqual([]);
      expect(await made.journal.exported()).not.toBeNull();
      expect(made.records().lines.length).toBeLessThanOrEqual(16);
    }),
    { numRuns: 12 },
  );
}, 60_000);
