import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { HubProcess } from "#scripts/stage/hub-process.ts";
import { UnitProcess } from "#scripts/stage/unit-process.ts";
import { encodeSound, madeVoice } from "#test/house/opus-sound.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const CLI = fileURLToPath(new URL("../../device/control/cli.ts", import.meta.url));
const SOUND_MS = 2_000;

/** A home whose owner has Porter's command line. */
async function home(name: string, folder: string, hub: HubProcess) {
  const unit = await UnitProcess.start({
    name,
    folder: `${folder}/${name}`,
    hubName: hub.address.name,
    wires: hub.ports,
    invitation: await hub.invite(1),
  });
  const { account } = await unit.ask({ do: "id" });
  await unit.connected();
  const porter = (...args: readonly string[]) => run("--config", `${folder}/${name}/unit.json`, ...args);
  return { unit, account, porter, [Symbol.asyncDispose]: () => unit[Symbol.asyncDispose]() };
}

async function run(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...args]);
  return stdout;
}

test("what a blocked person leaves is kept out of sight, exported, and verified where there is no unit", async () => {
  await using folder = await makeTempFolder();
  await using hub = await HubProcess.start(`${folder.path}/hub`);
  await using ben = await home("ben", folder.path, hub);
  await using mallory = await home("mallory", folder.path, hub);
  await ben.porter("person", "add", "Mallory", "--account", mallory.account);
  await ben.porter("block", "Mallory");
  await ben.porter("messages", "blocked", "keep");
  await mallory.porter("person", "add", "Ben", "--account", ben.account);
  const note = `${folder.path}/note.ogg`;
  await writeFile(note, encodeSound(madeVoice(SOUND_MS)));
  await mallory.porter("messages", "send", "Ben", "--text", "I know where you live");
  await mallory.porter("messages", "send", "Ben", "--file", note);
  await ben.unit.until(async () => (await ben.unit.ask({ do: "evidence-list", limit: 100 })).all === 2, 60_000);
  expect(await ben.porter("messages")).toBe("No messages.\n");

  const file = `${folder.path}/mallory.tar`;
  expect(await ben.porter("evidence", "export", file, "--person", "Mallory")).toContain("2 messages are in");
  await ben.unit.stop();
  await mallory.unit.stop();
  const said = await run("evidence", "verify", file, "--account", ben.account);
  expect(said).toContain("The evidence holds.");
  expect(said.match(/^\d\. .*/gm)).toEqual(
    Array.from({ length: 2 }, () =>
      expect.stringContaining(`from ${mallory.account} (the owner calls them "Mallory")`),
    ),
  );
  expect(said).toContain('the text is the one that was signed: "I know where you live"');
  expect(said).toContain("the sound is the one that was signed: 2.0 s");
  expect(said.match(/the journal (has it|counts 2 like it).*because: blocked/g)).toHaveLength(2);
  await expect(run("evidence", "verify", file, "--account", mallory.account)).rejects.toThrow("another account");
});
