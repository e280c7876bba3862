import { connect } from "node:net";
import { join } from "node:path";
import { systemClock } from "#base/clock.ts";
import { noLog } from "#base/log.ts";
import { encodeFrame } from "#device/wire/frame.ts";
import { clientId, inFilter, outTopic } from "#device/wire/topics.ts";
import { openHub } from "#hub/hub.ts";
import { invite } from "#hub/invitations.ts";
import { freePorts } from "#test/house/hub.ts";
import { frameTo, LinkedUnit } from "#test/house/linked-unit.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";
import { join as joinBytes, mutateBytes, mutateText } from "../mutate.ts";
import type { Random } from "../random.ts";
import { broken, type Target } from "../target.ts";

const RATE = { burst: 1_000_000, perSecond: 1_000_000 };
const LIMITS = {
  publications: RATE,
  requests: RATE,
  uploads: RATE,
  enrolments: RATE,
  connections: 4_096,
  queueEntries: 256,
  inboxEntries: 1_024,
  inboxEntriesPerSender: 256,
  queueEntriesPerSender: 32,
  spoolBytes: 2 ** 30,
  spoolBytesPerSender: 2 ** 25,
};
const CHECKED_EVERY = 100;

/** Bytes of anybody's to the two ports of a hub, some with a real token; now and then a unit must still be served. */
export const hub: Target = {
  name: "hub",
  meets: ["http 200", "http 400", "http 401", "http 404", "mqtt taken", "mqtt ended"],
  async open() {
    await using stack = new AsyncDisposableStack();
    const data = join(stack.use(await makeTempFolder()).path, "data");
    const [mqttPort, httpPort] = await freePorts();
    const config = { name: "hub.test", data, host: "127.0.0.1", mqttPort, httpPort, turn: null, limits: LIMITS };
    stack.use(await openHub(config, systemClock, noLog));
    const invitation = await invite(data, 2);
    const address = {
      name: config.name,
      httpUrl: `http://127.0.0.1:${httpPort}`,
      mqttUrl: `mqtt://127.0.0.1:${mqttPort}`,
    };
    const ben = stack.use(await LinkedUnit.enrolled(address, invitation));
    const eve = stack.use(await LinkedUnit.enrolled(address, invitation));
    const world: World = { ben, eve, token: await eve.keystore.mintToken(config.name, Date.now()), mqttPort, httpPort };
    await eve.disconnect();
    const kept = stack.move();
    let taken = 0;
    const attack = async (random: Random) => {
      taken += 1;
      if (taken % CHECKED_EVERY === 0) await assertServed(world);
      return random.chance(0.5) ? speakHttp(random, world) : speakMqtt(random, world);
    };
    return { attack, [Symbol.asyncDispose]: () => kept.disposeAsync() };
  },
};

type World = { ben: LinkedUnit; eve: LinkedUnit; token: string; mqttPort: number; httpPort: number };

/** To itself, through all of the hub; and what came from others came from who was let in. */
async function assertServed(world: World): Promise<void> {
  const { ben, eve } = world;
  const { length } = ben.deliveries;
  const published = await ben.link.publish(frameTo(ben.keystore.account, { unit: ben.certificate.unit }));
  if (!published.ok) broken(`the hub serves nobody any more: ${published.reason}`);
  await ben.until(() => ben.deliveries.slice(length).some(({ sender }) => sender === ben.keystore.account));
  const senders = [ben.keystore.account, eve.keystore.account];
  if (!ben.deliveries.every(({ sender }) => senders.includes(sender)))
    broken("a delivery in the name of somebody else");
  ben.deliveries.length = 0;
  world.token = await eve.keystore.mintToken(ben.hub.name, Date.now());
}

