import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { openSerialCable } from "#test/house/serial-cable.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const HUB = ["--hub-name", "hub.example", "--mqtt-url", "mqtt://127.0.0.1:1", "--http-url", "http://127.0.0.1:2"];
const SETTINGS = ["--name", "Kitchen", "--region", "GB", "--time-zone", "Europe/London", ...HUB];

async function end(child: ReturnType<typeof spawn>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

/** A unit as its service keeps it: started again whenever it asks for that. */
function keepUnit(config: string) {
  let child = spawn(process.execPath, [join(ROOT, "device/main.ts"), "--config", config], { stdio: "ignore" });
  let isOver = false;
  const restarts: number[] = [];
  const watch = () =>
    child.once("exit", (code) => {
      if (isOver || code !== 75) return;
      restarts.push(code);
      child = spawn(process.execPath, [join(ROOT, "device/main.ts"), "--config", config], { stdio: "ignore" });
      watch();
    });
  watch();
  return {
    restarts,
    async [Symbol.asyncDispose]() {
      isOver = true;
      await end(child);
    },
  };
}

type Told = { exitCode: number; failure: string | null; answer?: unknown; steps: { what: string; detail: string }[] };

function install(port: string, command: string, ...more: string[]): Promise<Told> {
  const line = [join(ROOT, "install/main.ts"), command, "--port", port, "--json", ...more];
  return new Promise((done) => {
    execFile(process.execPath, line, (_, stdout) => done(JSON.parse(stdout) as Told));
  });
}

async function untilUp(port: string, wanted: object): Promise<void> {
  for (let tries = 0; tries < 20; tries += 1) {
    const { answer } = await install(port, "status");
    if (expect.objectContaining(wanted).asymmetricMatch(answer)) return;
  }
  throw new Error("the unit does not come up");
}

test("a real unit waits on its serial line, is provisioned, reset, provisioned anew for another owner and handed over", async () => {
  await using folder = await makeTempFolder();
  await using line = await openSerialCable(folder.path);
  const config = join(folder.path, "unit.json");
  const data = join(folder.path, "data");
  const audio = { io: { type: "room" } };
  await writeFile(config, JSON.stringify({ data: "data", serial: { port: line.unit }, audio }));
  await using unit = keepUnit(config);
  await untilUp(line.desk, { stage: "new", running: false });

  const first = await install(line.desk, "provision", ...SETTINGS);
  expect(first).toMatchObject({ exitCode: 0, failure: null });
  await untilUp(line.desk, { stage: "provisioned", running: true });
  const keysBefore = await readFile(join(data, "keys"));
  expect(await readdir(data)).toEqual(expect.arrayContaining(["keys", "porter.db", "settings.json", "control.sock"]));

  expect(await install(line.desk, "reset")).toMatchObject({ exitCode: 0 });
  expect(unit.restarts).toEqual([75]);
  expect(await readdir(data)).toEqual(["keys"]);
  expect((await readFile(join(data, "keys"))).equals(keysBefore)).toBe(false);

  const second = await install(line.desk, "provision", ...SETTINGS);
  const accountOf = ({ steps }: Told) => steps.find(({ what }) => what === "account")?.detail;
  expect(accountOf(second)).toMatch(/^[a-z2-7]{52}$/);
  expect(accountOf(second)).not.toBe(accountOf(first));
  expect(await install(line.desk, "handover")).toMatchObject({ exitCode: 0, failure: null });
  expect(await install(line.desk, "provision", ...SETTINGS)).toMatchObject({ exitCode: 1 });
  expect(await install(line.desk, "reset", "--patience", "1")).toMatchObject({
    exitCode: 1,
    failure: expect.stringMatching(/hold its button/),
  });
  expect(await readdir(data)).toContain("porter.db");
});
