import { flushCompileCache } from "node:module";
import * as v from "valibot";
import { systemClock } from "#base/clock.ts";
import { openLog } from "#base/log.ts";
import { Sweep } from "#base/sweep.ts";
import { AudioError } from "./audio-error.ts";
import { obey, troubleOf } from "./commands.ts";
import { Ears } from "./ears.ts";
import { CodecThread } from "./engines/codec-thread.ts";
import { openEcho, openNoiseSuppressor } from "./engines/echo-choice.ts";
import { CommandRecogniser } from "./engines/recogniser.ts";
import { PRE_ROLL_MS } from "./engines/spoken-grammar.ts";
import { EspeakSynthesiser } from "./engines/tts-espeak.ts";
import { SileroVoice } from "./engines/vad-silero.ts";
import { EmbeddingWake, WAKE_DOUBTS, WAKE_HEADS } from "./engines/wake-embedding.ts";
import { decodeWakeHead } from "./engines/wake-head.ts";
import { NoWake } from "./engines/wake-none.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { SoundDevice, Tick } from "./io/io.ts";
import { openSound } from "./io/open.ts";
import { Room } from "./io/room.ts";
import { SteadyDevice } from "./io/steady.ts";
import { MessagePlayer } from "./message-player.ts";
import { MessageRecorder } from "./message-recorder.ts";
import { Legs } from "./peer/legs.ts";
import { loadWrtc } from "./peer/wrtc.ts";
import { Pipeline } from "./pipeline.ts";
import { PlayedWake } from "./played-wake.ts";
import { AudioConfig, Command, type Report, type SoundConfig } from "./protocol.ts";
import { Speech } from "./speech.ts";
import { TakeRecorder } from "./take-recorder.ts";
import { makeTones } from "./tones.ts";
import { PolishedUplink } from "./uplink.ts";

/**
 * The ears and mouth as a process of their own: started by the brain with an AudioConfig (JSON) as its only argument,
 * spoken to over Node IPC (protocol.ts). It ends when the brain tells it to, or dies.
 */

/** The first leg should not wait for the library to load, nor should listening. */
const LOAD_WRTC_AFTER_MS = 300;
/** What is not cleaned up by then never will be. */
const LEAVE_MS = 1_000;

const clock = systemClock;
const log = openLog("audio");

const config = readConfig(process.argv[2]);
await using stack = new AsyncDisposableStack();
let leaving = false;
const toldToOpen = process.argv[3] === "spare" ? untilOpened() : Promise.resolve();

process.on("disconnect", leave);
process.on("SIGTERM", leave);
// Ctrl-C in a terminal reaches every process of the group; the brain decides when this one ends.
process.on("SIGINT", () => undefined);

try {
  await start();
} catch (cause) {
  const error = cause instanceof AudioError ? cause : new AudioError("engine-failed", "the start failed", {}, cause);
  log.error({ code: error.code, details: error.details }, error.message);
  report(troubleOf(error));
  leave(1);
}
// Only `leave` ends this process: see wrtc.ts for why.
await new Promise(() => undefined);

