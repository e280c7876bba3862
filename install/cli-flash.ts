import type { Command } from "commander";
import * as v from "valibot";
import { PublicKey } from "#device/update/key-list.ts";
import { openBundle } from "./bundle.ts";
import { EXIT, Failure } from "./exit.ts";
import { flash } from "./flash.ts";
import { addUnitOptions, onUnits, type UnitOptions } from "./units.ts";

/** A unit that is ill tries three times: so many times longer than for a line may its verdict take. */
const VERDICT_TIMES = 5;

type FlashOptions = UnitOptions & Readonly<{ root: string; development?: boolean }>;

export function addFlash(program: Command): void {
  addUnitOptions(
    program.command("flash <file>").description("send a bundle, have it tried, and wait for the unit's own verdict"),
  )
    .requiredOption("--root <key>", "the root's public key: the bundle is verified here before it is sent")
    .option("--development", "take what a development key signed")
    .action(async (file: string, options: FlashOptions) => {
      const root = v.safeParse(PublicKey, options.root);
      if (!root.success) throw new Failure(EXIT.usage, `--root is no public key: ${v.summarize(root.issues)}`);
      await using stack = new AsyncDisposableStack();
      // Verified once, whatever the number of units; each is told what is wrong with it.
      const opening = openBundle(file, { root: root.output, development: options.development === true });
      const bundle = opening.then((opened) => stack.use(opened));
      bundle.catch(() => undefined);
      process.exitCode = await onUnits("flash", options, async (work) => {
        await flash({ ...work, bundle: await bundle, startMs: VERDICT_TIMES * work.patienceMs });
        return {};
      });
    });
}
