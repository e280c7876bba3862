import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { noLog } from "#base/log.ts";
import { openNotify } from "#device/notify.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

/** Takes datagrams as systemd does, and keeps what they said. */
async function listenAt(address: string, path: string | null) {
  const socat = spawn("socat", ["-u", address, "STDOUT"]);
  let heard = "";
  socat.stdout.setEncoding("utf8").on("data", (text: string) => {
    heard += text;
  });
  for (let tries = 0; tries < 100 && (path === null ? tries < 20 : !existsSync(path)); tries += 1) await pause(10);
  return {
    async heard(what: string) {
      for (let tries = 0; tries < 200 && !heard.includes(what); tries += 1) await pause(10);
      return heard;
    },
    async [Symbol.asyncDispose]() {
      const ended = once(socat, "exit");
      socat.kill();
      await ended;
    },
  };
}

test("what is told arrives as it was said, at a path", async () => {
  await using folder = await makeTempFolder();
  const path = join(folder.path, "notify");
  await using systemd = await listenAt(`UNIX-RECV:${path}`, path);
  const notify = await openNotify(path, noLog);
  notify("READY=1\nSTATUS=listening");
  notify("WATCHDOG=1");
  expect(await systemd.heard("WATCHDOG=1")).toBe("READY=1\nSTATUS=listeningWATCHDOG=1");
});

test("an abstract address does as well", async () => {
  const name = `porter-notify-${process.pid}`;
  await using systemd = await listenAt(`ABSTRACT-RECV:${name}`, null);
  const notify = await openNotify(`@${name}`, noLog);
  notify("READY=1");
  expect(await systemd.heard("READY=1")).toBe("READY=1");
});

test.each([undefined, "", "notify", `/${"a".repeat(108)}`, "/nowhere/notify"])(
  "where nobody listens (%s) nothing happens",
  async (address) => {
    const notify = await openNotify(address, noLog);
    expect(() => notify("READY=1")).not.toThrow();
  },
);
