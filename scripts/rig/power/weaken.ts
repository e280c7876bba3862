import { registerHooks } from "node:module";

/**
 * A control, loaded before all else (`--import`): the unit's database asks for `synchronous = NORMAL`, with which it says
 * that a row is safe before it is.
 */
const DB = new URL("../../../device/store/db.ts", import.meta.url).href;
const STRONG = "synchronous = FULL";

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (url !== DB) return loaded;
    const { source: given } = loaded;
    const source = typeof given === "string" ? given : new TextDecoder().decode(given);
    if (!source.includes(STRONG)) throw new Error(`${DB} does not ask for ${STRONG}: this control weakens nothing`);
    return { ...loaded, source: source.replaceAll(STRONG, "synchronous = NORMAL") };
  },
});
