import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** Both ends of a serial cable, each a device that a driver opens. */
export type Cable = AsyncDisposable & Readonly<{ unit: string; desk: string }>;

/** Two ends of a serial line, as the kernel makes them. */
export async function openCable(folder: string): Promise<Cable> {
  const [unit, desk] = [join(folder, "unit"), join(folder, "desk")];
  const socat = spawn("socat", ["-d", "-d", `pty,raw,echo=0,link=${unit}`, `pty,raw,echo=0,link=${desk}`]);
  await new Promise<void>((done, failed) => {
    socat.on("error", failed);
    socat.stderr.on("data", (said) => String(said).includes("starting data transfer") && done());
  });
  return { unit, desk, [Symbol.asyncDispose]: () => end(socat) };
}

/** SIGTERM, unless it is gone; resolves when it is. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}
