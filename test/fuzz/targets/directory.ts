import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { openKeystore } from "#device/keys/keystore.ts";
import { DayKeyClient } from "#device/link/day-keys.ts";
import { DirectoryClient } from "#device/link/directory.ts";
import { FakeClock } from "#test/house/fake-clock.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";
import { ben, CALLERS, NOON_MS, OWNER } from "../cast.ts";
import { mutateText, mutateValue } from "../mutate.ts";
import { BATCH } from "../parcel-content.ts";
import type { Random } from "../random.ts";
import { broken, type Target } from "../target.ts";
import { writeWildCbor } from "../wild-cbor.ts";
import { TODAY, wildSignedKey, worthless } from "../wild-day-keys.ts";
import { wildCertificate } from "./certificate.ts";

type Hostile = { status: number; body: string | Uint8Array };

/** What a hub answers a unit that asks it over HTTP: for certificates, day keys, its own keys, the relay. */
export const directory: Target = {
  name: "directory",
  meets: ["certificate", "no certificate", "key", "no key", "held", "nothing held", "relay", "no relay"],
  async open() {
    await using stack = new AsyncDisposableStack();
    const answer: Hostile = { status: 200, body: "" };
    const server = createServer((_, response) => {
      response.statusCode = answer.status;
      response.end(answer.body);
    });
    const port = await listening(server);
    stack.defer(() => {
      server.closeAllConnections();
      server.close();
    });
    const folder = stack.use(await makeTempFolder());
    const keys = await openKeystore({ folder: `${folder.path}/keys`, nowMs: NOON_MS });
    if (!keys.ok) throw new Error(keys.message);
    const clock = new FakeClock(NOON_MS);
    const hub = { name: "hub", httpUrl: `http://127.0.0.1:${port}`, mqttUrl: "" };
    const client = new DirectoryClient({ hub, keystore: keys.keystore, clock, ended: new AbortController().signal });
    const kept = stack.move();
    const attack = (random: Random) => {
      answer.status = random.chance(0.95) ? 200 : random.pick([204, 302, 401, 429, 500]);
      switch (random.below(4)) {
        case 0:
          return askCertificate(random, client, answer);
        case 1:
          return askKey(random, client, answer, clock);
        case 2:
          return askHeld(random, client, answer);
        default:
          return askRelay(random, client, answer);
      }
    };
    return { attack, [Symbol.asyncDispose]: () => kept.disposeAsync() };
  },
};

async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

const WORDS = ["null", "{", "}", "[", "]", '"', ",", ":", "1e999", "-1", "\\u0000", '"__proto__":'];
const TOO_LONG = 40_000;

/** Mostly what a hub says, with something wrong in it. */
function wildBody(random: Random, body: object): string | Uint8Array {
  if (random.chance(0.02)) return random.bytes(random.size(200));
  if (random.chance(0.01)) return JSON.stringify({ ...body, pad: "-".repeat(TOO_LONG) });
  if (random.chance(0.4)) return JSON.stringify({ ...body, pad: "" });
  const wild = random.chance(0.6) ? (JSON.stringify(mutateValue(random, body)) ?? "") : JSON.stringify(body);
  return random.chance(0.4) ? mutateText(random, wild, WORDS) : wild;
}

async function askCertificate(random: Random, client: DirectoryClient, answer: Hostile): Promise<string> {
  const signer = random.chance(0.7) ? ben : random.pick(CALLERS);
  const bytes = random.chance(0.5) ? signer.sealer.certificate : wildCertificate(random, signer, OWNER);
  answer.body = wildBody(random, { certificate: Buffer.from(bytes).toString("base64url") });
  const found = await client.certificateOf(OWNER, random.below(2));
  if (!found.ok) return "no certificate";
  if (signer !== ben || found.certificate.account !== OWNER) broken("somebody else's certificate");
  return "certificate";
}

async function askKey(random: Random, client: DirectoryClient, answer: Hostile, clock: FakeClock): Promise<string> {
  const key = wildSignedKey(random);
  const written = Buffer.from(writeWildCbor(random, key, random.chance(0.9) ? 0 : 0.1)).toString("base64url");
  const day = random.chance(0.9) ? TODAY : TODAY + random.pick([1, -1, 400, 0.5]);
  answer.body = wildBody(random, { day, key: random.chance(0.95) ? written : null });
  const certificateOf = async () => ({ ok: true, certificate: ben.certificate }) as const;
  const asking = new DayKeyClient({ directory: client, certificateOf, clock });
  const found = await asking.dayKeyOf(OWNER);
  if (!found.ok) return "no key";
  if (found.key.account !== OWNER || worthless(found.key.key)) broken("a key that nobody should seal to");
  const isKnown = BATCH.signed.some(({ id }) => Buffer.from(id).toString("hex") === found.key.id);
  const again = await asking.dayKeyOf(OWNER);
  if (again.ok && again.key.kind === "one-time") broken("a one-time key twice");
  return isKnown ? "key" : "key of another name";
}

async function askHeld(random: Random, client: DirectoryClient, answer: Hostile): Promise<string> {
  answer.body = wildBody(random, {
    today: TODAY,
    held: [
      { day: TODAY, hash: "ab_-" },
      { day: TODAY + 1, hash: "cd" },
    ],
  });
  const found = await client.heldDayKeys();
  if (!found) return "nothing held";
  const days = [found.today, ...found.held.map(({ day }) => day)];
  if (!days.every(Number.isSafeInteger)) broken("a day that is none");
  return "held";
}

async function askRelay(random: Random, client: DirectoryClient, answer: Hostile): Promise<string> {
  const expiresMs = NOON_MS + 60_000;
  answer.body = wildBody(random, { urls: "turn:127.0.0.1:3478", username: "1:a", credential: "b", expiresMs });
  const found = await client.turn();
  if (!found) return "no relay";
  if (!found.urls.startsWith("turn:") || !Number.isSafeInteger(found.expiresMs)) broken("a relay that is none");
  return "relay";
}
