import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Book, emptyBook } from "#device/gate/book.ts";
import { decide, honoured, inHouse, type Now, type Request } from "#device/gate/decide.ts";
import type { Pass } from "#device/gate/pass.ts";
import {
  ANA,
  ANAS_OLD_PHONE,
  accountOf,
  ana,
  blocking,
  bookWith,
  callFrom,
  MALLORY,
  NOON,
  OWNER,
  STRANGER,
  testSeal,
} from "#test/house/books.ts";

/** Act and reason, as the table of the design writes them. */
function judge(request: Request, book: Book | null): string {
  const verdict = decide(request, book, NOON);
  return `${verdict.act} ${verdict.because}`;
}

describe("the table, from the top", () => {
  const rows: [string, Request, Book | null, string][] = [
    ["a book that cannot be read lets nobody ring", callFrom(ANA), null, "drop fault"],
    ["calling off drops even a friend", callFrom(ANA), bookWith({ calling: "off" }), "drop calling-off"],
    ["a bad signature is nobody's", callFrom(ANA, { signature: "invalid" }), bookWith(), "drop unverified"],
    ["no signature is nobody's", callFrom(ANA, { signature: "missing" }), bookWith(), "drop unverified"],
    ["a call for somebody else is not ours", callFrom(ANA, { to: ANA }), bookWith(), "drop misaddressed"],
    ["a call rings once", callFrom(ANA, { replayed: true }), bookWith(), "drop replayed"],
    ["a blocked person is dropped, grant or not", callFrom(ANA), blocking({ person: "ana" }), "drop blocked"],
    ["a block covers the old phone too", callFrom(ANAS_OLD_PHONE), blocking({ person: "ana" }), "drop blocked"],
    ["a blocked account blocks its person", callFrom(ANA), blocking({ account: ANAS_OLD_PHONE }), "drop blocked"],
    ["a blocked stranger is dropped", callFrom(STRANGER), blocking({ account: STRANGER }), "drop blocked"],
    ["unknown callers can be blocked", callFrom(STRANGER), blocking({ unknown: true }), "drop unknown"],
    ["that does not touch people in the book", callFrom(ANA), blocking({ unknown: true }), "admit granted"],
    ["an unknown caller is held", callFrom(STRANGER), bookWith(), "hold unknown"],
    ["an unknown caller is dropped", callFrom(STRANGER), bookWith({ unknown: "drop" }), "drop unknown"],
    ["being known is not being welcome", callFrom(MALLORY), bookWith(), "hold not-granted"],
    ["nor is it with drop", callFrom(MALLORY), bookWith({ unknown: "drop" }), "drop not-granted"],
    ["a grant is for one thing", callFrom(ANA, { kind: "drop-in" }), bookWith(), "hold not-granted"],
    ["a call that comes late is a missed call", callFrom(ANA, { fresh: false }), bookWith(), "take-message stale"],
    [
      "a message that comes late is a message",
      callFrom(ANA, { kind: "message", fresh: false }),
      bookWith(),
      "admit stale",
    ],
    ["who is granted rings", callFrom(ANA), bookWith(), "admit granted"],
    ["an answer that nobody waits for is nothing", callFrom(ANA, { kind: "reply" }), bookWith(), "drop unawaited"],
    [
      "who was called may answer without any grant",
      callFrom(MALLORY, { kind: "reply", awaited: true }),
      bookWith(),
      "admit awaited",
    ],
    [
      "unless they are blocked by then",
      callFrom(ANA, { kind: "reply", awaited: true }),
      blocking({ person: "ana" }),
      "drop blocked",
    ],
    [
      "an answer that comes late is nothing",
      callFrom(ANA, { kind: "reply", awaited: true, fresh: false }),
      bookWith(),
      "drop stale",
    ],
  ];
  test.each(rows)("%s", (_, request, book, expected) => {
    expect(judge(request, book)).toBe(expected);
  });
});

