import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test, vi } from "vitest";
import { makeBundle, ROOT } from "#test/house/bundle.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

// Many bundles, processes or databases each, which takes a busy machine its time.
vi.setConfig({ testTimeout: 60_000 });

const CLI = resolve(import.meta.dirname, "../../../device/update/cli.ts");

function porterBundle(...words: string[]): { status: number | null; out: string; errors: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...words], { encoding: "utf8" });
  return { status, out: stdout, errors: stderr };
}

test("keys are made, listed, rotated and revoked; what was revoked never comes back", async () => {
  await using folder = await makeTempFolder();
  const at = (name: string) => join(folder.path, name);
  const key = (name: string) => porterBundle("keys", "new", at(name)).out.trim();
  const [root, first, second] = [key("root"), key("first"), key("second")];
  expect(statSync(at("root")).mode & 0o777).toBe(0o600);
  const before = readFileSync(at("root"), "utf8");
  expect(porterBundle("keys", "new", at("root")).status).toBe(1);
  expect(readFileSync(at("root"), "utf8")).toBe(before);

  const sign = (...words: string[]) => porterBundle("keys", "sign", at("list"), "--root-key", at("root"), ...words);
  expect(sign("--release", first)).toMatchObject({ status: 0, out: "list 1 with 1 keys\n" });
  const rotated = sign("--from", at("list"), "--release", second, "--revoke", first);
  expect(rotated).toMatchObject({ status: 0, out: "list 2 with 2 keys\n" });
  const shown = porterBundle("keys", "show", at("list"), "--root", root).out;
  expect(shown).toBe(`number 2\nrevoked     ${first}\nrelease     ${second}\n`);
  expect(sign("--from", at("list"), "--release", first)).toMatchObject({ status: 1 });
  expect(porterBundle("keys", "show", at("list"), "--root", first)).toMatchObject({ status: 1 });
  expect(porterBundle("keys", "trust", at("trust.json"), "--root", root, "--board", "sim").status).toBe(0);
  expect(JSON.parse(readFileSync(at("trust.json"), "utf8"))).toEqual({
    format: 1,
    root,
    board: "sim",
    development: false,
  });
});

test("a bundle is verified and inspected by commands whose exit codes a script can use", async () => {
  await using folder = await makeTempFolder();
  const [file, cut] = [join(folder.path, "bundle"), join(folder.path, "cut")];
  const bytes = await makeBundle();
  writeFileSync(file, bytes);
  writeFileSync(cut, bytes.subarray(0, bytes.length - 9));
  const verified = porterBundle("verify", file, "--root", ROOT, "--board", "sim", "--json");
  expect(verified.status).toBe(0);
  expect(JSON.parse(verified.out)).toMatchObject({
    ok: true,
    version: "1.0.0",
    counter: 5,
    signer: { use: "release" },
  });
  const refused = porterBundle("verify", cut, "--root", ROOT, "--json");
  expect(refused.status).toBe(1);
  expect(JSON.parse(refused.out)).toMatchObject({ ok: false, reason: "truncated" });
  expect(porterBundle("verify", file, "--root", ROOT, "--board", "oven").errors).toContain("wrong-board");
  expect(porterBundle("verify", file, "--root", "nonsense").status).toBe(2);
  expect(porterBundle("verify", file, "--root", ROOT, "--counter", "six").status).toBe(2);
  expect(porterBundle("verify", join(folder.path, "none"), "--root", ROOT).status).toBe(1);
  expect(porterBundle("inspect", file, "--files").out).toMatch(/not verified[\s\S]+ 755 \d+ {2}node\n/);
  expect(existsSync(join(folder.path, "slots"))).toBe(false);
});
