import { expect, test } from "vitest";
import { noLog } from "#base/log.ts";
import { ConsoleDecoder, encodeConsole } from "#device/smp/console.ts";
import { decodePacket, encodePacket, GROUP, OP } from "#device/smp/packet.ts";
import { SmpServer } from "#device/smp/server.ts";
import { SmpUnit } from "#test/house/smp-unit.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const ECHO = { group: GROUP.os, id: 0, op: "write" } as const;

test("a packet is eight bytes and a map, as the protocol's page draws it", () => {
  const bytes = encodePacket({ version: 1, op: 2, group: 0, seq: 7, id: 0, body: { d: "hello" } });
  expect(Buffer.from(bytes).toString("hex")).toBe("0a00000900000700a161646568656c6c6f");
  expect(decodePacket(bytes)).toEqual({ version: 1, op: 2, group: 0, seq: 7, id: 0, body: { d: "hello" } });
});

test("maps without a length and with keys in any order are read, as Zephyr and Python write them", () => {
  const body = Buffer.from("bf636c656e05636f666600ff", "hex");
  const head = Buffer.from([0x02, 0, 0, body.length, 0, 1, 0, 1]);
  expect(decodePacket(Buffer.concat([head, body]))?.body).toEqual({ len: 5, off: 0 });
});

test("it echoes, to reads and to writes, and tells its parameters and what it is", async () => {
  await using folder = await makeTempFolder();
  const unit = new SmpUnit(folder.path);
  expect(await unit.ask({ ...ECHO, body: { d: "hello" } })).toEqual({ r: "hello" });
  expect(await unit.ask({ ...ECHO, op: "read", body: { d: "" } })).toEqual({ r: "" });
  expect(await unit.ask({ group: GROUP.os, id: 6, op: "read" })).toEqual({ buf_size: 2_048, buf_count: 1 });
  expect(await unit.ask({ group: GROUP.os, id: 7, op: "read", body: { format: "sri" } })).toEqual({
    output: "Porter 1.0.0 sim",
  });
  expect(await unit.ask({ group: GROUP.statistics, id: 1, op: "read" })).toEqual({ stat_list: ["serial"] });
  const shown = await unit.ask({ group: GROUP.statistics, id: 0, op: "read", body: { name: "serial" } });
  expect(shown).toMatchObject({ name: "serial", fields: { packets: 6, badCrc: 0 } });
});

test("errors are numbers of the group in version 2, and of the protocol in version 1", async () => {
  await using folder = await makeTempFolder();
  const unit = new SmpUnit(folder.path);
  const asked = { group: GROUP.statistics, id: 0, op: "read", body: { name: "toString" } } as const;
  expect(await unit.ask(asked)).toMatchObject({ err: { group: 2, rc: 2 } });
  expect(await unit.ask({ ...asked, version: 0 })).toMatchObject({ rc: 5 });
  expect(await unit.ask({ group: 0, id: 7, op: "read", body: { format: "sx" } })).toMatchObject({
    err: { group: 0, rc: 2 },
  });
});

test.each([
  ["a group that nobody has", { group: 9, id: 0, op: "read" }, 8],
  ["a write where there is only reading", { group: GROUP.os, id: 6, op: "write" }, 8],
  ["a later version of the protocol", { ...ECHO, version: 2, body: { d: "x" } }, 13],
  ["an echo of nothing", ECHO, 3],
] as const)("%s is refused by its number", async (_, asked, rc) => {
  await using folder = await makeTempFolder();
  expect(await new SmpUnit(folder.path).ask(asked)).toMatchObject({ rc });
});

test("answers are never answered: an echo of the line does not talk to itself", async () => {
  await using folder = await makeTempFolder();
  const unit = new SmpUnit(folder.path);
  for (const op of [OP.readAnswer, OP.writeAnswer, 7]) {
    unit.server.receive(encodeConsole(encodePacket({ version: 1, op, group: 0, seq: 1, id: 0, body: { d: "x" } })));
  }
  await unit.ask({ ...ECHO, body: { d: "x" } });
  expect(unit.answers).toHaveLength(1);
});

test("a flood of requests is answered in order as far as they may wait, and the rest is dropped", async () => {
  await using folder = await makeTempFolder();
  const unit = new SmpUnit(folder.path);
  const flood = Array.from({ length: 500 }, (_, seq) =>
    encodeConsole(encodePacket({ version: 1, op: 2, group: 0, seq: seq % 256, id: 0, body: { d: String(seq) } })),
  );
  unit.server.receive(Buffer.concat(flood));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(unit.answers.map(({ body }) => body.r)).toEqual(["0", "1", "2", "3", "4"]);
  expect(unit.server.counts.dropped).toBe(495);
});

test("an answer that would not fit is an error, not a longer packet", async () => {
  await using folder = await makeTempFolder();
  const { rights } = new SmpUnit(folder.path);
  const sent: Uint8Array[] = [];
  const decoder = new ConsoleDecoder((packet) => sent.push(packet));
  const run = () => ({ ok: true, body: { long: "x".repeat(20_000) } }) as const;
  const commands = [{ group: 70, id: 0, op: "read", need: "open", run }] as const;
  const server = new SmpServer({ commands, rights, log: noLog, send: async (bytes) => decoder.push(bytes) });
  server.receive(encodeConsole(encodePacket({ version: 1, op: 0, group: 70, seq: 1, id: 0, body: {} })));
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(sent.map((packet) => decodePacket(packet)?.body)).toEqual([{ rc: 7 }]);
});

test("a command that throws is an error of its own, and the next one is answered", async () => {
  await using folder = await makeTempFolder();
  const unit = new SmpUnit(folder.path);
  unit.firmware.open = () => {
    throw new Error("no disk");
  };
  const sha = new Uint8Array(32);
  expect(await unit.upload({ off: 0, len: 5, sha, data: sha })).toMatchObject({ rc: 1 });
  expect(await unit.ask({ ...ECHO, body: { d: "x" } })).toEqual({ r: "x" });
});
