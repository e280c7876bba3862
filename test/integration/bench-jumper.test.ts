import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { BENCH_COMMAND as ID } from "#device/smp/group-bench.ts";
import { GROUP } from "#device/smp/packet.ts";
import { UnitOnLine } from "#install/unit.ts";
import { BENCH_BOARD, LINES } from "#test/house/bench-board.ts";
import { FakeGpiod } from "#test/house/fake-gpiod.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** A cable between two who both call: what one sends the other gets. */
async function openCable(path: string): Promise<Server> {
  const ends: Socket[] = [];
  const server = createServer((end) => {
    ends.push(end);
    end.on("data", (bytes) => {
      for (const other of ends) if (other !== end) other.write(bytes);
    });
    end.on("error", () => undefined);
    end.on("close", () => ends.splice(ends.indexOf(end), 1));
  });
  server.listen(path);
  await once(server, "listening");
  return server;
}

/** One life of a unit on this board: what a stranger on its line can do. */
async function live(folder: string, gpiod: FakeGpiod, port: string) {
  const env = { ...process.env, PATH: gpiod.path };
  const child = spawn(process.execPath, [join(ROOT, "device/main.ts"), "--config", join(folder, "unit.json")], {
    env,
    stdio: "ignore",
  });
  try {
    await using unit = await UnitOnLine.open(port, 115_200);
    await expect
      .poll(() => unit.status({ timeoutMs: 300, tries: 1 }).catch(() => null), { timeout: 15_000 })
      .toBeTruthy();
    await expect.poll(() => gpiod.holder(LINES.button), { timeout: 5_000 }).not.toBe(null);
    // Until its switch was read a unit takes itself for muted.
    await expect.poll(async () => (await unit.inputs()).muted, { timeout: 5_000 }).toBe(false);
    const { account } = await unit.identity();
    const before = (await unit.inputs()).presses;
    const hands = (body: Record<string, unknown>) =>
      unit.client.request({ group: GROUP.bench, id: ID.hands, op: "write", body });
    const pressed = await hands({ do: "press" });
    const muted = await hands({ do: "mute", engaged: true });
    const now = await unit.inputs();
    const lights = await unit.client.request({ group: GROUP.bench, id: ID.lights, op: "read" });
    const isLit = gpiod.driven(LINES.light) === true;
    return { account, pressed, muted, presses: now.presses - before, isMuted: now.muted, lights, isLit };
  } finally {
    child.kill("SIGTERM");
    await once(child, "exit");
  }
}

test("a rig presses the button of a unit whose jumper is set, which has lost its keys and shows a light; of no other", async () => {
  await using folder = await makeTempFolder();
  await using gpiod = await FakeGpiod.make(folder.path);
  const port = join(folder.path, "line");
  const cable = await openCable(port);
  const serial = { port: `unix:${port}` };
  await writeFile(join(folder.path, "board.json"), JSON.stringify(BENCH_BOARD));
  const config = { data: "data", serial, board: "linux", boardFile: "board.json", audio: { io: { type: "room" } } };
  await writeFile(join(folder.path, "unit.json"), JSON.stringify(config));

  const owners = await live(folder.path, gpiod, serial.port);
  expect(owners).toMatchObject({ pressed: { ok: false, denied: true }, presses: 0, isMuted: false, isLit: false });
  expect(owners.lights).toMatchObject({ ok: false, rsn: expect.stringContaining("jumper") });

  gpiod.set(LINES.jumper, true);
  const rigs = await live(folder.path, gpiod, serial.port);
  expect(rigs).toMatchObject({ pressed: { ok: true }, muted: { ok: true }, presses: 1, isMuted: true, isLit: true });
  expect(rigs.lights).toMatchObject({ ok: true, body: { changes: [{ scene: "calling-off" }] } });
  expect((await live(folder.path, gpiod, serial.port)).account).toBe(rigs.account);

  gpiod.set(LINES.jumper, false);
  const again = await live(folder.path, gpiod, serial.port);
  expect(again).toMatchObject({ pressed: { ok: false, denied: true }, isLit: false });
  expect(new Set([owners.account, rigs.account, again.account]).size).toBe(3);
  cable.close();
}, 60_000);
