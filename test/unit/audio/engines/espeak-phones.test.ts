import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { espeakPhones } from "#audio/engines/espeak-phones.ts";
import { Pronouncer } from "#audio/engines/pronunciation.ts";

const SEED = fileURLToPath(new URL("../../../../audio/models/seed.dict", import.meta.url));

test("a name is said in phones of the dictionary, each word by itself", () => {
  const said = espeakPhones(["xiaoling", "caoimhe", "joaquim"]);
  expect(said.get("xiaoling")).toBe("Z AY AH OW L IH NG");
  expect(said.get("caoimhe")).toBe("K IY V AH");
  for (const phones of said.values()) expect(phones).toMatch(/^[A-Z]{1,2}( [A-Z]{1,2})*$/);
});

test("what holds no letter is left out, and the others keep their own", () => {
  expect([...espeakPhones(["", "ana", "-", "ben"]).keys()]).toEqual(["ana", "ben"]);
  expect(espeakPhones([]).size).toBe(0);
});

test("a word that looks like an option is a word", () => {
  expect(espeakPhones(["-v", "--help"]).size).toBe(2);
});

test("a name that the dictionary lacks is listened for in both ways, and once where both say the same", () => {
  const ways = new Pronouncer(SEED).pronounce(["caoimhe", "ana"]);
  expect(ways.get("caoimhe")).toHaveLength(2);
  expect(ways.get("caoimhe")).toContain("K IY V AH");
  for (const each of ways.values()) expect(new Set(each).size).toBe(each.length);
});
