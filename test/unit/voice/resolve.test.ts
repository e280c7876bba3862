import { describe, expect, test } from "vitest";
import { blockFor, isAccountBlocked, isPersonBlocked, personWith, resolve, tellApart } from "#device/voice/resolve.ts";
import { bookOf, person } from "./books.ts";

const mum = person("mum", "Mum", "Ana", "mother");
const daveSmith = person("dave-smith", "Dave Smith");
const daveJones = person("dave-jones", "Dave Jones", "The Plumber");
const zoe = person("zoe", "Zoë O’Brien");
const book = bookOf([mum, daveSmith, daveJones, zoe, person("brown", "Dr. Brown"), person("foreign", "李小龙")]);

describe("a spoken name", () => {
  test.each([
    ["mum", "mum"],
    ["my mother", "mum"],
    ["ana", "mum"],
    ["dave smith", "dave-smith"],
    ["plumber", "dave-jones"],
    ["zoe", "zoe"],
    ["zoe obrien", "zoe"],
    ["doctor brown", null],
    ["dr brown", "brown"],
    ["dr", null],
    ["smith", null],
    ["dav", null],
    ["", null],
    ["computer", null],
  ])("%j means %j", (name, id) => {
    const meant = resolve(name, book);
    expect(meant.found === "one" ? meant.person.id : meant.found).toBe(id ?? "none");
  });

  test("that several could mean names them all, even where one is called just that", () => {
    const dave = person("dave", "Dave");
    expect(resolve("dave", bookOf([daveSmith, dave, daveJones]))).toEqual({
      found: "several",
      people: [daveSmith, dave, daveJones],
    });
  });

  test("that is one person's name twice over still means one", () => {
    expect(resolve("sam", bookOf([person("sam", "Sam", "sam", "SAM", "Säm")])).found).toBe("one");
  });
});

test("the wake word, an article and a trailing please are no part of a name", () => {
  expect(resolve("mum", bookOf([person("mum", "The Computer Mum Please")])).found).toBe("one");
  expect(resolve("computer", bookOf([person("computer", "Computer")])).found).toBe("none");
});

describe("telling people apart", () => {
  test("uses the name, or an alias that only one has", () => {
    expect(tellApart([daveSmith, daveJones])).toEqual(["Dave Smith", "Dave Jones"]);
    expect(tellApart([person("a", "Sam"), person("b", "Sam", "Sammy")])).toBeNull();
    expect(tellApart([person("a", "Sam", "Red"), person("b", "Sam", "Sammy")])).toEqual(["Red", "Sammy"]);
  });

  test("fails for people who sound alike, rather than offer a choice that is none", () => {
    expect(tellApart([person("a", "Sam"), person("b", "SÁM!")])).toBeNull();
    expect(tellApart([person("a", "李"), person("b", "小")])).toBeNull();
  });
});

describe("blocks", () => {
  test("on a person cover each account, and one on an account covers its person", () => {
    const ana = { ...person("ana"), accounts: ["a1", "a2"] };
    for (const block of [{ person: "ana" }, { account: "a1" }]) {
      const blocked = bookOf([ana], [block]);
      expect(isPersonBlocked(ana, blocked)).toBe(true);
      expect([isAccountBlocked("a2", blocked), isAccountBlocked("b", blocked)]).toEqual([true, false]);
    }
    expect(isPersonBlocked(ana, bookOf([ana], [{ unknown: true }]))).toBe(false);
  });

  test("for an account take in the whole person, but nobody where it is not one person's", () => {
    expect(blockFor("mum", book)).toEqual({ person: "mum" });
    expect(blockFor("stranger", book)).toEqual({ account: "stranger" });
    const twins = bookOf([person("a"), { ...person("b"), accounts: ["a"] }]);
    expect([personWith("a", twins), blockFor("a", twins)]).toEqual([null, { account: "a" }]);
  });
});
