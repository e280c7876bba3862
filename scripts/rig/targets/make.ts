import type { TargetName } from "../scenario/schema.ts";
import { SimTarget } from "./sim.ts";
import type { Target, TargetOptions } from "./target.ts";

export type MakerOptions = Readonly<{
  /** What `--board` names, for the target of that name. */
  board: string | null;
  onProgress(what: string): void;
}>;

/** How units of a target are made; what they need beforehand (an image) is built here, once. */
export async function targetMaker(
  name: TargetName,
  { onProgress }: MakerOptions,
): Promise<(options: TargetOptions) => Target> {
  switch (name) {
    case "sim":
      return (options) => new SimTarget(options);
    default:
      throw new Error(`there is no target "${name}" yet`);
  }
}
