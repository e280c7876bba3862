import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, lstat, readdir, stat, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { noLog } from "#base/log.ts";
import { ControlClient } from "#device/control/client.ts";
import type { BenchHandlers, ControlHandlers, TimelineLine } from "#device/control/requests.ts";
import { openBenchSocket, openControlSocket } from "#device/control/socket.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";
import { account } from "../store/fixtures.ts";
import { gone, makeSocketUnit, sendRaw } from "./fixtures.ts";

test("a request is answered with its own number", async () => {
  await using unit = await makeSocketUnit();
  const answers = await sendRaw(unit.path, '{"id":"x","do":"hang-up"}\n\n{"id":7,"do":"calling","calling":"off"}\n', 2);
  expect(answers).toEqual([
    { id: "x", ok: true },
    { id: 7, ok: true, changed: true },
  ]);
});

test("a client that says all and closes its side still gets the answer", async () => {
  await using unit = await makeSocketUnit({
    answer: async () => {
      await sleep(30);
      return { ok: true, answer: {} };
    },
  });
  const socket = connect(unit.path);
  socket.end('{"id":1,"do":"answer"}\n');
  let text = "";
  for await (const piece of socket) text += String(piece);
  expect(JSON.parse(text)).toEqual({ id: 1, ok: true });
});

test.each([
  ["not JSON", "hello\n", null],
  ["not an object", "42\n", null],
  ["an unknown request", '{"id":3,"do":"self-destruct"}\n', 3],
  ["a request with a key too many", '{"id":3,"do":"answer","force":true}\n', 3],
  ["a request without its number", '{"do":"answer"}\n', null],
  ["a grant that does not exist", '{"id":3,"do":"person-grant","who":"ben","grants":["admin"]}\n', 3],
  ["a name without end", `{"id":3,"do":"block","who":"${"x".repeat(5_000)}"}\n`, 3],
  ["the name of something every object has", '{"id":3,"do":"constructor"}\n', 3],
  ["bytes that are no text", Buffer.from([0xff, 0xfe, 0x00, 0x0a]), null],
])("%s is refused with a reason, and the next request is answered", async (_, line, id) => {
  await using unit = await makeSocketUnit();
  const bytes = Buffer.concat([Buffer.from(line), Buffer.from('{"id":9,"do":"id"}\n')]);
  const [refused, answered] = await sendRaw(unit.path, bytes, 2);
  expect(refused).toMatchObject({ id, ok: false, error: { code: "bad-request" } });
  expect(answered).toMatchObject({ id: 9, ok: true });
});

test("a line of more than 64 KiB ends the connection, and others are served on", async () => {
  await using unit = await makeSocketUnit();
  const answers = await sendRaw(unit.path, "x".repeat(70_000), 9);
  expect(answers).toEqual([{ id: null, ok: false, error: { code: "too-long", message: "a line may have 64 KiB" } }]);
  expect(await sendRaw(unit.path, '{"id":1,"do":"hang-up"}\n')).toEqual([{ id: 1, ok: true }]);
});

test("requests may come in any pieces", async () => {
  await using unit = await makeSocketUnit();
  const socket = connect(unit.path);
  const bytes = Buffer.from('{"id":1,"do":"person-add","name":"Zoë"}\n');
  for (const byte of bytes) {
    socket.write(Buffer.from([byte]));
    await sleep(0);
  }
  const [answer] = await once(socket, "data");
  expect(JSON.parse(String(answer))).toMatchObject({ ok: true, person: { name: "Zoë", id: "zoe" } });
  socket.destroy();
});

test("a handler that throws is an answer, not a crash, and what it threw stays inside", async () => {
  await using unit = await makeSocketUnit({
    answer: () => {
      throw new Error("secret detail");
    },
  });
  const [answer] = await sendRaw(unit.path, '{"id":1,"do":"answer"}\n');
  expect(answer).toMatchObject({ id: 1, ok: false, error: { code: "internal" } });
  expect(JSON.stringify(answer)).not.toContain("secret");
});

test("only the unit's own user may connect", async () => {
  await using unit = await makeSocketUnit();
  expect((await stat(unit.path)).mode & 0o777).toBe(0o600);
  expect(await readdir(unit.folder)).toContain("control.sock");
});

test("a client that asks without reading is cut off, and the unit serves others meanwhile", async () => {
  await using unit = await makeSocketUnit();
  for (let person = 0; person < 100; person += 1) unit.store.change({ type: "add-person", name: `Person ${person}` });
  const greedy = connect(unit.path);
  greedy.on("error", () => undefined);
  greedy.pause();
  const closed = gone(greedy);
  const ask = '{"id":1,"do":"person-list"}\n'.repeat(60);
  for (let round = 0; round < 40 && !greedy.destroyed; round += 1) {
    greedy.write(ask);
    await sleep(2);
  }
  expect(await sendRaw(unit.path, '{"id":1,"do":"hang-up"}\n')).toEqual([{ id: 1, ok: true }]);
  greedy.resume();
  await closed;
});

test("more than sixty-four requests at once from one client are told to wait", async () => {
  const { promise, resolve } = Promise.withResolvers<{ ok: true; answer: Record<string, never> }>();
  await using unit = await makeSocketUnit({ answer: () => promise });
  const [busy] = await sendRaw(unit.path, '{"id":1,"do":"answer"}\n'.repeat(65));
  expect(busy).toMatchObject({ id: 1, ok: false, error: { code: "busy" } });
  resolve({ ok: true, answer: {} });
});