const requests: fc.Arbitrary<Request> = fc.record({
  envelope: fc.constant("00112233445566778899aabbccddeeff"),
  kind: fc.constantFrom("call", "message", "announce", "drop-in", "reply"),
  from: fc.constantFrom(ANA, ANAS_OLD_PHONE, MALLORY, STRANGER),
  to: fc.constantFrom(OWNER, ANA),
  signature: fc.constantFrom("valid", "invalid", "missing"),
  replayed: fc.boolean(),
  fresh: fc.boolean(),
  awaited: fc.boolean(),
});
const books: fc.Arbitrary<Book> = fc
  .record({
    calling: fc.constantFrom("on", "off"),
    unknown: fc.constantFrom("hold", "drop"),
    blocks: fc.subarray([
      { person: "ana" },
      { account: ANAS_OLD_PHONE },
      { account: STRANGER },
      { unknown: true },
    ] as const),
  })
  .map((changes) => bookWith(changes as Partial<Book>));

describe("whatever is asked", () => {
  test("nothing lifts a block", () => {
    fc.assert(
      fc.property(requests, books, (request, book) => {
        const verdict = decide(request, { ...book, blocks: [...book.blocks, { account: request.from ?? "" }] }, NOON);
        expect(verdict.act).toBe("drop");
      }),
    );
  });

  test("only a valid signature to this owner on a first sight gets any pass", () => {
    fc.assert(
      fc.property(requests, books, (request, book) => {
        if (decide(request, book, NOON).act === "drop") return;
        expect(request).toMatchObject({ signature: "valid", to: OWNER, replayed: false });
        expect(book.calling).toBe("on");
      }),
    );
  });

  test("nobody rings without the grant", () => {
    fc.assert(
      fc.property(requests, books, (request, book) => {
        const verdict = decide(request, book, NOON);
        if (verdict.act === "admit" && verdict.pass.act === "ring")
          expect([ANA, ANAS_OLD_PHONE]).toContain(request.from);
      }),
    );
  });
});

describe("a pass", () => {
  const request = callFrom(ANA);
  const book = bookWith();
  const verdict = decide(request, book, NOON);
  if (verdict.act !== "admit") throw new Error("the gate should let Ana ring");
  const { pass } = verdict;

  test("is honoured for what it was made for", () => {
    expect(honoured(pass, ["ring"], request.envelope, book)).toBe(true);
  });

  test("is not honoured for another act, another envelope or another revision of the book", () => {
    expect(honoured(pass, ["message"], request.envelope, book)).toBe(false);
    expect(honoured(pass, ["ring"], "ff".repeat(16), book)).toBe(false);
    expect(honoured(pass, ["ring"], request.envelope, { ...book, revision: book.revision + 1 })).toBe(false);
  });

  test("is not honoured under the book of another owner, though it has the same revision", () => {
    expect(honoured(pass, ["ring"], request.envelope, { ...book, owner: accountOf("flatmate") })).toBe(false);
  });

  test("cannot be forged: a copy, a literal, a revived one, a reflected one", () => {
    const forgeries = [
      { ...pass },
      JSON.parse(JSON.stringify(pass)),
      Object.create(pass),
      structuredClone(pass),
      Object.assign(Object.create(Object.getPrototypeOf(pass)), pass),
      Reflect.construct(Object, [
        { act: "ring", envelope: request.envelope, owner: OWNER, bookRevision: book.revision },
      ]),
    ] as unknown as Pass[];
    for (const forged of forgeries) expect(honoured(forged, ["ring"], request.envelope, book)).toBe(false);
  });

  test("cannot be changed", () => {
    expect(Object.isFrozen(pass)).toBe(true);
  });

  test("does not compile where it is missing or made by hand", () => {
    // @ts-expect-error a literal lacks the brand that only the gate can give
    const forged: Pass = { act: "ring", envelope: request.envelope, owner: OWNER, bookRevision: 7 };
    // @ts-expect-error an effect on the owner's ears needs a pass
    const ring: import("#device/call/states.ts").GuestCallEffect = { type: "ring", id: request.envelope, peer: ANA };
    expect([forged, ring]).toHaveLength(2);
  });
});

