import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { WAKE_HEADS } from "#audio/engines/wake-embedding.ts";
import { WAKE_WORDS, type WakeWord } from "#audio/wake-word.ts";
import { FOLDS } from "./train-wake/corpus.ts";
import { listenToNearWords, listenToOther, listenToRecordings, listenToVoices } from "./train-wake/listen.ts";

/**
 * Makes the wake heads from three quarters of the recordings: `listen` turns them and made voices into features (half an
 * hour, which several processes can share), `judge` trains on two quarters and judges by the third, in turn, `train`
 * makes heads from all three, and `join` the ones that ship. `npm run bench -- wake --held` judges by the last quarter.
 * The same seeds on the same machine give the same files.
 */
const HELP = `train-wake STEP... [--data FOLDER] [--features FOLDER] [--other FOLDER] [--share I/N]
  listen   features of the recordings in --data (../shared/data), of made voices, and of --other, which only judges
  judge    figures on recordings that were not trained on, and thresholds
  train    heads beside the features; needs Debian's python3-torch, as judge does
  join     audio/models/*.head from them, with the quick judge of "computer" that stands there
  --share  of the recordings to listen to: the I-th of N shares, from 0 on`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: "string", default: "../shared/data" },
    features: { type: "string", default: "out/wake-features" },
    other: { type: "string" },
    share: { type: "string", default: "0/1" },
    help: { type: "boolean", default: false },
  },
});
const { data, features, other } = values;

if (values.help || positionals.length === 0) console.log(HELP);
for (const step of positionals) {
  if (step === "listen") await listen();
  else if (step === "judge")
    for (const word of WAKE_WORDS) await python("train.py", "--word", word, "--folds", String(FOLDS));
  else if (step === "train")
    for (const word of WAKE_WORDS) await python("train.py", "--word", word, "--out", trainedHead(word));
  else if (step === "join")
    for (const word of WAKE_WORDS)
      await python("join.py", "--word", word, "--head", trainedHead(word), "--out", fileURLToPath(WAKE_HEADS[word]));
  else {
    console.error(`There is no step "${step}".\n${HELP}`);
    process.exitCode = 2;
  }
}

async function listen(): Promise<void> {
  const [share = 0, of = 1] = values.share.split("/").map(Number);
  await listenToRecordings(data, features, { share, of });
  if (share !== 0) return;
  await listenToVoices(data, features);
  await listenToNearWords(data, features);
  if (other !== undefined) await listenToOther(other, features);
}

function trainedHead(word: WakeWord): string {
  return path.join(features, `${word}.head`);
}

function python(file: "train.py" | "join.py", ...args: string[]): Promise<void> {
  const script = fileURLToPath(new URL(`train-wake/${file}`, import.meta.url));
  const child = spawn("python3", ["-B", script, features, ...args], { stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`${file} ended with ${code}`))));
  });
}
