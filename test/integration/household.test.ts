import { truncate } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Ask, ControlClient } from "#device/control/client.ts";
import type { Reply, TimelineLine } from "#device/control/requests.ts";
import { newEnvelopeId, seal } from "#device/wire/envelope.ts";
import type { CallMessage } from "#device/wire/messages.ts";
import { sealMessage } from "#device/wire/parcel.ts";
import { UnitProcess } from "#scripts/stage/unit-process.ts";
import { SIDE } from "#test/house/brain.ts";
import { type HubFixture, startHub } from "#test/house/hub.ts";
import { frameTo, LinkedUnit } from "#test/house/linked-unit.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

/** One unit that Ben and Cora share, at a real hub; whoever calls them is a link and nothing else. */
let built: AsyncDisposableStack;
let hub: HubFixture;
let unit: UnitProcess;
let ben: Owner;
let cora: Owner;
let ana: LinkedUnit;

/** One owner by the socket that is theirs. */
class Owner implements AsyncDisposable {
  readonly #socket: ControlClient;
  private constructor(socket: ControlClient) {
    this.#socket = socket;
  }

  static async at(folder: string): Promise<Owner> {
    return new Owner(await ControlClient.connect(join(folder, "control.sock")));
  }

  async ask<A extends Ask>(ask: A): Promise<Extract<Reply<A["do"]>, { ok: true }>["answer"]> {
    const reply = await this.#socket.ask(ask);
    if (!reply.ok) throw new Error(reply.error.message);
    return reply.answer;
  }

  async journal(): Promise<string[]> {
    const { lines } = await this.ask({ do: "journal" });
    return lines.flatMap(({ what, act, because }) => (what === "verdict" ? [`${act} ${because}`] : []));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#socket[Symbol.asyncDispose]();
  }
}

beforeAll(async () => {
  built = new AsyncDisposableStack();
  const { path } = built.use(await makeTempFolder());
  hub = built.use(await startHub());
  const invitation = await hub.invite(3);
  ana = built.use(await LinkedUnit.enrolled(hub, invitation));
  unit = built.use(
    await UnitProcess.start({
      name: "Kitchen",
      folder: path,
      hubName: hub.name,
      wires: { mqtt: hub.mqttPort, http: Number(new URL(hub.httpUrl).port), turn: 1 },
      invitation,
      settings: { owner: "Ben", household: [{ name: "Cora", invitation }] },
    }),
  );
  ben = built.use(await Owner.at(join(path, "data")));
  cora = built.use(await Owner.at(join(path, "data", "household", "cora")));
  for (const owner of [ben, cora]) {
    await unit.until(async () => (await owner.ask({ do: "status" })).hub === "connected", 15_000);
  }
  await cora.ask({ do: "person-add", name: "Ana", accounts: [ana.keystore.account], grants: ["ring", "message"] });
});

afterAll(async () => {
  await built.disposeAsync();
});

type Addressee = Pick<UnitProcess | Owner, "ask">;

async function send(to: Addressee, message: CallMessage, id = newEnvelopeId()): Promise<string> {
  const { account } = await to.ask({ do: "id" });
  const found = await ana.link.certificateOf(account);
  if (!found.ok) throw new Error(found.reason);
  const { certificate } = found;
  const sealed = await seal({ sender: ana.keystore, to: certificate, message, nowMs: Date.now(), id });
  const frame = frameTo(certificate.account, { unit: certificate.unit, id: sealed.id, envelope: sealed.bytes });
  expect(await ana.link.publish(frame)).toEqual({ ok: true });
  return id;
}

async function leave(to: Addressee, text: string): Promise<void> {
  const { account } = await to.ask({ do: "id" });
  const key = await met(async () => {
    const found = await ana.link.dayKeyOf(account);
    return found.ok ? found.key : null;
  });
  const message = { kind: "message.text", body: { text } } as const;
  const sealed = await sealMessage({ sender: ana.keystore, key, message, sound: null, nowMs: Date.now() });
  const [envelope = new Uint8Array()] = sealed.parcels;
  expect(await ana.link.publish(frameTo(account, { class: "inbox", envelope }))).toEqual({ ok: true });
}

/** A unit's day keys are with the hub soon after it is. */
async function met<T>(look: () => Promise<T | null>): Promise<T> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const found = await look();
    if (found !== null) return found;
    await sleep(50);
  }
  throw new Error("waited in vain");
}

const offer: CallMessage = { kind: "call.offer", body: SIDE };

function says(sentence: string): (line: TimelineLine) => boolean {
  return ({ event, detail }) => event === "says" && detail?.sentence === sentence;
}