async function start(): Promise<void> {
  const onTrouble = (error: AudioError): void => {
    log.warn({ code: error.code }, error.message);
    report(troubleOf(error));
  };
  const wakeOptions = {
    onTrouble,
    onSilent: giveUp,
    head: config.wakeHead ?? WAKE_HEADS[config.wakeWord === false ? "computer" : config.wakeWord],
    doubt: config.wakeHead === undefined && config.wakeWord !== false ? WAKE_DOUBTS[config.wakeWord] : null,
  };
  const [wake, voice, recogniser] = await Promise.all([
    config.wakeWord === false ? new NoWake() : EmbeddingWake.open({ ...wakeOptions, level: config.wakeSensitivity }),
    SileroVoice.open({ onTrouble, onSilent: giveUp }),
    CommandRecogniser.open(giveUp),
  ]);
  for (const engine of [wake, voice, recogniser]) stack.use(engine);
  const synthesiser = stack.use(new EspeakSynthesiser());
  const echo = stack.use(openEcho(config.echoCanceller));
  const noise = stack.use(openNoiseSuppressor(config.echoCanceller));
  const uplink = noise === null ? null : new PolishedUplink(noise);

  const legs = new Legs({ clock, loadWrtc, report, srtpOnly: !config.soundChannel });
  stack.defer(() => legs.leave());
  const speech = new Speech({ synthesiser, onSaid: (id) => report({ type: "said", id }), onFailure: onTrouble });
  if (config.wakeWord !== false) recogniser.setWakeWord(config.wakeWord);
  const search = wake.search();
  const played = new PlayedWake(search);
  const setWake = (word: string, head: string): void => {
    if (config.wakeWord === false) throw new AudioError("bad-command", "no wake word is listened for");
    const decoded = decodeWakeHead(Buffer.from(head, "base64"));
    for (const listener of [wake, search]) listener.useHead(decoded);
    recogniser.setWakeWord(word);
  };
  const ears = new Ears({
    clock,
    isPlayed: () => played.saidLately(),
    isPlaying: () => played.lately,
    wake,
    voice,
    recogniser,
    preRollMs: PRE_ROLL_MS,
    onWake: (score) => {
      report({ type: "wake", score, atMs: clock.nowMs() });
      pipeline.woken();
    },
    onHeard: (heard) => report({ type: "heard", ...heard }),
    onFailure: onTrouble,
  });
  const codec = stack.use(new CodecThread(giveUp));
  const recorder = new MessageRecorder({
    codec,
    voice,
    startTone: () => pipeline.startTone("record"),
    toneOver: () => !pipeline.isPlaying("record"),
    onPart: (id, part) => report({ type: "recording-part", id, ...part }),
    onRecorded: (id, durationMs, why) => report({ type: "recorded", id, durationMs, why }),
    onFailure: onTrouble,
  });
  const taker = new TakeRecorder({
    startTone: () => pipeline.startTone("record"),
    toneOver: () => !pipeline.isPlaying("record"),
    onTaken: (id, why, samples) => report({ type: "taken", id, why, sound: bytesOf(samples).toString("base64") }),
  });
  const player = new MessagePlayer({
    codec,
    onPlayed: (id, how) => report({ type: "played", id, how }),
    onFailure: onTrouble,
  });
  const pipeline = new Pipeline({
    echo,
    uplink,
    played,
    ears,
    speech,
    tones: makeTones(config.earcons),
    farEnd: legs,
    recorder,
    taker,
    player,
  });

  const { io } = config;
  const room = io.type === "room" ? new Room({ ...io, clock }) : null;
  const device = stack.use(room ?? openSteadily(io));
  await toldToOpen;
  const heartbeat = stack.use(new Heartbeat({ clock, send: report }));
  const tick: Tick = (microphone, playback) => {
    pipeline.tick(microphone, playback);
    heartbeat.tick();
  };
  // Deaf until the brain has said how the mute switch stands.
  pipeline.setMute(true);
  await device.start(tick, giveUp);

  const isQuiet = (): boolean =>
    !legs.open && !ears.attentive && !speech.busy && !player.audible && !recorder.active && !taker.active;
  const sweep = stack.use(new Sweep({ clock, isQuiet, collect: () => globalThis.gc?.() }));
  process.on("message", (message: unknown) => {
    const parsed = v.safeParse(Command, message);
    if (!parsed.success) {
      onTrouble(new AudioError("bad-command", `a command makes no sense at: ${placesOf(parsed.issues)}`));
      return;
    }
    if (parsed.output.type === "close-leg") sweep.later();
    const parts = { pipeline, recorder, player, legs, recogniser, synthesiser, room, report, setWake, leave };
    obey(parsed.output, parts).catch((cause: unknown) => {
      onTrouble(cause instanceof AudioError ? cause : new AudioError("engine-failed", "a command failed", {}, cause));
    });
  });
  flushCompileCache();
  report({ type: "ready" });
  log.info({ upMs: Math.round(performance.now()) }, "listening");
  clock.after(LOAD_WRTC_AFTER_MS, () => {
    loadWrtc().catch((cause: unknown) => onTrouble(new AudioError("engine-missing", "WebRTC is missing", {}, cause)));
  });
}

function bytesOf(samples: Int16Array): Buffer {
  return Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
}

/** A card may be unplugged, and come back. */
function openSteadily(io: SoundConfig): SoundDevice {
  return new SteadyDevice({
    clock,
    open: () => openSound(io, clock),
    onLost: (error) => {
      log.error({ code: error.code }, error.message);
      report({ type: "sound", lost: error.message.slice(0, 1_000) });
    },
    onBack: () => {
      log.info("the sound card runs again");
      report({ type: "sound", lost: null });
    },
  });
}

/** Without this part nothing works, and it does not come back: the brain starts a process anew. */
function giveUp(error: AudioError): void {
  if (leaving) return;
  log.error({ code: error.code }, error.message);
  report(troubleOf(error));
  leave(error.code === "engine-hangs" ? "hung" : 1);
}

function report(message: Report, written: () => void = () => undefined): void {
  // A brain that has just died is told of by `disconnect`.
  if (process.connected) process.send?.(message, undefined, undefined, written);
}

/** A spare process loads while another one still has the microphone. */
async function untilOpened(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const listener = (message: unknown): void => {
    if (v.is(Command, message) && message.type === "open") resolve();
    else if (v.is(Command, message) && message.type === "exit") leave();
  };
  process.on("message", listener);
  await promise;
  process.off("message", listener);
}

function leave(code: unknown = 0): void {
  if (leaving) return;
  leaving = true;
  const exitCode = code === 1 ? 1 : 0;
  log.info({ exitCode }, "leaving");
  // A thread that waits inside a library would keep even `process.exit` from ending.
  const kill = (): void => void process.kill(process.pid, "SIGKILL");
  const end = code === "hung" ? kill : (): void => process.exit(exitCode);
  clock.after(LEAVE_MS, kill);
  stack.disposeAsync().then(end, end);
}

/** Where a message is malformed, never what stood there: that may be the owner's. */
function placesOf(issues: readonly v.BaseIssue<unknown>[]): string {
  return issues.map((issue) => v.getDotPath(issue) ?? "its form").join(", ");
}

function readConfig(argument: string | undefined): AudioConfig {
  try {
    return v.parse(AudioConfig, JSON.parse(argument ?? ""));
  } catch (cause) {
    const reason = v.isValiError(cause) ? v.summarize(cause.issues) : "it is not JSON";
    process.stderr.write(`The audio process needs its config as one JSON argument: ${reason}\n`);
    process.exit(2);
  }
}
