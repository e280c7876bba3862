import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { TurnClient } from "#scripts/stage/turn-client.ts";
import { type HubFixture, startHub } from "../house/hub.ts";
import { LinkedUnit } from "../house/linked-unit.ts";

const FORBIDDEN = 403;
const UNAUTHORIZED = 401;

async function relayPid(hub: HubFixture): Promise<number> {
  return Number(JSON.parse(await readFile(join(hub.dataFolder, "turn", "pid"), "utf8")).pid);
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function withRelay(hub: HubFixture): Promise<LinkedUnit> {
  const unit = await LinkedUnit.enrolled(hub, await hub.invite(1));
  for (let waitedMs = 0; unit.link.turn().length === 0 && waitedMs < 5_000; waitedMs += 50) await sleep(50);
  return unit;
}

test("a unit has credentials without asking, and the relay takes them and relays to itself only", async () => {
  await using hub = await startHub({ relay: true });
  await using ana = await withRelay(hub);
  const [server] = ana.link.turn();
  if (!server) throw new Error("no relay");
  expect(server.username).not.toContain(ana.keystore.account);
  using client = new TurnClient(server);
  expect(await client.allocate()).toBe(0);
  expect(await client.permit("127.0.0.1")).toBe(0);
  for (const address of ["127.0.0.2", "10.0.0.1", "192.168.1.1", "8.8.8.8", "169.254.169.254", "224.0.0.1"]) {
    expect(await client.permit(address)).toBe(FORBIDDEN);
  }
  using thief = new TurnClient({ ...server, credential: "guessed" });
  expect(await thief.allocate()).toBe(UNAUTHORIZED);
});

test("the relay outlives its hub, which adopts it again; credentials hold throughout", async () => {
  await using hub = await startHub({ relay: true, stopRelayWithHub: false });
  await using ana = await withRelay(hub);
  const pid = await relayPid(hub);
  const servers = ana.link.turn();
  await hub.kill();
  await ana.until(() => ana.link.state === "down");
  expect(runs(pid)).toBe(true);
  expect(ana.link.turn()).toEqual(servers);
  await hub.restart();
  expect(await relayPid(hub)).toBe(pid);
  await hub.stop();
  expect(runs(pid)).toBe(true);
  const [server] = servers;
  if (!server) throw new Error("no relay");
  using client = new TurnClient(server);
  expect(await client.allocate()).toBe(0);
  await hub.restart();
  expect(await relayPid(hub)).toBe(pid);
});

test("a relay that dies is started again, and takes the credentials that it gave out before", async () => {
  await using hub = await startHub({ relay: true });
  await using ana = await withRelay(hub);
  const [server] = ana.link.turn();
  const pid = await relayPid(hub);
  process.kill(pid, "SIGKILL");
  for (let waitedMs = 0; (await relayPid(hub)) === pid && waitedMs < 5_000; waitedMs += 50) await sleep(50);
  expect(await relayPid(hub)).not.toBe(pid);
  if (!server) throw new Error("no relay");
  using client = new TurnClient(server);
  expect(await client.allocate()).toBe(0);
});

test("credentials run out, and are no longer offered then", async () => {
  await using hub = await startHub({ relay: true, credentialLifetimeS: 2 });
  await using ana = await withRelay(hub);
  expect(ana.link.turn()).toHaveLength(1);
  await hub.kill();
  await sleep(2_500);
  expect(ana.link.turn()).toEqual([]);
});
