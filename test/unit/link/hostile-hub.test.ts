import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { expect, test } from "vitest";
import { type Log, noLog } from "#base/log.ts";
import { openKeystore } from "#device/keys/keystore.ts";
import { openLink } from "#device/link/broker.ts";
import { FakeClock } from "../../house/fake-clock.ts";
import { makeTempFolder } from "../../house/temp-folder.ts";

const CONNACK = Buffer.from([0x20, 2, 0, 0]);
const CONNECT = 1;
const SUBSCRIBE = 8;

/** A hub that accepts every connection and answers a SUBSCRIBE by what it is told, and a link to it. */
async function linkTo(onSubscribe: (socket: Socket, packet: Buffer) => void) {
  await using opening = new AsyncDisposableStack();
  const clock = new FakeClock(Date.now());
  const sockets: Socket[] = [];
  let subscribed = 0;
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    socket.on("data", (packet: Buffer) => {
      const type = (packet[0] ?? 0) >> 4;
      if (type === CONNECT) socket.write(CONNACK);
      if (type !== SUBSCRIBE) return;
      subscribed += 1;
      onSubscribe(socket, packet);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  opening.defer(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const folder = opening.use(await makeTempFolder());
  const keys = await openKeystore({ folder: folder.path, nowMs: clock.nowMs() });
  if (!keys.ok) throw new Error(keys.message);
  const states: string[] = [];
  opening.use(
    openLink({
      hub: { name: "hub", httpUrl: `http://127.0.0.1:${port}`, mqttUrl: `mqtt://127.0.0.1:${port}` },
      keystore: keys.keystore,
      clock,
      log: noLog,
      seqs: new Map<string, number>(),
      onEnvelope: () => undefined,
      onState: (state) => states.push(state),
    }),
  );
  const stack = opening.move();
  return {
    clock,
    sockets,
    states,
    subscriptions: () => subscribed,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function suback(packet: Buffer): Buffer {
  const at = (packet[1] ?? 0) & 0x80 ? 3 : 2;
  return Buffer.from([0x90, 3, packet[at] ?? 0, packet[at + 1] ?? 0, 1]);
}

test("a hub that never answers a SUBSCRIBE is left after 10 s, and tried again", async () => {
  await using hub = await linkTo(() => undefined);
  await expect.poll(hub.subscriptions).toBe(1);
  hub.clock.advance(9_999);
  await sleep(50);
  expect(hub.sockets).toHaveLength(1);
  expect(hub.sockets[0]?.destroyed).toBe(false);
  hub.clock.advance(1);
  await expect.poll(() => hub.sockets[0]?.destroyed).toBe(true);
  hub.clock.advance(1_000);
  await expect.poll(hub.subscriptions).toBe(2);
});

test("a hub that did answer is not left", async () => {
  await using hub = await linkTo((socket, packet) => socket.write(suback(packet)));
  await expect.poll(() => hub.states).toEqual(["up"]);
  hub.clock.advance(60_000);
  await sleep(50);
  expect(hub.states).toEqual(["up"]);
});

test("a hub that announces a packet longer than any envelope is left before it comes", async () => {
  await using hub = await linkTo((socket, packet) => {
    socket.write(suback(packet));
    setTimeout(() => socket.write(Buffer.from([0x32, 0xff, 0xff, 0xff, 0x7f])), 50);
  });
  await expect.poll(() => hub.states).toEqual(["up", "down"]);
  await expect.poll(() => hub.sockets[0]?.destroyed).toBe(true);
});

test("a hub spoken to in the clear over a network is warned of, once; on this machine or over TLS it is not", async () => {
  await using folder = await makeTempFolder();
  const keys = await openKeystore({ folder: folder.path, nowMs: Date.now() });
  if (!keys.ok) throw new Error(keys.message);
  const { keystore } = keys;
  const warnings = async (mqttUrl: string, httpUrl: string) => {
    const lines: string[] = [];
    const log: Log = pino({ level: "warn" }, { write: (line: string) => lines.push(line) });
    const ignore = () => undefined;
    const others = { clock: new FakeClock(), seqs: new Map<string, number>(), onEnvelope: ignore, onState: ignore };
    const link = openLink({ hub: { name: "hub", mqttUrl, httpUrl }, keystore, log, ...others });
    await link[Symbol.asyncDispose]();
    return lines.length;
  };
  // Names that lead nowhere: the link is gone again before it looks.
  expect(await warnings("mqtts://hub.invalid", "https://hub.invalid")).toBe(0);
  expect(await warnings("mqtt://127.0.0.1:1", "http://localhost:1")).toBe(0);
  expect(await warnings("mqtt://[::1]:1", "http://127.3.2.1:1")).toBe(0);
  expect(await warnings("mqtt://hub.invalid", "https://hub.invalid")).toBe(1);
  expect(await warnings("mqtts://hub.invalid", "http://127.0.0.1.hub.invalid")).toBe(1);
});
