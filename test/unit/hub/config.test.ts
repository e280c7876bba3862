import { createSocket } from "node:dgram";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "#base/clock.ts";
import { noLog } from "#base/log.ts";
import { readConfig } from "#hub/config.ts";
import { TurnRelay } from "#hub/turn.ts";
import { makeTempFolder } from "../../house/temp-folder.ts";

const CONFIG = { name: "hub", data: "hub-data", host: "127.0.0.1", mqttPort: 1_883, httpPort: 8_080, turn: null };

test("a relative data folder starts at the configuration's own, wherever the hub was started", async () => {
  await using folder = await makeTempFolder();
  const path = join(folder.path, "hub.json");
  await writeFile(path, JSON.stringify(CONFIG));
  expect(await readConfig(path)).toMatchObject({ ok: true, config: { data: join(folder.path, "hub-data") } });
});

test("a relay that cannot have its port is refused, and not said to run", { timeout: 15_000 }, async () => {
  await using folder = await makeTempFolder();
  const squatter = createSocket("udp4");
  squatter.bind(0, "127.0.0.1");
  await once(squatter, "listening");
  const listenPort = squatter.address().port;
  const config = {
    host: "127.0.0.1",
    listenPort,
    minPort: 49_160,
    maxPort: 49_170,
    realm: "test",
    credentialLifetimeS: 60,
    stopWithHub: true,
  };
  const opening = TurnRelay.open({ config, dataFolder: folder.path, clock: systemClock, log: noLog });
  await expect(opening).rejects.toThrow(`does not answer on 127.0.0.1:${listenPort}`);
  squatter.close();
});
