import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import { systemClock as clock } from "#base/clock.ts";
import { noLog } from "#base/log.ts";
import { toBase32 } from "#device/keys/base32.ts";
import { openKeystore } from "#device/keys/keystore.ts";
import { openDb } from "#device/store/db.ts";
import { openJournal } from "#device/store/journal.ts";

/** Writes a journal as fast as it can, saying each line that it was told is safe, until it is killed. */
const { values } = parseArgs({
  options: { folder: { type: "string", default: "" }, run: { type: "string", default: "" } },
});
const keys = await openKeystore({ folder: values.folder, nowMs: clock.nowMs() });
if (!keys.ok) throw new Error(keys.message);
const opened = openDb({ path: `${values.folder}/porter.db`, key: keys.keystore.databaseKey() });
if (!opened.ok) throw new Error(opened.detail);
const journal = openJournal({ db: opened.db, signer: keys.keystore, clock, log: noLog, maxLines: 5_000 });
process.stdout.write("up\n");
for (let line = 0; ; line += 1) {
  const account = toBase32(createHash("sha256").update(String(line)).digest());
  journal.append({ atMs: clock.nowMs(), what: "verdict", account, act: "drop", because: "unknown", by: "gate" });
  journal.append({ atMs: clock.nowMs(), what: "change", by: "cli", detail: `${values.run} ${line}` });
  process.stdout.write(`${line}\n`);
  if (line % 8 === 0) await new Promise((resolve) => setImmediate(resolve));
}
