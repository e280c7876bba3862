import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { SCENES } from "#hal/hal.ts";
import { AgentClient } from "#scripts/rig/agent/client.ts";
import { fromTcp, toTcp } from "#scripts/rig/agent/datagrams.ts";
import { GpioSim, ledsOf } from "#scripts/rig/agent/gpio-sim.ts";
import { freePorts } from "#scripts/stage/ports.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

describe("the agent's lines", () => {
  const LEDS = ["a", "b", "c", "d"];
  const LINES = { button: 3, mute: 4, leds: [8, 9, 10, 11] };

  test("press a button to ground, work the mute switch, and tell each scene that its LEDs show", async () => {
    await using folder = await makeTempFolder();
    const file = (line: number, name: string) => join(folder.path, `sim_gpio${line}`, name);
    for (const line of [3, 4, ...LINES.leds]) mkdirSync(join(folder.path, `sim_gpio${line}`));
    const show = (scene: (typeof SCENES)[number]) => {
      const lit = ledsOf(scene, LEDS);
      for (const [at, led] of LEDS.entries()) writeFileSync(file(8 + at, "value"), lit.includes(led) ? "1\n" : "0\n");
    };
    show("off");
    using gpio = new GpioSim({ folder: folder.path, ...LINES }, () => 7);
    const pulled = (line: number) => readFileSync(file(line, "pull"), "utf8");
    expect([pulled(3), pulled(4)]).toEqual(["pull-up", "pull-down"]);
    gpio.setButton(true);
    gpio.setMute(true);
    expect([pulled(3), pulled(4)]).toEqual(["pull-down", "pull-up"]);
    for (const scene of [...SCENES.slice(1), "off"] as const) {
      show(scene);
      await expect.poll(() => gpio.changes.at(-1), { interval: 5 }).toEqual({ scene, atMs: 7 });
    }
    expect(gpio.changes).toHaveLength(SCENES.length);
  });
});

describe("datagrams over TCP", () => {
  test("arrive whole and in order, come back to the port that sent them, and go on after a broken connection", async () => {
    const [near = 0, tcpPort = 0, far = 0] = await freePorts(3);
    toTcp(near, { host: "127.0.0.1", tcpPort });
    const server = fromTcp(tcpPort, far);
    const carriers = new Set<{ destroy(): void }>();
    server.on("connection", (carrier) => carriers.add(carrier));
    const echo = createSocket("udp4").bind(far, "127.0.0.1");
    echo.on("message", (bytes, from) =>
      echo.send(Buffer.concat([Buffer.from([bytes.length & 255]), bytes]), from.port),
    );
    const [ana, ben] = [createSocket("udp4"), createSocket("udp4")];
    const heard = { ana: [] as string[], ben: [] as string[] };
    ana.on("message", (bytes) => heard.ana.push(bytes.toString("hex")));
    ben.on("message", (bytes) => heard.ben.push(bytes.toString("hex")));
    ana.send(Buffer.from("0102", "hex"), near, "127.0.0.1");
    ben.send(Buffer.from("ff", "hex"), near, "127.0.0.1");
    await expect.poll(() => heard, { timeout: 5_000 }).toEqual({ ana: ["020102"], ben: ["01ff"] });
    ana.send(Buffer.alloc(1_400, 9), near, "127.0.0.1");
    await expect.poll(() => heard.ana.at(-1)?.length, { timeout: 5_000 }).toBe(2_802);
    for (const carrier of carriers) carrier.destroy();
    await expect
      .poll(
        () => {
          ana.send(Buffer.from("0a", "hex"), near, "127.0.0.1");
          return heard.ana.at(-1);
        },
        { timeout: 5_000, interval: 50 },
      )
      .toBe("010a");
    for (const socket of [ana, ben, echo]) socket.close();
    server.close();
  });
});

describe("the line to an agent", () => {
  test("passes over noise and answers to nobody, and tells a refusal, silence and the line's end apart", async () => {
    await using folder = await makeTempFolder();
    const path = join(folder.path, "line.sock");
    const server = createServer((socket) => {
      socket.write('login: \n{"id":99,"ok":true,"answer":{}}\n{"id":1,"ok":"yes"}\n\u0000\u0001\n');
      socket.on("data", (bytes) => {
        const asked: { id: number; do: string } = JSON.parse(bytes.toString());
        if (asked.do === "now") socket.write(`${JSON.stringify({ id: asked.id, ok: true, answer: { atMs: 5 } })}\n`);
        if (asked.do === "mute") socket.write(`${JSON.stringify({ id: asked.id, ok: false, why: "no switch" })}\n`);
        if (asked.do === "button") socket.end();
      });
    }).listen(path);
    await once(server, "listening");
    await using agent = await AgentClient.open(`unix:${path}`);
    await expect(agent.ask("now", {}, 2_000)).resolves.toEqual({ atMs: 5 });
    await expect(agent.ask("mute", { engaged: true }, 2_000)).rejects.toThrow("no switch");
    await expect(agent.ask("lights", {}, 50)).rejects.toThrow('did not answer "lights" within 0.05 s');
    await expect(agent.ask("button", { down: true }, 2_000)).rejects.toThrow(/closed|end/);
    await expect(agent.ask("now", {}, 2_000)).rejects.toThrow("the line to the machine ended");
    server.close();
  });
});
