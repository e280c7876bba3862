import { existsSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { systemClock } from "#base/clock.ts";
import { noLog } from "#base/log.ts";
import { examine } from "#device/doctor/examine.ts";
import type { Finding } from "#device/doctor/finding.ts";
import { disk, examineMachine, memory, nodeVersion, PLACES } from "#device/doctor/machine.ts";
import { openOwners } from "#device/owners.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const CONFIG = { data: "data", audio: { io: { type: "room" }, confined: true } };
const HUB = { name: "hub.example", mqttUrl: "mqtt://127.0.0.1:1", httpUrl: "http://127.0.0.1:1" };
type Folder = Awaited<ReturnType<typeof makeTempFolder>>;

let folder: Folder;
beforeEach(async () => {
  folder = await makeTempFolder();
  return () => folder[Symbol.asyncDispose]();
});

/** What the doctor says of a unit with this config, by what it looked at. */
async function examined(config: unknown): Promise<Map<string, Finding>> {
  const path = join(folder.path, "unit.json");
  await writeFile(path, JSON.stringify(config));
  const found = new Map<string, Finding>();
  for await (const finding of examine(path)) found.set(finding.what, finding);
  return found;
}

/** Keys, book and database, as a first start leaves them. */
async function makeUnit(): Promise<string> {
  const data = join(folder.path, "data");
  const opened = await openOwners([{ name: null, folder: data }], { region: "GB", clock: systemClock, log: noLog });
  for (const { close } of opened) close();
  return data;
}

test("a unit that was made and does not run has its folder, keys, book and confinement found in order", async () => {
  await makeUnit();
  const found = await examined({ ...CONFIG, hub: HUB });
  for (const what of ["config", "folder", "keys", "book", "confinement", "disk", "Node"])
    expect(found.get(what), what).toMatchObject({ grade: "ok", next: null });
  expect(found.get("unit")).toMatchObject({ grade: "warn", says: "it does not run" });
  expect(found.get("hub's broker")).toMatchObject({ grade: "fail" });
});

test("each thing that is wrong is told with what to do", async () => {
  const data = await makeUnit();
  await writeFile(join(data, "porter.db"), "not a database at all, but long enough to be taken for one".repeat(100));
  expect((await examined({ ...CONFIG, hub: HUB })).get("book")).toMatchObject({ grade: "fail" });
  await writeFile(join(data, "keys"), "damaged");
  expect((await examined({ ...CONFIG, hub: HUB })).get("keys")).toMatchObject({ grade: "fail" });
  await chmod(join(data, "keys"), 0o644);
  expect((await examined({ ...CONFIG, hub: HUB })).get("folder")?.next).toMatch(/^chmod 600 .*keys; /);
  await chmod(data, 0o755);
  expect((await examined({ ...CONFIG, hub: HUB })).get("folder")?.next).toMatch(/^chmod 700 .*data; /);
});

test("a unit that waits to be provisioned is told from one whose config is wrong, and neither is touched", async () => {
  const waiting = await examined({ ...CONFIG, serial: { port: "unix:/nowhere" } });
  expect(waiting.get("config")?.next).toMatch(/porter-install provision/);
  expect(waiting.get("folder")).toMatchObject({ grade: "warn" });
  expect([...waiting.keys()]).not.toContain("hub's broker");
  const faulty = await examined({ data: "data", hub: HUB, colour: "red" });
  expect(faulty.get("config")).toMatchObject({ grade: "fail", says: expect.stringContaining("colour") });
  expect(existsSync(join(folder.path, "data"))).toBe(false);
});

test("a hub that takes connections and answers nonsense gives no relay", async () => {
  await makeUnit();
  await using hub = createServer((_, response) => response.end("{}"));
  const port = await new Promise<number>((done) =>
    hub.listen(0, "127.0.0.1", () => {
      const address = hub.address();
      done(address !== null && typeof address === "object" ? address.port : 0);
    }),
  );
  const found = await examined({
    ...CONFIG,
    hub: { name: "hub.example", mqttUrl: `mqtt://127.0.0.1:${port}`, httpUrl: `http://127.0.0.1:${port}` },
  });
  expect(found.get("hub's broker")).toMatchObject({ grade: "ok" });
  expect(found.get("relay")).toMatchObject({ grade: "warn" });
});

test("of a machine it says what is missing, too old, too small or too early", async () => {
  expect(nodeVersion("20.1.0").grade).toBe("fail");
  expect(memory(256).grade).toBe("warn");
  expect(memory(481).grade).toBe("ok");
  expect(disk(join(folder.path, "nowhere")).grade).toBe("fail");
  const early = await examineMachine(null, Date.UTC(1970, 0, 1));
  expect(early.find(({ what }) => what === "clock")).toMatchObject({ grade: "fail" });
  const empty = join(folder.path, "empty");
  await mkdir(empty);
  const bare = await examineMachine(null, Date.now(), { ...PLACES, libraries: [empty], models: [join(empty, "x")] });
  expect(bare.find(({ what }) => what === "packages")?.next).toMatch(/libasound2 .*libspeexdsp1/);
  expect(bare.find(({ what }) => what === "models")).toMatchObject({ grade: "fail" });
});