const HTTP_WORDS = [
  "GET ",
  "POST ",
  "PUT ",
  "/enrol",
  "/turn",
  "/certificate/",
  "%00",
  "../",
  " HTTP/1.0",
  "\r\n",
  "\r\n\r\n",
  "Content-Length: 99999\r\n",
  "Content-Length: -1\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Expect: 100-continue\r\n",
  "Upgrade: websocket\r\n",
  "Bearer ",
  "{",
  "}",
];

async function speakHttp(random: Random, { ben, token, httpPort }: World): Promise<string> {
  const body = JSON.stringify({
    invitation: "a".repeat(26),
    certificate: Buffer.from(ben.keystore.certificate).toString("base64url"),
  });
  const tail = "Host: x\r\nConnection: close\r\n";
  const samples = [
    `GET /certificate/${ben.keystore.account} HTTP/1.1\r\nAuthorization: Bearer ${token}\r\n${tail}\r\n`,
    `GET /turn HTTP/1.1\r\nAuthorization: Bearer ${token}\r\n${tail}\r\n`,
    `GET /turn HTTP/1.1\r\n${tail}\r\n`,
    `POST /enrol HTTP/1.1\r\nContent-Length: ${body.length}\r\n${tail}\r\n${body}`,
  ];
  const sample = random.pick(samples);
  const text = random.chance(0.2) ? sample : mutateText(random, sample, HTTP_WORDS);
  const answer = await exchange(httpPort, Buffer.from(text));
  const status = /^HTTP\/1\.1 (\d{3})/.exec(answer.toString("latin1"))?.[1];
  if (status === "500") broken("the hub failed at a request");
  return status === undefined ? "http nothing" : `http ${status}`;
}

async function speakMqtt(random: Random, { ben, eve, token, mqttPort }: World): Promise<string> {
  const frame = encodeFrame(frameTo(ben.keystore.account));
  const packets = [
    packet(
      0x10,
      mqttText("MQTT"),
      Uint8Array.of(4, 0xc0, 0, 10),
      mqttText(clientId(eve.certificate)),
      mqttText(eve.keystore.account),
      mqttText(token),
    ),
    packet(0x82, Uint8Array.of(0, 1), mqttText(inFilter(eve.certificate)), Uint8Array.of(1)),
    packet(
      0x32,
      mqttText(outTopic(eve.certificate)),
      Uint8Array.of(0, 2),
      random.chance(0.5) ? mutateBytes(random, frame) : frame,
    ),
  ];
  const wrong = random.below(packets.length + 1);
  const bytes = packets.map((each, index) => (index === wrong ? mutateBytes(random, each, packets) : each));
  const answer = await exchange(mqttPort, joinBytes(...bytes));
  return answer.length > 0 && answer[3] === 0 ? "mqtt taken" : "mqtt ended";
}

/** A packet of MQTT 3.1.1 (§2.2): its kind, the length of the rest, the rest. */
function packet(kind: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const rest = joinBytes(...parts);
  const length: number[] = [];
  let left = rest.length;
  do {
    length.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
    left >>= 7;
  } while (left > 0);
  return joinBytes(Uint8Array.of(kind, ...length), rest);
}

function mqttText(words: string): Uint8Array {
  const bytes = Buffer.from(words, "utf8");
  return joinBytes(Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes);
}

const PATIENCE_MS = 25;
const MORE_MS = 3;

/** What comes back before the other end closes, or within a moment. */
function exchange(port: number, bytes: Uint8Array): Promise<Buffer> {
  return new Promise((resolve) => {
    const came: Buffer[] = [];
    const socket = connect(port, "127.0.0.1");
    const end = () => {
      clearTimeout(late);
      socket.destroy();
      resolve(Buffer.concat(came));
    };
    let late = setTimeout(end, PATIENCE_MS);
    socket.on("data", (piece) => {
      came.push(piece);
      clearTimeout(late);
      late = setTimeout(end, MORE_MS);
    });
    socket.on("error", () => undefined);
    socket.on("close", end);
    socket.write(bytes);
  });
}
