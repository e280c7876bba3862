import { readdir, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { COPY, DATABASE } from "#device/store/book-open.ts";
import { freePorts } from "#scripts/stage/ports.ts";
import { UnitProcess } from "#scripts/stage/unit-process.ts";
import { Voices } from "#scripts/stage/voices.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

/** A real unit in a simulated room, with nobody at the other end of its wires. */
async function startUnit(folder: string): Promise<UnitProcess> {
  const [mqtt = 0, http = 0, turn = 0] = await freePorts(3);
  return UnitProcess.start({
    name: "Ben",
    folder,
    hubName: "hub.example",
    wires: { mqtt, http, turn },
    invitation: "none",
  });
}

/** What the unit says to whoever speaks to it; a wake word that was not heard is said again. */
async function saysTo(unit: UnitProcess, file: string): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const since = Date.now();
    await unit.ask({ do: "play", file });
    try {
      const { detail } = await unit.happens("a word of the unit's", ({ event }) => event === "says", { since });
      return String(detail?.sentence);
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

test("a unit whose database is lost has its blocks from the copy, and says so when it is spoken to; without the copy it lets nobody in, and says that", {
  timeout: 180_000,
}, async () => {
  await using folder = await makeTempFolder();
  await using unit = await startUnit(folder.path);
  const asked = await new Voices(join(folder.path, "voices")).say("slt", "computer. who called?");
  const data = join(folder.path, "data");
  await unit.ask({ do: "block", who: "unknown" });
  await unit.kill();

  await truncate(join(data, DATABASE), 5_000);
  await unit.start();
  const restored = await unit.ask({ do: "status" });
  expect(restored).toMatchObject({ fault: null, unknownBlocked: true });
  expect(restored.warnings.join()).toContain("copy");
  expect((await unit.ask({ do: "lights" })).changes.at(-1)?.scene).toBe("fault");
  expect(await saysTo(unit, asked)).toContain("from their copy");
  const { lines } = await unit.ask({ do: "journal" });
  expect(lines.map(({ detail }) => detail ?? "").join()).toContain("taken from its copy");
  expect((await readdir(data)).some((name) => name.startsWith(`${DATABASE}.damaged`))).toBe(true);
  await unit.kill();

  await truncate(join(data, DATABASE), 5_000);
  await rm(join(data, COPY));
  await unit.start();
  const fault = await unit.ask({ do: "status" });
  expect(fault.fault).toContain("to begin with an empty book");
  expect((await unit.ask({ do: "lights" })).changes.at(-1)?.scene).toBe("fault");
  expect(await saysTo(unit, asked)).toContain("cannot read your book");
  await expect(unit.ask({ do: "unblock", who: "unknown" })).rejects.toThrow("no book");
});
