import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** A serial line as the kernel makes one: two pseudo-terminals, and what goes in at one end comes out at the other. */
export type SerialCable = AsyncDisposable & Readonly<{ unit: string; desk: string }>;

export async function openSerialCable(folder: string): Promise<SerialCable> {
  const [unit, desk] = [join(folder, "unit"), join(folder, "desk")];
  const ends = [unit, desk].map((end) => `pty,raw,echo=0,link=${end}`);
  const socat = spawn("socat", ["-d", "-d", ...ends], { stdio: ["ignore", "ignore", "pipe"] });
  await new Promise<void>((done, failed) => {
    socat.on("error", failed);
    socat.stderr.on("data", (said: Buffer) => said.toString().includes("starting data transfer") && done());
  });
  return {
    unit,
    desk,
    async [Symbol.asyncDispose]() {
      if (socat.exitCode !== null || socat.signalCode !== null) return;
      const ended = once(socat, "exit");
      socat.kill("SIGTERM");
      await ended;
    },
  };
}
