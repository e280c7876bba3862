import { existsSync, writeFileSync } from "node:fs";
import * as v from "valibot";
import { BEAT_EVERY_MS, Command, type Report } from "#audio/protocol.ts";
import { GOES_WRONG_MS, Oddity } from "./odd-ears-ways.ts";

/** Stands in for the audio process, and goes wrong in the way that its config names. */
const READY_MS = 100;
const LEAK_BYTES = 10 * 2 ** 20;

const config = v.parse(v.looseObject({ wakeHead: v.string() }), JSON.parse(process.argv[2] ?? ""));
const { way: asked, once } = v.parse(Oddity, JSON.parse(config.wakeHead));
const way = once !== undefined && existsSync(once) ? "well" : asked;
if (once !== undefined && process.argv[3] !== "spare") writeFileSync(once, "");
const leaked: Buffer[] = [];

function report(message: Report): void {
  process.send?.(message);
}

function open(): void {
  if (way === "dies") process.exit(3);
  if (way === "never-ready") return;
  report({ type: "ready" });
  const readyMs = performance.now();
  setInterval(() => {
    const wrong = performance.now() - readyMs > GOES_WRONG_MS;
    if (wrong && way === "spins") for (;;);
    if (wrong && way === "leaks") leaked.push(Buffer.alloc(LEAK_BYTES, 1));
    if (!wrong || way !== "goes-quiet") report({ type: "beat", sounds: !wrong || way !== "gets-no-sound" });
  }, BEAT_EVERY_MS);
}

process.on("message", (message) => {
  const { type } = v.parse(Command, message);
  if (type === "open") open();
  if (type === "exit") process.exit(0);
});
process.on("disconnect", () => process.exit(0));
if (process.argv[3] !== "spare") setTimeout(open, READY_MS);
