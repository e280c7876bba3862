import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Confined, confinement } from "#device/confine/confinement.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const run = promisify(execFile);
/** Tries each and says what came of it, as JSON. */
const TRIES = `
const fs = require("node:fs");
const net = require("node:net");
const [data, control, port] = process.argv.slice(1);
const found = {};
const attempt = (what, act) => { try { act(); found[what] = "ok"; } catch (error) { found[what] = error.code; } };
attempt("keys", () => fs.readFileSync(data + "/keys"));
attempt("list", () => fs.readdirSync(data));
attempt("write", () => fs.writeFileSync(data + "/new", ""));
attempt("replace", () => fs.renameSync(data + "/code/audio", data + "/code/brain"));
attempt("code", () => fs.writeFileSync(data + "/code/audio/new", ""));
attempt("shadow", () => fs.readFileSync("/etc/shadow"));
attempt("memory", () => fs.openSync("/proc/" + process.ppid + "/mem"));
attempt("libraries", () => fs.readdirSync("/usr/lib"));
attempt("program", () => { const { error } = require("node:child_process").spawnSync("espeak-ng", ["--version"]); if (error) throw error; });
const reach = (what, to) => new Promise((done) => {
  const socket = net.connect(to);
  socket.on("error", (error) => done(found[what] = error.code));
  socket.on("connect", () => done(found[what] = "ok", socket.destroy()));
});
const udp = new Promise((done) => require("node:dgram").createSocket("udp4").send("x", 9, "127.0.0.1", (error) => done(found.udp = error?.code ?? "ok")));
Promise.all([reach("control", control), reach("tcp", { port, host: "127.0.0.1" }), udp]).then(() => { console.log(JSON.stringify(found)); process.exit(); });
`;

let folder: Awaited<ReturnType<typeof makeTempFolder>>;
let data: string;
let control: Server;
let hub: Server;

beforeAll(async () => {
  folder = await makeTempFolder();
  data = join(folder.path, "data");
  mkdirSync(join(data, "code", "audio"), { recursive: true });
  writeFileSync(join(data, "keys"), "secret", { mode: 0o600 });
  control = createServer().listen(join(data, "control.sock"));
  hub = createServer().listen(0, "127.0.0.1");
  await Promise.all([control, hub].map((server) => new Promise((done) => server.once("listening", done))));
});

afterAll(async () => {
  control.close();
  hub.close();
  await folder[Symbol.asyncDispose]();
});

async function triedBy(config: Confined["config"], env: Confined["env"] = {}): Promise<unknown> {
  const [starter = "", ...words] = confinement({ config, data, env, program: import.meta.filename });
  const address = hub.address();
  const port = String(address !== null && typeof address === "object" ? address.port : 0);
  const node = [process.execPath, "-e", TRIES, data, join(data, "control.sock"), port];
  const { stdout } = await run(starter, [...words, ...node]);
  return JSON.parse(stdout);
}

test("the audio process opens neither the keys nor the control socket, and still has what it works with", async () => {
  expect(await triedBy({ io: { type: "alsa" } })).toEqual({
    keys: "EACCES",
    list: "EACCES",
    write: "EACCES",
    replace: "EACCES",
    shadow: "EACCES",
    memory: "EACCES",
    control: "EPERM",
    tcp: "EPERM",
    code: "ok",
    libraries: "ok",
    program: "ok",
    udp: "ok",
  });
});

test("without confinement the same process opens all of it, as the brain does (control)", async () => {
  const found = await triedBy({ io: { type: "alsa" }, confined: false });
  expect(found).toMatchObject({ keys: "ok", list: "ok", write: "ok", control: "ok", tcp: "ok", replace: "ok" });
});