test("clients without number are turned away, and room is found again when they go", async () => {
  await using unit = await makeSocketUnit();
  const crowd: Socket[] = [];
  for (let client = 0; client < 40; client += 1) {
    const socket = connect(unit.path);
    socket.on("error", () => undefined);
    crowd.push(socket);
    await once(socket, "connect");
  }
  expect(await sendRaw(unit.path, '{"id":1,"do":"hang-up"}\n')).toEqual([]);
  for (const socket of crowd) socket.destroy();
  await sleep(50);
  expect(await sendRaw(unit.path, '{"id":1,"do":"hang-up"}\n')).toEqual([{ id: 1, ok: true }]);
});

const NONE = {} as ControlHandlers;

test("a socket left behind by a unit that was killed is replaced", async () => {
  await using folder = await makeTempFolder();
  const path = join(folder.path, "control.sock");
  const script = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  await once(spawn(process.execPath, ["-e", script]), "exit");
  expect((await lstat(path)).isSocket()).toBe(true);
  await using _ = await openControlSocket({ path, handlers: NONE, log: noLog });
  expect(await sendRaw(path, "hello\n")).toMatchObject([{ ok: false }]);
});

test("a socket that another unit listens on is left to it", async () => {
  await using unit = await makeSocketUnit();
  const second = openControlSocket({ path: unit.path, handlers: NONE, log: noLog });
  await expect(second).rejects.toMatchObject({ name: "DeviceError", code: "socket-in-use" });
  expect(await sendRaw(unit.path, '{"id":1,"do":"hang-up"}\n')).toEqual([{ id: 1, ok: true }]);
});

test("a file that is no socket is not removed, nor is a path too long tried", async () => {
  await using folder = await makeTempFolder();
  const path = join(folder.path, "control.sock");
  await writeFile(path, "somebody's letter");
  await chmod(path, 0o644);
  await expect(openControlSocket({ path, handlers: NONE, log: noLog })).rejects.toMatchObject({
    code: "socket-failed",
  });
  expect((await lstat(path)).isFile()).toBe(true);
  const long = join(folder.path, "x".repeat(100));
  await expect(openControlSocket({ path: long, handlers: NONE, log: noLog })).rejects.toMatchObject({
    code: "socket-failed",
  });
});

test("when the unit ends, its socket is gone and its clients are let go", async () => {
  const unit = await makeSocketUnit();
  const client = connect(unit.path);
  await once(client, "connect");
  const closed = gone(client);
  await unit[Symbol.asyncDispose]();
  await closed;
  await expect(ControlClient.connect(unit.path)).rejects.toMatchObject({ code: "unit-unreachable" });
});

test("the client hands on answers and refusals alike, typed", async () => {
  await using unit = await makeSocketUnit();
  await using client = await ControlClient.connect(unit.path);
  const [id, nobody, ben] = await Promise.all([
    client.ask({ do: "id" }),
    client.ask({ do: "block", who: "Nobody" }),
    client.ask({ do: "person-add", name: "Ben", accounts: [account("ben")] }),
  ]);
  expect(id).toMatchObject({ ok: true, answer: { unit: "unit" } });
  expect(nobody).toMatchObject({ ok: false, error: { code: "no-such-person" } });
  expect(ben).toMatchObject({ ok: true, answer: { changed: true, person: { id: "ben", blocked: false } } });
});

test("the client says so when the unit goes away in the middle", async () => {
  const unit = await makeSocketUnit({ answer: () => new Promise(() => undefined) });
  await using client = await ControlClient.connect(unit.path);
  const answer = client.ask({ do: "answer" });
  const rejected = expect(answer).rejects.toMatchObject({ code: "unit-unreachable" });
  await sleep(20);
  await unit[Symbol.asyncDispose]();
  await rejected;
  await expect(client.ask({ do: "id" })).rejects.toMatchObject({ code: "unit-unreachable" });
});

test("the client gives up on a unit that does not answer in time", async () => {
  await using unit = await makeSocketUnit({ answer: () => new Promise(() => undefined) });
  await using client = await ControlClient.connect(unit.path);
  await expect(client.ask({ do: "answer" }, 20)).rejects.toMatchObject({ code: "unit-unreachable" });
});

test("a rig that subscribes gets each event as it happens, until it goes", async () => {
  await using folder = await makeTempFolder();
  const path = join(folder.path, "bench.sock");
  const watchers = new Set<(line: TimelineLine) => void>();
  const handlers: BenchHandlers = {
    ...({} as Omit<BenchHandlers, "events">),
    events: (send) => {
      watchers.add(send);
      return () => watchers.delete(send);
    },
  };
  await using _ = await openBenchSocket({ path, handlers, log: noLog });
  {
    await using client = await ControlClient.connect(path);
    const seen: TimelineLine[] = [];
    client.onEvent((line) => seen.push(line));
    expect(await client.ask({ do: "events" })).toEqual({ ok: true, answer: {} });
    expect(await client.ask({ do: "events" })).toMatchObject({ ok: false, error: { code: "already-subscribed" } });
    for (const send of watchers) send({ at: 5, event: "ring", detail: { tone: "ring" } });
    await expect.poll(() => seen).toEqual([{ at: 5, event: "ring", detail: { tone: "ring" } }]);
  }
  await expect.poll(() => watchers.size).toBe(0);
});
