import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { expect, test } from "vitest";
import { AudioConfig } from "#audio/protocol.ts";
import { Coturn } from "#test/house/coturn.ts";
import { EarsRun } from "#test/house/ears-run.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

test("a confined audio process listens, speaks and reaches the relay", async () => {
  await using folder = await makeTempFolder();
  await writeFile(join(folder.path, "keys"), "secret", { mode: 0o600 });
  await using relay = await Coturn.start();
  const config = v.parse(AudioConfig, { io: { type: "room" }, confined: true });
  await using run = new EarsRun(null, { config, data: folder.path });
  await run.nth("ready", 1);
  const status = await readFile(`/proc/${run.ears.pid}/status`, "utf8");
  expect(status).toMatch(/^NoNewPrivs:\s1$/m);
  expect(status).toMatch(/^Seccomp:\s2$/m);
  expect(await readFile(`/proc/${run.ears.pid}/oom_score_adj`, "utf8")).toBe("500\n");
  run.ears.send({ type: "say", id: 1, text: "Hello." });
  run.ears.send({ type: "offer-leg", leg: "call", iceServers: relay.iceServers("porter") });
  await run.nth("said", 1);
  await run.nth("leg-offer", 1);
  expect(run.count("leg-failed")).toBe(0);
  expect(run.count("death")).toBe(0);
});
