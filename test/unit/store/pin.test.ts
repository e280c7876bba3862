import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openPin } from "#device/store/pin.ts";
import { FakeClock } from "#test/house/fake-clock.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

/** As good as any for who does not ask what it costs. */
const slowHash = async (digits: string, salt: Buffer) => Buffer.from(salt.toString("hex").slice(0, 28) + digits);

async function makePlace() {
  const place = await makeTempFolder();
  const clock = new FakeClock();
  const open = () => openPin({ folder: place.path, clock, slowHash });
  const file = join(place.path, "pin.json");
  return { file, clock, folder: place.path, open, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

describe("a PIN", () => {
  test("is kept as a salted slow hash alone, which only the owner's user can read, and holds after a start", async () => {
    await using place = await makeTempFolder();
    const clock = new FakeClock();
    const pin = openPin({ folder: place.path, clock });
    expect(pin.standing).toEqual({ at: "none" });
    expect(await pin.set("3905")).toBe(true);
    const file = join(place.path, "pin.json");
    const first = readFileSync(file, "utf8");
    expect(first).not.toContain("3905");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const again = openPin({ folder: place.path, clock });
    expect(await again.check("3905")).toBe(true);
    const before = process.cpuUsage();
    expect(await again.check("3906")).toBe(false);
    expect(process.cpuUsage(before).user).toBeGreaterThan(20_000);
    expect(await pin.set("3905")).toBe(true);
    expect(readFileSync(file, "utf8")).not.toBe(first);
  }, 30_000);

  test("that is wrong doubles the wait before the next, over a start too, and until it is right or set", async () => {
    await using place = await makePlace();
    let pin = place.open();
    await pin.set("3905");
    for (const seconds of [2, 4, 8, 16]) {
      expect(await pin.check("1111")).toBe(false);
      expect(pin.standing).toEqual({ at: "resting", leftMs: seconds * 1_000 });
      place.clock.advance(seconds * 1_000 - 1);
      expect(await pin.check("3905")).toBe(false);
      pin = place.open();
      expect(pin.standing).toEqual({ at: "resting", leftMs: seconds * 1_000 });
      place.clock.advance(seconds * 1_000);
    }
    expect(pin.wrong).toBe(4);
    expect(await pin.check("3905")).toBe(true);
    expect([pin.wrong, pin.standing, place.open().wrong]).toEqual([0, { at: "open" }, 0]);
    await pin.check("1111");
    await pin.set("4821");
    expect(pin.standing).toEqual({ at: "open" });
  });

  test("waits no shorter for who sets the clock, and 18 hours at most", async () => {
    await using place = await makePlace();
    let pin = place.open();
    await pin.set("3905");
    await pin.check("1111");
    place.clock.set(place.clock.nowMs() + 86_400_000);
    expect(pin.standing).toEqual({ at: "resting", leftMs: 2_000 });
    const kept = JSON.parse(readFileSync(place.file, "utf8"));
    writeFileSync(place.file, JSON.stringify({ ...kept, wrong: 1_000 }));
    pin = place.open();
    expect(pin.standing).toEqual({ at: "resting", leftMs: 65_536_000 });
  });

  test("can be tried some thirty times in a week, at most", async () => {
    await using place = await makePlace();
    const pin = place.open();
    await pin.set("3905");
    const until = place.clock.nowMs() + 7 * 86_400_000;
    let tries = 0;
    for (; place.clock.nowMs() < until; tries += 1) {
      await pin.check("0001");
      place.clock.advance(pin.standing.at === "resting" ? pin.standing.leftMs : 0);
    }
    expect(tries).toBeLessThan(30);
  });

  test("is counted as tried before it is looked at: no power cut, and no second one beside it, is a try for nothing", async () => {
    await using place = await makePlace();
    const pin = place.open();
    await pin.set("3905");
    const [first, second] = [pin.check("1111"), pin.check("3905")];
    expect(place.open().wrong).toBe(1);
    expect([await first, await second]).toEqual([false, false]);
    expect(pin.wrong).toBe(1);
  });

  test("that the disk cannot count is no try, and one that it cannot keep is not set", async () => {
    await using place = await makePlace();
    const pin = place.open();
    await pin.set("3905");
    mkdirSync(`${place.file}.new`);
    expect(await pin.check("3905")).toBe(false);
    expect(await pin.set("4821")).toBe(false);
    rmSync(`${place.file}.new`, { recursive: true });
    expect(await place.open().check("3905")).toBe(true);
  });

  test("that was changed while another was looked at does not take that for right", async () => {
    await using place = await makePlace();
    const looked = Promise.withResolvers<void>();
    let isFirst = true;
    const slowly = async (digits: string, salt: Buffer) => {
      if (digits === "3905" && !isFirst) await looked.promise;
      isFirst = false;
      return slowHash(digits, salt);
    };
    const pin = openPin({ folder: place.folder, clock: place.clock, slowHash: slowly });
    await pin.set("3905");
    const checking = pin.check("3905");
    await pin.set("4821");
    looked.resolve();
    expect(await checking).toBe(false);
    expect(pin.standing).toEqual({ at: "open" });
  });

  test.each([
    "",
    "{",
    "null",
    "{}",
    '{"salt":"","hash":"","wrong":0}',
    `{"salt":"${"0".repeat(32)}","hash":"zz","wrong":0}`,
  ])("that reads %j is one that nothing is, until it is set anew or taken away", async (text) => {
    await using place = await makePlace();
    writeFileSync(place.file, text);
    const pin = place.open();
    expect(pin.standing).toEqual({ at: "unreadable" });
    expect(await pin.check("")).toBe(false);
    expect(await pin.set("3905")).toBe(true);
    expect(await pin.check("3905")).toBe(true);
    expect([pin.off(), pin.standing, place.open().standing]).toEqual([true, { at: "none" }, { at: "none" }]);
  });

  test("that cannot even be looked for is there", async () => {
    await using place = await makePlace();
    const inAFile = join(place.folder, "file");
    writeFileSync(inAFile, "");
    chmodSync(inAFile, 0o600);
    expect(openPin({ folder: inAFile, clock: place.clock, slowHash }).standing).toEqual({ at: "unreadable" });
  });
});
