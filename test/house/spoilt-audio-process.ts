import { AudioProcess } from "./audio-process.ts";

/** A real audio process that loads a module of ours first, which spoils something in it. */
export async function startSpoilt(module: string, environment: NodeJS.ProcessEnv = {}): Promise<AudioProcess> {
  return AudioProcess.start({}, { NODE_OPTIONS: `--import=${module}`, ...environment });
}
