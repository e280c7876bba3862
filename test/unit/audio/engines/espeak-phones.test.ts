import { expect, test } from "vitest";
import { espeakPhones } from "#audio/engines/espeak-phones.ts";

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
