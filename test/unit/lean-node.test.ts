import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { leanNode } from "#device/lean-node.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

function cacheOf(part: "brain" | "audio", data: string): string | undefined {
  return leanNode(part, data).env.NODE_COMPILE_CACHE;
}

test("compiled code is kept in the unit's own folder, the brain's apart from the ears'", async () => {
  await using folder = await makeTempFolder();
  expect(cacheOf("brain", folder.path)).toBe(join(folder.path, "code", "brain"));
  expect(cacheOf("audio", folder.path)).toBe(join(folder.path, "code", "audio"));
});

test("nothing is kept before the unit has made its folder: it must be its own", async () => {
  await using folder = await makeTempFolder();
  expect(cacheOf("brain", join(folder.path, "not-yet"))).toBeUndefined();
});

test("no compiled code is run out of a folder that others can write to, or that is a link to one", async () => {
  await using folder = await makeTempFolder();
  const link = join(folder.path, "link");
  await symlink(folder.path, link);
  expect(cacheOf("brain", link)).toBeUndefined();
  for (const mode of [0o755, 0o770, 0o777]) {
    await chmod(folder.path, mode);
    expect(cacheOf("brain", folder.path)).toBeUndefined();
  }
});

/** What Node says on its error output to the signal that opens its debugger. */
async function answerToDebugger(flags: readonly string[]): Promise<string> {
  const program = "process.stdout.write('up'); setTimeout(() => process.exit(), 300)";
  const node = spawn(process.execPath, [...flags, "--inspect-port=0", "-e", program], { stdio: "pipe" });
  let said = "";
  node.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  await once(node.stdout, "data");
  node.kill("SIGUSR1");
  await once(node, "close");
  return said;
}

test("no signal opens a debugger, through which the audio process would hold the brain's keys", async () => {
  expect(await answerToDebugger(leanNode("brain", "").execArgv)).toBe("");
  expect(await answerToDebugger([])).toContain("Debugger listening");
});