describe("a house of several owners", () => {
  const request = callFrom(ANA);
  const book = bookWith();
  const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
  const flatmate = (changes: Partial<Book>): Book => ({ ...emptyBook(MALLORY, "GB", "UTC", testSeal), ...changes });
  const together = (other: Book, asked = request, now: Now = NOON) => {
    const { act, because } = inHouse(decide(asked, book, now), asked, book, [other], now);
    return `${act} ${because}`;
  };

  test.each<[string, Partial<Book>, string]>([
    ["who does not know the caller changes nothing", {}, "admit granted"],
    ["whose own calling is off changes nothing", { calling: "off" }, "admit granted"],
    ["who drops all strangers changes nothing", { unknown: "drop", blocks: [{ unknown: true }] }, "admit granted"],
    ["whose unit is a child's changes nothing", { kids: true }, "admit granted"],
    ["who blocked the caller makes it a message", { blocks: [{ account: ANA }] }, "take-message house"],
    [
      "who sleeps makes it a message",
      { quietHours: [{ fromMinute: 600, toMinute: 780, days, except: [] }] },
      "take-message house",
    ],
    [
      "who sleeps at night does not at noon",
      { quietHours: [{ fromMinute: 0, toMinute: 420, days, except: [] }] },
      "admit granted",
    ],
    [
      "who sleeps and excepts the caller changes nothing",
      { people: [ana], quietHours: [{ fromMinute: 600, toMinute: 780, days, except: ["ana"] }] },
      "admit granted",
    ],
  ])("another %s", (_, changes, expected) => {
    expect(together(flatmate(changes))).toBe(expected);
  });

  test("says nothing of a time that nobody knows, unless it has quiet hours: whom the addressee excepts gets through", () => {
    const lost: Now = { ...NOON, clockTrusted: false };
    const night = { fromMinute: 0, toMinute: 420, days, except: ["ana"] };
    const careful = bookWith({ quietHours: [night] });
    const verdict = (other: Book) => inHouse(decide(request, careful, lost), request, careful, [other], lost).because;
    expect(verdict(flatmate({}))).toBe("granted");
    expect(verdict(flatmate({ quietHours: [{ ...night, except: [] }] }))).toBe("house");
  });

  test("never drops or holds, and has no say where the owner called, nor in what was not admitted", () => {
    const hostile = flatmate({ calling: "off", blocks: [{ account: ANA }, { account: STRANGER }, { unknown: true }] });
    expect(together(hostile, callFrom(ANA, { kind: "message" }))).toBe("take-message house");
    expect(together(hostile, callFrom(ANA, { kind: "reply", awaited: true }))).toBe("admit awaited");
    expect(together(hostile, callFrom(STRANGER))).toBe("hold unknown");
    expect(together(hostile, callFrom(ANA, { fresh: false }))).toBe("take-message stale");
  });

  test("leaves a pass for the list only, by the addressee's book", () => {
    const verdict = inHouse(
      decide(request, book, NOON),
      request,
      book,
      [flatmate({ blocks: [{ account: ANA }] })],
      NOON,
    );
    if (verdict.act !== "take-message") throw new Error("the flatmate should be heard");
    expect(honoured(verdict.pass, ["entry"], request.envelope, book)).toBe(true);
    expect(honoured(verdict.pass, ["ring"], request.envelope, book)).toBe(false);
  });
});

describe("a book that no unit would write", () => {
  const twin = { ...ana, id: "twin", accounts: [ANA] };

  test("lets in somebody whose account two people have only where both may", () => {
    expect(judge(callFrom(ANA), bookWith({ people: [ana, twin] }))).toBe("admit granted");
    expect(judge(callFrom(ANA), bookWith({ people: [ana, { ...twin, grants: [] }] }))).toBe("hold not-granted");
  });

  test("blocks a shared account with either of them", () => {
    for (const person of ["ana", "twin"]) {
      expect(judge(callFrom(ANA), bookWith({ people: [ana, twin], blocks: [{ person }] }))).toBe("drop blocked");
    }
  });
});

test.each([
  ["+5491123456789", "+541123456789"],
  ["+541123456789", "+5491123456789"],
  ["+5215512345678", "+525512345678"],
])("a blocked person who has %s is blocked as %s too", (number, reading) => {
  const book = bookWith({ people: [{ ...ana, numbers: [number] }], blocks: [{ person: "ana" }] });
  expect(judge(callFrom(STRANGER, { number: { readings: [reading], attested: null } }), book)).toBe("drop blocked");
  expect(judge(callFrom(STRANGER, { number: { readings: [`${reading}0`], attested: null } }), book)).toBe(
    "hold unknown",
  );
});
