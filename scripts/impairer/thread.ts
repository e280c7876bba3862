import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import { seededRandom } from "../hear/random.ts";
import type { Answer, Order, Start } from "./orders.ts";
import { type Conditions, HEADER_BYTES, Path } from "./path.ts";

/** The impairer's thread: UDP comes in on loopback, and goes on to one address when its path lets it. */

const HOST = "127.0.0.1";
/** What comes this much too soon for its time is sent at once: timers count whole milliseconds. */
const EARLY_MS = 0.5;

type Waiting = { dueMs: number; send: () => void };
type Direction = { path: Path; came: number; went: number; bytes: number };

const start: Start = workerData;
const random = seededRandom(start.seed);
const direction = (conditions: Conditions): Direction => ({
  path: new Path(conditions, random),
  came: 0,
  went: 0,
  bytes: 0,
});
const out = direction(start.out);
const back = direction(start.back);
const near = createSocket("udp4");
/** One socket towards the far side for each address of the near side, as a NAT has. */
const sockets = new Map<string, Socket>();
/** By time; what is due first stands last. */
const waiting: Waiting[] = [];
let timer: NodeJS.Timeout | null = null;
let from = HOST;
let isDown = false;

near.on("error", () => undefined);
near.on("message", (bytes, { address, port }) => {
  pass(out, bytes, () => farSocket(address, port).send(bytes, start.toPort, start.toHost));
});
near.bind(0, HOST);
await once(near, "listening");
answer({ type: "ready", port: near.address().port });

parentPort?.on("message", (order: Order) => {
  try {
    obey(order);
    if (order.type !== "close") answer({ type: "done", counts: { out: count(out), back: count(back) } });
  } catch (cause) {
    answer({ type: "failed", message: String(cause) });
  }
});

function obey(order: Order): void {
  switch (order.type) {
    case "impair":
      out.path = new Path(order.out, random);
      back.path = new Path(order.back, random);
      break;
    case "cut":
      isDown = order.isDown;
      break;
    case "move":
      from = order.address;
      closeFar();
      break;
    case "count":
      break;
    case "close":
      if (timer !== null) clearTimeout(timer);
      closeFar();
      near.close();
      parentPort?.close();
  }
}

function farSocket(address: string, port: number): Socket {
  const name = `${address}:${port}`;
  const found = sockets.get(name);
  if (found !== undefined) return found;
  const made = createSocket("udp4");
  // Whoever sends to a port where nobody listens is told so; on a network it would be silence.
  made.on("error", () => undefined);
  made.on("message", (bytes) => pass(back, bytes, () => near.send(bytes, port, address)));
  made.bind(0, from);
  sockets.set(name, made);
  return made;
}

function closeFar(): void {
  for (const socket of sockets.values()) socket.close();
  sockets.clear();
}

function pass(way: Direction, bytes: Buffer, send: () => void): void {
  way.came += 1;
  way.bytes += bytes.length + HEADER_BYTES;
  if (isDown) return;
  const nowMs = performance.now();
  way.path.pass(nowMs, bytes.length, (atMs) => {
    way.went += 1;
    if (atMs <= nowMs + EARLY_MS) send();
    else wait({ dueMs: atMs, send });
  });
}

function wait(packet: Waiting): void {
  let at = waiting.length;
  while (at > 0 && (waiting[at - 1]?.dueMs ?? 0) <= packet.dueMs) at -= 1;
  waiting.splice(at, 0, packet);
  if (at === waiting.length - 1) wakeAtNext();
}

function wakeAtNext(): void {
  if (timer !== null) clearTimeout(timer);
  const next = waiting.at(-1);
  timer = next === undefined ? null : setTimeout(sendDue, Math.max(0, next.dueMs - performance.now()));
}

function sendDue(): void {
  const untilMs = performance.now() + EARLY_MS;
  for (let next = waiting.at(-1); next && next.dueMs <= untilMs; next = waiting.at(-1)) {
    waiting.pop();
    if (!isDown) next.send();
  }
  wakeAtNext();
}

function count({ came, went, bytes }: Direction) {
  return { came, went, bytes };
}

function answer(message: Answer): void {
  parentPort?.postMessage(message, []);
}
