import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OpusEncoder } from "#audio/engines/codec-opusenc.ts";
import { RATE_HZ } from "#audio/frame.ts";
import { checkSound } from "#audio/ogg.ts";
import { readWav } from "#audio/wav.ts";
import { verifyCertificate } from "#device/keys/certificate.ts";
import { Batch, type DayKey, dayOf, verifyDayKey } from "#device/keys/day-keys.ts";
import { type Keystore, openKeystore } from "#device/keys/keystore.ts";
import { makeBatch } from "#device/keys/make-day-keys.ts";
import { parseCbor } from "#device/wire/cbor.ts";
import type { LeftMessage } from "#device/wire/messages.ts";
import { openParcel, type ParcelContext, sealMessage, voiceMessage } from "#device/wire/parcel.ts";
import { Voices } from "../stage/voices.ts";
import { entry } from "./entry.ts";
import { benchInbox } from "./inbox.ts";
import { type Bench, type Measured, percentile, timed } from "./report.ts";

const LENGTHS_S = [10, 60, 120];
const RUNS = 40;
const WARM_UP_RUNS = 10;
/** What a unit may send of a sound, its container included. */
const MOST_KBIT_S = 24;
/** Half of what a call has from its offer to its ring: opening one parcel is all that it may have to wait for. */
const PARCEL_MS = 25;
const KIB = 1_024;
const SPOKEN =
  "Hello Ana, it is me. I am calling because the train is late again, and I do not think that I shall be there before " +
  "seven. Could you put the potatoes on, please, and feed the cat? The key is where it always is. See you later.";

type Pair = Readonly<{ sender: Keystore; key: DayKey; context: ParcelContext; nowMs: number }>;

export const messages = entry({
  summary: "what messages cost to seal and open, and 10,000 of them to keep, load and list",
  options: {},
  run: benchMessages,
});

/** What a message costs whoever leaves it and whoever gets it, and what many of them cost the unit that keeps them. */
async function benchMessages(): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), "porter-bench-"));
  try {
    const speech = readWav(await readFile(await new Voices(folder).say("slt", SPOKEN)));
    const pair = await makePair(folder);
    const measured: Measured[] = [];
    for (const seconds of LENGTHS_S) measured.push(...(await benchVoice(speech, seconds, pair)));
    measured.push(...(await benchText(pair)));
    measured.push(...benchInbox(folder));
    return { name: "messages", measured };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function benchVoice(speech: Int16Array, seconds: number, pair: Pair): Promise<Measured[]> {
  const samples = Int16Array.from({ length: seconds * RATE_HZ }, (_, index) => speech[index % speech.length] ?? 0);
  let sound: Uint8Array = new Uint8Array();
  const encodeMs = timed(() => {
    sound = encode(samples);
  });
  const checked = checkSound(sound, seconds * 1_000);
  if (!checked.ok) throw new Error(`what was encoded would not be played: ${checked.fault}`);
  const label = `${seconds} s of speech`;
  const kbitS = (sound.length * 8) / (seconds * 1_000);
  return [
    { what: `${label}, encoding`, value: encodeMs, unit: "ms", budget: null },
    { what: `${label}, its file`, value: sound.length / KIB, unit: "KiB", budget: null },
    { what: `${label}, its rate`, value: kbitS, unit: "kbit/s", budget: MOST_KBIT_S },
    ...(await benchParcels(label, voiceMessage(sound, checked.durationMs), sound, pair)),
  ];
}

function benchText(pair: Pair): Promise<Measured[]> {
  return benchParcels("a text", { kind: "message.text", body: { text: SPOKEN } }, null, pair);
}

async function benchParcels(
  label: string,
  message: LeftMessage,
  sound: Uint8Array | null,
  { sender, key, context, nowMs }: Pair,
): Promise<Measured[]> {
  const [sealing, opening] = [new Float64Array(RUNS), new Float64Array(RUNS)];
  const each: number[] = [];
  let [bytes, count] = [0, 0];
  for (let run = -WARM_UP_RUNS; run < RUNS; run += 1) {
    const startMs = performance.now();
    const { parcels } = await sealMessage({ sender, key, message, sound, nowMs });
    const sealedMs = performance.now();
    const times: number[] = [];
    for (const parcel of parcels) {
      const fromMs = performance.now();
      const opened = await openParcel(parcel, context);
      times.push(performance.now() - fromMs);
      if (!opened.ok) throw new Error(`a parcel does not open: ${opened.reason}`);
    }
    if (run < 0) continue;
    sealing[run] = sealedMs - startMs;
    opening[run] = times.reduce((sum, ms) => sum + ms, 0);
    each.push(...times);
    bytes = parcels.reduce((sum, parcel) => sum + parcel.length, 0);
    count = parcels.length;
  }
  const p95 = percentile(Float64Array.from(each), 95);
  const inAll = count === 1 ? "in 1 parcel" : `in ${count} parcels`;
  return [
    { what: `${label}, sealing, median`, value: percentile(sealing, 50), unit: "ms", budget: null },
    { what: `${label}, opening, median`, value: percentile(opening, 50), unit: "ms", budget: null },
    { what: `${label}, opening one parcel, p95`, value: p95, unit: "ms", budget: PARCEL_MS, proposed: true },
    { what: `${label}, sealed ${inAll}`, value: bytes / KIB, unit: "KiB", budget: null },
  ];
}

function encode(samples: Int16Array): Uint8Array {
  using encoder = new OpusEncoder();
  const bytes: Uint8Array[] = [];
  for (let at = 0; at < samples.length; at += RATE_HZ / 10) {
    bytes.push(encoder.write(samples.subarray(at, at + RATE_HZ / 10)));
  }
  return new Uint8Array(Buffer.concat([...bytes, encoder.finish()]));
}

/** Two units' keys, and a key of today that one of them published. */
async function makePair(folder: string): Promise<Pair> {
  const nowMs = Date.now();
  const [sender, receiver] = await Promise.all(["sender", "receiver"].map((name) => keysIn(join(folder, name), nowMs)));
  if (!sender || !receiver) throw new Error("there are no keys");
  const made = await makeBatch(receiver, dayOf(nowMs));
  const certified = verifyCertificate(receiver.certificate, nowMs);
  const [signed] = parseCbor(Batch, made.bytes)?.keys ?? [];
  const key = signed && certified.ok && verifyDayKey(signed, certified.certificate, made.day);
  if (!key) throw new Error("there is no key of today");
  const secretOf: ParcelContext["secretOf"] = (keyId) => {
    const secret = made.secrets.find(({ id }) => id === keyId);
    return secret ? { account: receiver.account, day: made.day, seed: secret.seed, hash: secret.hash } : null;
  };
  const context = { sender: sender.account, secretOf, nowMs, highestSeq: () => undefined };
  return { sender, key, context, nowMs };
}

async function keysIn(folder: string, nowMs: number): Promise<Keystore> {
  const keys = await openKeystore({ folder, nowMs });
  if (!keys.ok) throw new Error(keys.message);
  return keys.keystore;
}
