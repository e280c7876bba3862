import { describe, expect, test } from "vitest";
import { readContent } from "#device/wire/envelope.ts";
import { decodeMessage } from "#device/wire/messages.ts";
import { ANA, NOON_MS } from "#test/fuzz/cast.ts";
import { wildContent } from "#test/fuzz/content.ts";
import { MESSAGES } from "#test/fuzz/grammar.ts";
import { mutateValue } from "#test/fuzz/mutate.ts";
import { Random } from "#test/fuzz/random.ts";
import { run } from "#test/fuzz/run.ts";
import { broken, stateless, type Target } from "#test/fuzz/target.ts";
import { assertOnlyTheSigner, envelope } from "#test/fuzz/targets/envelope.ts";
import { assertTellsNoAddress, wildSdp } from "#test/fuzz/targets/sdp.ts";

/** Products with a fault put in on purpose: an attack that does not find these proves nothing about the real ones. */
const PLAN = { seed: 1, inputs: 20_000 };

function attacking(name: string, attack: (random: Random) => string): Target {
  return { name, meets: [], open: stateless(attack) };
}

describe("the attack finds", () => {
  test("a reader that falls over a map nested four deep", async () => {
    const depthOf = (value: unknown): number =>
      typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
    const target = attacking("nested", (random) => {
      const body = mutateValue(random, random.pick(MESSAGES).body);
      if (depthOf(body) >= 4 && !Array.isArray(body)) throw new TypeError("Cannot read properties of undefined");
      return decodeMessage("call.offer", body).ok ? "read" : "refused";
    });
    await expect(run(target, PLAN)).rejects.toThrow(/nested, seed 1, input \d+: TypeError/);
  });

  test("a gate that trusts the name on an envelope whose signature is bad", async () => {
    const target = attacking("trusting", (random) => {
      const content = wildContent(random);
      const opened = readContent(content.plain, { nowMs: NOON_MS, highestSeq: () => undefined });
      if (!opened.ok || opened.envelope.from !== ANA) return "drop";
      assertOnlyTheSigner(content, opened.envelope, "admit", [{ type: "ring" }]);
      return "admit";
    });
    await expect(run(target, PLAN)).rejects.toThrow(/admit for what nobody signed/);
  });

  test("an SDP that leaves as it came, with the owner's address in it", async () => {
    const target = attacking("unfiltered", (random) => {
      assertTellsNoAddress(wildSdp(random), []);
      return "sent";
    });
    await expect(run(target, PLAN)).rejects.toThrow(/an SDP holds/);
  });

  test("a reader that copies a map key by key, whatever the keys are", async () => {
    const target = attacking("polluted", (random) => {
      const value = mutateValue(random, random.pick(MESSAGES).body);
      const copy: Record<string, unknown> = {};
      for (const [key, each] of Object.entries(value ?? {})) copy[key] = each;
      if (Object.getPrototypeOf(copy) !== Object.prototype) broken("it has another prototype");
      return "read";
    });
    await expect(run(target, PLAN)).rejects.toThrow(/another prototype/);
  });
});

test("an input is made again from its seed and its number alone", async () => {
  const made = (index: number) => Buffer.from(wildContent(Random.ofInput(9, index)).plain).toString("hex");
  expect(made(77)).toBe(made(77));
  expect(made(77)).not.toBe(made(78));
  const one = await run(envelope, { seed: 9, inputs: 1, from: 77 });
  expect(one.tally).toEqual((await run(envelope, { seed: 9, inputs: 1, from: 77 })).tally);
});
