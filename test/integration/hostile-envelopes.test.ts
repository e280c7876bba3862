import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Certificate } from "#device/keys/certificate.ts";
import { newEnvelopeId, type SealRequest, seal } from "#device/wire/envelope.ts";
import { outTopic } from "#device/wire/topics.ts";
import { Home } from "#scripts/stage/home.ts";
import { HubProcess } from "#scripts/stage/hub-process.ts";
import { Voices } from "#scripts/stage/voices.ts";
import { whatCameOutOf } from "#scripts/stage/watch.ts";
import { LinkedUnit } from "#test/house/linked-unit.ts";
import { RawClient } from "#test/house/raw-client.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

/** A real unit, Ben's; and Rita, who may ring there, with keys and a link but a mind of her own. */
let built: AsyncDisposableStack;
let ben: Home;
let rita: LinkedUnit;
let bens: Certificate;

beforeAll(async () => {
  built = new AsyncDisposableStack();
  const folder = built.use(await makeTempFolder()).path;
  const hub = built.use(await HubProcess.start(join(folder, "hub")));
  const invitation = await hub.invite(2);
  const voices = new Voices(join(folder, "voices"));
  ben = built.use(await Home.open({ name: "Ben", voice: "rms", folder: join(folder, "ben"), hub, voices, invitation }));
  rita = built.use(await LinkedUnit.enrolled(hub.address, invitation));
  await ben.unit.ask({ do: "person-add", name: "Rita", accounts: [rita.keystore.account], grants: ["ring"] });
  const found = await rita.link.certificateOf(await ben.account());
  if (!found.ok) throw new Error(`Ben has no certificate: ${found.reason}`);
  bens = found.certificate;
});

afterAll(async () => {
  await built.disposeAsync();
});

const SIDE = { sdp: "v=0\r\n", fingerprint: Array.from({ length: 32 }, () => "AA").join(":") };

async function sealed(changes: Partial<SealRequest> = {}) {
  const message = { kind: "call.offer" as const, body: SIDE };
  return seal({ sender: rita.keystore, to: bens, message, nowMs: Date.now(), ...changes });
}

async function send(envelope: Uint8Array): Promise<void> {
  const frame = { to: bens.account, unit: bens.unit, class: "calls" as const, id: newEnvelopeId(), envelope };
  expect(await rita.link.publish(frame)).toEqual({ ok: true });
}

async function end(offer: string): Promise<void> {
  await send((await sealed({ message: { kind: "call.end", body: { offer } } })).bytes);
}

async function callIs(at: string, since: number): Promise<void> {
  await ben.unit.happens(`the call to be ${at}`, (line) => line.event === "call" && line.detail?.at === at, { since });
}

/** What the gate said of each envelope since then. */
function verdictsSince(since: number): string[] {
  const lines = ben.unit.timeline.filter(({ at, event }) => at >= since && event === "journal");
  return lines.map(({ detail }) => `${detail?.act} ${detail?.because}`);
}

/** Sends them, waits until they must have arrived, and gives what came of it. */
async function afterSending(...envelopes: Uint8Array[]) {
  const since = Date.now();
  for (const envelope of envelopes) await send(envelope);
  await sleep(500);
  const came = await whatCameOutOf(ben, since, Date.now());
  return { since, came, verdicts: verdictsSince(since) };
}

const NOTHING = { peakDbfs: -120, lightChanges: 0, published: 0 };

/** The control: what is well made rings, and is over when she gives up. */
async function ringsStill(): Promise<void> {
  const since = Date.now();
  const offer = await sealed();
  await send(offer.bytes);
  await callIs("ringing", since);
  await end(offer.id);
  await callIs("idle", since);
}

describe("an envelope to a real unit", () => {
  beforeEach(async () => {
    // Each time anew: the unit rings for what is well made, so its silence means something.
    await ringsStill();
    // Who called last is out of sight, so that no light stands for it.
    await sleep(300);
  });

  test("that was tampered with does nothing", async () => {
    const { bytes } = await sealed();
    bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1;
    expect(await afterSending(bytes)).toMatchObject({ came: NOTHING, verdicts: [] });
  });

  test("that somebody else signed in her name does nothing", async () => {
    await using other = await LinkedUnit.make(rita.hub);
    const { account, certificate } = rita.keystore;
    const sender = { account, certificate, signEnvelope: (bytes: Uint8Array) => other.keystore.signEnvelope(bytes) };
    const { bytes } = await sealed({ sender });
    expect(await afterSending(bytes)).toMatchObject({ came: NOTHING, verdicts: ["drop unverified"] });
  });

  test("that names another addressee does nothing", async () => {
    const { bytes } = await sealed({ to: { ...bens, account: rita.keystore.account } });
    expect(await afterSending(bytes)).toMatchObject({ came: NOTHING, verdicts: ["drop misaddressed"] });
  });

  test("that came before does nothing again", async () => {
    const offer = await sealed();
    const since = Date.now();
    await send(offer.bytes);
    await callIs("ringing", since);
    await end(offer.id);
    await callIs("idle", since);
    await sleep(300);
    expect(await afterSending(offer.bytes)).toMatchObject({ came: NOTHING, verdicts: ["drop replayed"] });
  });

  test("that expired on the way is a missed call, without a sound", async () => {
    const { bytes } = await sealed({ nowMs: Date.now() - 61_000 });
    const { came, verdicts } = await afterSending(bytes);
    expect(verdicts).toEqual(["take-message stale"]);
    expect(came).toMatchObject({ peakDbfs: -120, published: 0 });
  });

  test("that is no CBOR, or none of ours, or nothing at all, does nothing", async () => {
    const odd = [
      randomBytes(1),
      randomBytes(2_000),
      Buffer.from([0xa0]),
      Buffer.from("{}"),
      Buffer.alloc(100_000, 0x9f),
    ];
    expect(await afterSending(...odd.map((bytes) => new Uint8Array(bytes)))).toMatchObject({
      came: NOTHING,
      verdicts: [],
    });
  });

  test("of 300 KiB does not leave her link, and the hub cuts off who sends it all the same", async () => {
    const since = Date.now();
    const envelope = new Uint8Array(randomBytes(300 * 1_024));
    const frame = { to: bens.account, class: "calls" as const, id: newEnvelopeId(), envelope };
    expect(await rita.link.publish(frame)).toEqual({ ok: false, reason: "too-long" });
    await rita.disconnect();
    using raw = await RawClient.as(rita);
    expect(await raw.opened()).toBe("connected");
    raw.client.publish(outTopic(rita.certificate), Buffer.from(envelope), { qos: 1 });
    await sleep(500);
    rita.connect();
    await rita.until(() => rita.link.state === "up");
    expect(await whatCameOutOf(ben, since, Date.now())).toEqual(NOTHING);
    expect(verdictsSince(since)).toEqual([]);
  });
});

test("an SDP that would show addresses, or is another's, is refused once Ben answers, and the call ends", async () => {
  for (const sdp of [
    "v=0\r\n",
    `v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=candidate:1 1 udp 1 10.0.0.1 9 typ host\r\n`,
  ]) {
    const since = Date.now();
    await send((await sealed({ message: { kind: "call.offer", body: { ...SIDE, sdp } } })).bytes);
    await callIs("ringing", since);
    await ben.unit.ask({ do: "answer" });
    await ben.unit.happens("the leg failing", ({ event }) => event === "ears-leg-failed", { since });
    await callIs("idle", since);
  }
  await ringsStill();
});
