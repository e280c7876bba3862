import { expect, test } from "vitest";
import { accountIdOf } from "#device/keys/account.ts";
import { mintToken } from "#device/keys/token.ts";
import { clientId, inFilter } from "#device/wire/topics.ts";
import { type FixedUnit, fixedUnit } from "../house/fixed-keys.ts";
import { type HubFixture, startHub } from "../house/hub.ts";
import { LinkedUnit } from "../house/linked-unit.ts";
import { RawClient } from "../house/raw-client.ts";

test("an invitation enrols as many accounts as it was made for, and its own again", async () => {
  await using hub = await startHub();
  const invitation = await hub.invite(2);
  await using ana = await LinkedUnit.make(hub);
  await using ben = await LinkedUnit.make(hub);
  await using cem = await LinkedUnit.make(hub);
  expect(await ana.connect().enrol("a".repeat(26))).toEqual({ ok: false, reason: "bad-invitation" });
  expect(await ana.link.enrol("../../etc/passwd")).toEqual({ ok: false, reason: "bad-invitation" });
  const both = await Promise.all([ana.link.enrol(invitation), ben.connect().enrol(invitation)]);
  expect(both).toEqual([{ ok: true }, { ok: true }]);
  expect(await cem.connect().enrol(invitation)).toEqual({ ok: false, reason: "bad-invitation" });
  expect(await ana.link.enrol(invitation)).toEqual({ ok: true });
  await hub.restart();
  expect(await cem.link.enrol(invitation)).toEqual({ ok: false, reason: "bad-invitation" });
  await ana.until(() => ana.link.state === "up");
});

test("a quota of one cannot be used twice by asking twice at once", async () => {
  await using hub = await startHub();
  const invitation = await hub.invite(1);
  const units = await Promise.all([0, 1, 2, 3].map(() => LinkedUnit.make(hub)));
  const results = await Promise.all(units.map((unit) => unit.connect().enrol(invitation)));
  expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  for (const unit of units) await unit[Symbol.asyncDispose]();
});

test("what is no enrolment is refused and hurts nothing", async () => {
  await using hub = await startHub();
  const bodies = [
    "",
    "{",
    "[]",
    JSON.stringify({ invitation: 1 }),
    JSON.stringify({ invitation: "x", certificate: "AAAA" }),
    "x".repeat(100_000),
  ];
  for (const body of bodies) {
    const response = await fetch(new URL("/enrol", hub.httpUrl), { method: "POST", body });
    expect(response.status).toBe(400);
    await response.text();
  }
  await using ana = await LinkedUnit.enrolled(hub, await hub.invite(1));
  expect(ana.link.state).toBe("up");
});

test("the directory answers nobody without a unit's token, and of an unknown account exactly as long as of a known one", async () => {
  await using hub = await startHub();
  const invitation = await hub.invite(2);
  await using ana = await LinkedUnit.enrolled(hub, invitation);
  await using ben = await LinkedUnit.enrolled(hub, invitation);
  const stranger = accountIdOf(new Uint8Array(32).fill(9));
  const bare = await fetch(new URL(`/certificate/${ben.keystore.account}`, hub.httpUrl));
  expect(bare.status).toBe(401);
  const authorization = `Bearer ${await ana.keystore.mintToken(hub.name, Date.now())}`;
  const answers = await Promise.all(
    [ben.keystore.account, stranger].map(async (account) => {
      const response = await fetch(new URL(`/certificate/${account}`, hub.httpUrl), { headers: { authorization } });
      return {
        status: response.status,
        headers: [...response.headers.keys()],
        bytes: (await response.arrayBuffer()).byteLength,
      };
    }),
  );
  expect(answers[0]).toEqual(answers[1]);
  expect(await ana.link.certificateOf(stranger)).toEqual({ ok: false, reason: "unknown" });
  expect(await ana.link.certificateOf(ben.keystore.account)).toEqual({ ok: true, certificate: ben.certificate });
});

async function enrolFixed(hub: HubFixture, unit: FixedUnit, invitation: string): Promise<number> {
  const certificate = Buffer.from(unit.sealer.certificate).toString("base64url");
  const response = await fetch(new URL("/enrol", hub.httpUrl), {
    method: "POST",
    body: JSON.stringify({ invitation, certificate }),
  });
  await response.text();
  return response.status;
}

async function connectFixed(hub: HubFixture, unit: FixedUnit): Promise<RawClient> {
  const password = await mintToken(unit.signingKey, unit.sealer.certificate, hub.name, Date.now());
  return new RawClient(hub.mqttUrl, {
    clientId: clientId(unit.certificate),
    username: unit.certificate.account,
    password,
  });
}

test("a newer certificate ends the connection of the older, which never comes back", async () => {
  await using hub = await startHub();
  const invitation = await hub.invite(5);
  const [first, second] = [fixedUnit("ana"), fixedUnit("ana", { seq: 2, unitName: "kitchen" })];
  expect(await enrolFixed(hub, first, invitation)).toBe(201);
  using before = await connectFixed(hub, first);
  expect(await before.opened()).toBe("connected");
  await before.client.subscribeAsync(inFilter(first.certificate), { qos: 1 });
  using after = await connectFixed(hub, second);
  expect(await after.opened()).toBe("connected");
  await before.cutOff();
  using again = await connectFixed(hub, first);
  expect(await again.opened()).toBe("refused");
  expect(await enrolFixed(hub, first, invitation)).toBe(409);
  await hub.restart();
  using afterRestart = await connectFixed(hub, first);
  expect(await afterRestart.opened()).toBe("refused");
});
