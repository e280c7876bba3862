import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { systemClock } from "#base/clock.ts";
import { noLog } from "#base/log.ts";
import { openKeystore } from "#device/keys/keystore.ts";
import { openDb } from "#device/store/db.ts";
import { openJournal } from "#device/store/journal.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const WRITER = fileURLToPath(new URL("../house/journal-writer.ts", import.meta.url));
const KILLS = 12;

/** The last line that the writer had said was safe when it was killed. */
async function writeUntilKilled(folder: string, run: number): Promise<number> {
  const child = spawn(process.execPath, [WRITER, "--folder", folder, "--run", String(run)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (bytes) => {
    said += String(bytes);
  });
  await once(child.stdout, "data");
  await new Promise((done) => setTimeout(done, 5 + ((run * 53) % 190)));
  child.kill("SIGKILL");
  await once(child, "close");
  const whole = said.slice(0, said.lastIndexOf("\n")).split("\n");
  return Number(whole.findLast((line) => /^\d+$/.test(line)) ?? -1);
}

test("killed at any moment, the journal holds when it is opened again, and has every line that was said to be safe", async () => {
  await using folder = await makeTempFolder();
  const safe: number[] = [];
  let written = 0;
  for (let run = 0; run < KILLS; run += 1) {
    safe.push(await writeUntilKilled(folder.path, run));
    const keys = await openKeystore({ folder: folder.path, nowMs: systemClock.nowMs() });
    if (!keys.ok) throw new Error(keys.message);
    const opened = openDb({ path: join(folder.path, "porter.db"), key: keys.keystore.databaseKey(), mayCreate: false });
    if (!opened.ok) throw new Error(opened.detail);
    const journal = openJournal({ db: opened.db, signer: keys.keystore, clock: systemClock, log: noLog });
    const report = await journal.verify();
    expect(report.breaks).toEqual([]);
    written = report.strands.single.last;
    const changes = journal.list({ limit: 200 }).filter(({ what }) => what === "change");
    const last = Number(changes[0]?.detail?.split(" ")[1] ?? -1);
    if (safe[run] !== -1) {
      expect(changes[0]?.detail).toMatch(new RegExp(`^${run} `));
      expect(last).toBeGreaterThanOrEqual(safe[run] ?? 0);
    }
    // Let go without closing: the next start must cope with what this one leaves too.
    opened.db.close();
  }
  expect(safe.filter((line) => line > 0).length).toBeGreaterThan(KILLS / 2);
  expect(written).toBeGreaterThan(safe.reduce((sum, line) => sum + line, 0));
});
