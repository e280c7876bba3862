import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { expect, test } from "vitest";
import { systemClock } from "#base/clock.ts";
import { openKeystore } from "#device/keys/keystore.ts";
import { DirectoryClient } from "#device/link/directory.ts";
import { fixedUnit } from "../../house/fixed-keys.ts";
import { makeTempFolder } from "../../house/temp-folder.ts";

const ben = fixedUnit("ben", { seq: 3 });
const mallory = fixedUnit("mallory");

/** A directory that answers as the test wants it to, and a unit that asks it. */
async function asking(answer: RequestListener) {
  const temp = await makeTempFolder();
  const opened = await openKeystore({ folder: `${temp.path}/keys`, nowMs: Date.now() });
  if (!opened.ok) throw new Error(opened.message);
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const ended = new AbortController();
  const hub = { name: "hub", httpUrl: `http://127.0.0.1:${port}`, mqttUrl: "" };
  const directory = new DirectoryClient({ hub, keystore: opened.keystore, clock: systemClock, ended: ended.signal });
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await temp[Symbol.asyncDispose]();
  };
  return { directory, ended, [Symbol.asyncDispose]: close };
}

function showing(certificate: Uint8Array | null): RequestListener {
  const text = certificate && Buffer.from(certificate).toString("base64url");
  return (_request, response) => response.end(JSON.stringify({ certificate: text, pad: "" }));
}

test("a certificate counts when the account asked for signed it", async () => {
  await using hub = await asking(showing(ben.sealer.certificate));
  expect(await hub.directory.certificateOf(ben.certificate.account, 0)).toEqual({
    ok: true,
    certificate: ben.certificate,
  });
  expect(await hub.directory.certificateOf(ben.certificate.account, 3)).toMatchObject({ ok: true });
});

test("a hub cannot pass off another's certificate, or an old one", async () => {
  await using hub = await asking(showing(mallory.sealer.certificate));
  expect(await hub.directory.certificateOf(ben.certificate.account, 0)).toEqual({ ok: false, reason: "bad-answer" });
  await using old = await asking(showing(ben.sealer.certificate));
  expect(await old.directory.certificateOf(ben.certificate.account, 4)).toEqual({ ok: false, reason: "revoked" });
  await using none = await asking(showing(null));
  expect(await none.directory.certificateOf(ben.certificate.account, 0)).toEqual({ ok: false, reason: "unknown" });
});

test("whatever a hub answers, asking ends in a result", async () => {
  const answers: RequestListener[] = [
    (_request, response) => response.end(),
    (_request, response) => response.end("<html>"),
    (_request, response) => response.end(JSON.stringify({ certificate: 7 })),
    (_request, response) => response.end(JSON.stringify({ certificate: "AAAA" })),
    (_request, response) => response.end(JSON.stringify({ day: 20_780, key: "AAAA" })),
    (_request, response) => response.end(JSON.stringify({ today: "now", held: [{ day: 1 }] })),
    (_request, response) => response.writeHead(500).end("{}"),
    (_request, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
    (_request, response) => response.end("x".repeat(10_000_000)),
    (request) => request.socket.destroy(),
  ];
  for (const answer of answers) {
    await using hub = await asking(answer);
    expect((await hub.directory.certificateOf(ben.certificate.account, 0)).ok).toBe(false);
    expect(await hub.directory.turn()).toBeNull();
    const dayKey = await hub.directory.dayKeyOf(ben.certificate.account);
    expect(dayKey === null || dayKey === "bad-answer").toBe(true);
    expect(await hub.directory.heldDayKeys()).toBeNull();
    expect((await hub.directory.enrol("code")).ok).toBe(false);
  }
});

test("a hub that never answers does not keep a unit from closing", async () => {
  await using hub = await asking(() => {});
  const asked = hub.directory.certificateOf(ben.certificate.account, 0);
  hub.ended.abort();
  expect(await asked).toEqual({ ok: false, reason: "unreachable" });
});