const isVerdict = ({ event }: TimelineLine) => event === "journal";

test("whom one owner lets in rings for her alone, and the other owner's way sees and ends nothing of it", async () => {
  let since = Date.now();
  await send(ben, offer);
  await unit.happens("a verdict", isVerdict, { since });
  expect(await ben.journal()).toEqual(["hold unknown"]);
  expect(await cora.journal()).toEqual([]);

  since = Date.now();
  const id = await send(cora, offer);
  await unit.happens("the ring", says("Ana is calling Cora."), { since });
  expect((await cora.ask({ do: "status" })).call).toEqual({ at: "ringing", with: "Ana" });
  expect((await ben.ask({ do: "status" })).call).toEqual({ at: "another owner's" });
  await expect(ben.ask({ do: "answer" })).rejects.toThrow("nothing rings");
  await expect(ben.ask({ do: "hang-up" })).rejects.toThrow("no call");
  expect(await ben.ask({ do: "person-list" })).toEqual({ people: [] });
  expect(await ben.journal()).toEqual(["hold unknown"]);
  expect(await cora.journal()).toEqual(["admit granted"]);
  await send(cora, { kind: "call.end", body: { offer: id } });
  await unit.happens("the end", ({ event, detail }) => event === "call" && detail?.at === "idle", { since });
});

test("whom another owner blocks leaves a missed call, and rings again once he lifts it", async () => {
  await ben.ask({ do: "block", who: ana.keystore.account });
  let since = Date.now();
  await send(cora, offer);
  await unit.happens("a verdict", isVerdict, { since });
  expect((await cora.journal())[0]).toBe("take-message house");
  expect((await cora.ask({ do: "status" })).unheardCalls).toBe(2);
  expect((await ben.ask({ do: "status" })).unheardCalls).toBe(0);

  await ben.ask({ do: "unblock", who: ana.keystore.account });
  since = Date.now();
  await send(cora, offer);
  await unit.happens("the ring", says("Ana is calling Cora."), { since });
  await ben.ask({ do: "block", who: ana.keystore.account });
  await unit.happens("silence", ({ event, detail }) => event === "call" && detail?.at === "idle", { since });
});

test("whom one of them calls hears from her own account, signed by her own unit key", async () => {
  await ben.ask({ do: "unblock", who: ana.keystore.account });
  const before = ana.deliveries.length;
  await cora.ask({ do: "call", who: "Ana" });
  // Without a relay no offer can be made, and she gives up.
  await ana.until(() => ana.deliveries.length > before);
  const { account: from } = await cora.ask({ do: "id" });
  const envelope = { from, signature: "valid", message: { kind: "call.end" } };
  expect(await ana.opened(before)).toMatchObject({ ok: true, envelope });
});

test("a message for one of them waits for her alone, and is played where she asks for it by her socket", async () => {
  const since = Date.now();
  await leave(cora, "the bakery is closed today");
  await unit.happens("the message", ({ event }) => event === "keep-message", { since });
  const here = { do: "messages", place: "inbox", limit: 10 } as const;
  expect((await ben.ask(here)).messages).toEqual([]);
  await expect(ben.ask({ do: "message-play" })).rejects.toThrow("no new messages");
  const [message] = (await cora.ask(here)).messages;
  expect(message).toMatchObject({ person: "Ana", standing: "new" });
  await expect(ben.ask({ do: "message-delete", message: message?.id ?? "" })).rejects.toThrow("no message");
  await cora.ask({ do: "message-play" });
  await unit.happens("the playing", ({ event }) => event === "play-message", { since });
});

test("nobody but the first owner ends the unit; what is damaged of the other one keeps nobody from him", async () => {
  await expect(cora.ask({ do: "stop" })).rejects.toThrow("first owner");
  await unit.kill();
  await truncate(join(unit.folder, "data", "household", "cora", "keys"), 10);
  await unit.start();
  const again = built.use(await Owner.at(join(unit.folder, "data", "household", "cora")));
  expect((await again.ask({ do: "status" })).fault).toContain("damaged");
  await expect(again.ask({ do: "person-list" })).rejects.toThrow("no book");
  expect(await unit.ask({ do: "status" })).toMatchObject({ fault: null, owner: "Ben" });
  expect((await unit.ask({ do: "lights" })).changes.at(-1)?.scene).toBe("fault");
  await unit.connected();
  await unit.ask({ do: "person-add", name: "Ana", accounts: [ana.keystore.account], grants: ["ring"] });
  const since = Date.now();
  await send(unit, offer);
  await unit.happens("the ring", says("Ana is calling Ben."), { since });
});
