import * as v from "valibot";
import { teachCommands, teachReports } from "./protocol-teach.ts";
import { doubts, OnlyThis, ToneName, voice } from "./protocol-words.ts";
import { wakeConfig } from "./wake-word.ts";

/**
 * Every message that crosses between the brain (device/) and the ears and mouth (audio/): Node IPC, one JSON object
 * each, small. Live sound never crosses; messages do, as Ogg Opus files in parts. Both sides validate what they receive.
 *
 * Until the brain sends `answer-leg`, nothing of a caller's (no SDP, no candidate, no name) has crossed.
 */

const Sdp = v.pipe(v.string(), v.maxLength(32_768));
/** SHA-256 of the remote DTLS certificate as SDP writes it: upper-case hex pairs joined by colons. */
const Fingerprint = v.pipe(v.string(), v.regex(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/));
/** Names one WebRTC leg between the two processes; the brain chooses it. */
const Leg = v.pipe(v.string(), v.minLength(1), v.maxLength(64));
const Text = v.pipe(v.string(), v.maxLength(1_000));
const Path = v.pipe(v.string(), v.maxLength(4_096));
const Pcm = v.pipe(v.string(), v.minLength(1), v.maxLength(256));
const Ms = v.pipe(v.number(), v.finite(), v.minValue(0));

/** A message lasts no longer, in milliseconds. */
export const LONGEST_MESSAGE_MS = 120_000;
/** What a message's file may weigh: 4 parcels of 180 KiB. */
export const MOST_MESSAGE_BYTES = 737_280;
/** Bytes of a file in one part; together as much Base64 as fits into 32 KiB. */
export const SOUND_PART_BYTES = 24_576;

const SoundId = v.pipe(v.string(), v.minLength(1), v.maxLength(64));
const MessageMs = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(LONGEST_MESSAGE_MS));
/** One part of a file, in order from 0; `last` on the one that completes it. */
const soundPart = {
  id: SoundId,
  index: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MOST_MESSAGE_BYTES / SOUND_PART_BYTES)),
  last: v.boolean(),
  data: v.pipe(v.string(), v.maxLength(32_768), v.base64()),
};

/** So much sound lies between two beats, in milliseconds. */
export const BEAT_EVERY_MS = 100;

/** Counts the renewals of one leg. */
const Round = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
export const IceServer = v.strictObject({ urls: v.string(), username: v.string(), credential: v.string() });
export type IceServer = v.InferOutput<typeof IceServer>;

/** Which sound of a simulated room is recorded. */
export const RoomTrack = v.picklist(["room", "loudspeaker", "microphone"]);
export type RoomTrack = v.InferOutput<typeof RoomTrack>;

/** Brain to audio. */
export const Command = v.variant("type", [
  /** The words that can be understood, as one JSGF grammar. Sent at start and whenever the book changes. */
  v.strictObject({ type: v.literal("set-grammar"), jsgf: v.pipe(v.string(), v.maxLength(4_000_000)) }),
  /** Speaks; `said` comes back with the same id when it is over or was stopped. A newer one waits its turn. */
  v.strictObject({ type: v.literal("say"), id: v.number(), text: Text }),
  /** Starts a tone. `ring` and `ring-back` repeat until stopped; the others end by themselves. */
  v.strictObject({ type: v.literal("start-tone"), tone: ToneName }),
  v.strictObject({ type: v.literal("stop-tone"), tone: ToneName }),
  /** Silences tones and speech at once (what is being said, and what waits). A leg's sound is not touched. */
  v.strictObject({ type: v.literal("hush") }),
  /**
   * Listens for one command without a wake word (an answer to a question): `heard` comes back. `only`: this once for
   * nothing but what this grammar holds, and for so much silence at its end.
   */
  v.strictObject({ type: v.literal("listen"), patienceMs: Ms, only: v.optional(v.nullable(OnlyThis), null) }),
  v.strictObject({ type: v.literal("set-voice"), ...voice }),
  /** Gives up listening; no `heard` comes back. */
  v.strictObject({ type: v.literal("stop-listening") }),
  /**
   * Records a message once nothing is being said or played: a tone, then the cleaned microphone. It ends by itself
   * (`recorded` says why), or by `stop-recording`. One at a time: a newer one ends the older one as `asked`.
   */
  v.strictObject({ type: v.literal("record"), id: SoundId, maxMs: MessageMs }),
  ...teachCommands,
  /** `keep` false: what was recorded is thrown away (`recorded` then says 0 ms). */
  v.strictObject({ type: v.literal("stop-recording"), id: SoundId, keep: v.boolean() }),
  /**
   * One part of a file to play; `durationMs` is what its sender signed for the whole of it. Plays after the last part
   * came and what is being said is over. One at a time: a newer one stops the older one. `played` comes in any case.
   */
  v.strictObject({ type: v.literal("play-part"), ...soundPart, durationMs: MessageMs }),
  v.strictObject({ type: v.literal("stop-playing"), id: SoundId }),
  /** The hardware mute switch: while engaged no frame of the microphone is looked at or sent. */
  v.strictObject({ type: v.literal("set-mute"), engaged: v.boolean() }),
  /** We call: makes a relay-only leg and its offer; `leg-offer` comes back. */
  v.strictObject({ type: v.literal("offer-leg"), leg: Leg, iceServers: v.array(IceServer) }),
  /** Our call was answered: the remote answer, and the fingerprint that stood in the signed envelope. */
  v.strictObject({ type: v.literal("complete-leg"), leg: Leg, sdp: Sdp, fingerprint: Fingerprint }),
  /** The owner accepted: the remote offer that the gate passed. `leg-answer` comes back. */
  v.strictObject({
    type: v.literal("answer-leg"),
    leg: Leg,
    sdp: Sdp,
    fingerprint: Fingerprint,
    iceServers: v.array(IceServer),
  }),
  /** Nothing comes: look for new ways through the relay. `leg-renewal` comes back where there are any. */
  v.strictObject({ type: v.literal("renew-leg"), leg: Leg, round: Round, iceServers: v.array(IceServer) }),
  /** The other end's new ways, which the gate passed. `leg-renewed` comes back where there are any of ours. */
  v.strictObject({
    type: v.literal("answer-renewal"),
    leg: Leg,
    round: Round,
    sdp: Sdp,
    fingerprint: Fingerprint,
    iceServers: v.array(IceServer),
  }),
  /** The answer to our renewal of that round, which the gate passed. */
  v.strictObject({
    type: v.literal("complete-renewal"),
    leg: Leg,
    round: Round,
    sdp: Sdp,
    fingerprint: Fingerprint,
  }),
  v.strictObject({ type: v.literal("close-leg"), leg: Leg }),
  /** To a spare one, which has loaded all that it needs and waits: opens the microphone. `ready` comes back. */
  v.strictObject({ type: v.literal("open") }),
  /** Rig only, refused where the room is not simulated: somebody in the room plays this WAV (16 kHz mono s16). */
  v.strictObject({ type: v.literal("room-play"), id: v.number(), path: Path, gainDb: v.number() }),
  /** Rig only: starts recording tracks of the room into `folder/<track>.wav`, or stops and writes them. */
  v.strictObject({ type: v.literal("room-record"), id: v.number(), folder: v.nullable(Path) }),
  /** Rig only: silences what this unit sends into its leg; a control for tests that claim to hear the far end. */
  v.strictObject({ type: v.literal("room-cut-uplink"), id: v.number(), cut: v.boolean() }),
  /** Ends the process cleanly. */
  v.strictObject({ type: v.literal("exit") }),
]);
export type Command = v.InferOutput<typeof Command>;

/** Audio to brain. Times are wall-clock milliseconds of the same machine. */
export const Report = v.variant("type", [
  /** Engines are loaded and the microphone runs. */
  v.strictObject({ type: v.literal("ready") }),
  v.strictObject({ type: v.literal("wake"), score: v.number(), atMs: Ms }),
  /** The end of one utterance. `text` null: nothing was recognised (or nobody spoke: `spoke` false). */
  v.strictObject({
    type: v.literal("heard"),
    text: v.nullable(Text),
    score: v.number(),
    spoke: v.boolean(),
    ...doubts,
    /** When the voice fell silent. */
    endOfSpeechMs: Ms,
  }),
  v.strictObject({ type: v.literal("said"), id: v.number() }),
  /** A part of what is being recorded; parts may come before it is over. */
  v.strictObject({ type: v.literal("recording-part"), ...soundPart }),
  /**
   * The recording is over and its last part was sent; 0 ms: there is nothing to keep, and what came of it counts for
   * nothing. `silence`: the voice fell silent; `stop`: the word, alone after a pause; `limit`: `maxMs`; `asked`:
   * `stop-recording`, or a newer `record`; `wake`: the wake word (`wake` was reported just before, and the unit listens);
   * `nothing`: nobody spoke; `deaf`: muted; `broken`: it could not be recorded, `trouble` says why.
   */
  v.strictObject({
    type: v.literal("recorded"),
    id: SoundId,
    durationMs: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(LONGEST_MESSAGE_MS)),
    why: v.picklist(["silence", "stop", "limit", "asked", "wake", "nothing", "deaf", "broken"]),
  }),
  /** `stopped`: by the wake word, a ring, the mute switch, `hush`, `stop-playing`; `broken`: no sound that we play. */
  v.strictObject({ type: v.literal("played"), id: SoundId, how: v.picklist(["whole", "stopped", "broken"]) }),
  ...teachReports,
  v.strictObject({ type: v.literal("leg-offer"), leg: Leg, sdp: Sdp, fingerprint: Fingerprint }),
  v.strictObject({ type: v.literal("leg-answer"), leg: Leg, sdp: Sdp, fingerprint: Fingerprint }),
  /** DTLS is up and the remote certificate is the one that was signed. */
  v.strictObject({ type: v.literal("leg-connected"), leg: Leg }),
  /** The first frame with sound of the far end was played. */
  v.strictObject({ type: v.literal("leg-sound"), leg: Leg, atMs: Ms }),
  /** No packet of the far end came for a while: the leg stays open, and may be renewed. */
  v.strictObject({ type: v.literal("leg-silent"), leg: Leg }),
  /** They come again. */
  v.strictObject({ type: v.literal("leg-alive"), leg: Leg }),
  v.strictObject({ type: v.literal("leg-renewal"), leg: Leg, round: Round, sdp: Sdp, fingerprint: Fingerprint }),
  v.strictObject({ type: v.literal("leg-renewed"), leg: Leg, round: Round, sdp: Sdp, fingerprint: Fingerprint }),
  /** The leg is gone; it is closed already. */
  v.strictObject({
    type: v.literal("leg-failed"),
    leg: Leg,
    why: v.picklist(["no-relay", "bad-sdp", "wrong-certificate", "disconnected", "internal"]),
  }),
  /** The sound card is gone, and looked for again and again (`lost`: why), or there again (null). */
  v.strictObject({ type: v.literal("sound"), lost: v.nullable(Text) }),
  /**
   * The 10 ms path runs: sent from within it, after every BEAT_EVERY_MS of sound, from `ready` on. `sounds` false: this
   * process runs, but its device gives no sound.
   */
  v.strictObject({ type: v.literal("beat"), sounds: v.boolean() }),
  /** The answer to a rig command. */
  v.strictObject({ type: v.literal("room-done"), id: v.number(), error: v.nullable(v.string()) }),
  /** Something is wrong that the owner should be told of; the process goes on. */
  v.strictObject({ type: v.literal("trouble"), code: v.string(), message: Text }),
]);
export type Report = v.InferOutput<typeof Report>;

const Side = v.pipe(v.number(), v.minValue(1.5), v.maxValue(20));
const SizeM = v.strictTuple([Side, Side, Side]);
const Along = v.pipe(v.number(), v.minValue(0.01), v.maxValue(20));
const PlaceM = v.strictTuple([Along, Along, Along]);
/** A simulated room in which sound is thrown back by the walls. Places are metres along length, width and height. */
export const Reverb = v.strictObject({
  /** The time in which sound decays by 60 dB. */
  rt60Ms: v.pipe(v.number(), v.minValue(150), v.maxValue(1_000)),
  sizeM: v.optional(SizeM, [5.2, 4.1, 2.6]),
  loudspeakerM: v.optional(PlaceM, [1.3, 0.6, 1]),
  microphoneM: v.optional(PlaceM, [1.3, 0.66, 1.08]),
  /** Where people speak: 2.2 m from the unit. */
  talkerM: v.optional(PlaceM, [2.9, 2.1, 1.5]),
});
export type Reverb = v.InferOutput<typeof Reverb>;

/** What a simulated room's loudspeaker does to sound, unknown to the echo canceller. */
export const Loudspeaker = v.strictObject({
  /** Second and third harmonic of a sine with a peak of `thdAtDbfs`, together; what is louder is clipped softly. */
  thdPercent: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(10)), 0),
  thdAtDbfs: v.optional(v.pipe(v.number(), v.minValue(-40), v.maxValue(0)), -6),
  /**
   * How much faster its clock runs than the microphone's, in millionths. Its buffer then adds 20 ms of delay to begin
   * with; when it ran empty 10 ms are played again, when it holds 40 ms 10 ms are left out: each 100 s or so at 100 ppm.
   */
  driftPpm: v.optional(v.pipe(v.number(), v.minValue(-1_000), v.maxValue(1_000)), 0),
  /** From then on it plays so much later (or sooner), as Bluetooth and USB devices do. */
  delayJump: v.optional(
    v.strictObject({
      atMs: v.pipe(v.number(), v.minValue(0), v.maxValue(86_400_000)),
      byMs: v.pipe(v.number(), v.minValue(-500), v.maxValue(500)),
    }),
  ),
});
export type Loudspeaker = v.InferOutput<typeof Loudspeaker>;

/**
 * What takes the loudspeaker out of the microphone, and noise out of what the far end hears. `both`: speexdsp's filter,
 * then WebRTC's canceller. `none` only in controls that show what the room sounds like without it.
 */
export const EchoEngine = v.picklist(["both", "webrtc", "speexdsp", "none"]);
export type EchoEngine = v.InferOutput<typeof EchoEngine>;

/** Where the sound comes from and goes to. */
export const SoundConfig = v.variant("type", [
  v.strictObject({
    type: v.literal("room"),
    /** Level of the loudspeaker's echo at the microphone, relative to what is played, in dB. */
    echoDb: v.optional(v.pipe(v.number(), v.maxValue(40)), -6),
    /** Delay from loudspeaker to microphone, in ms. */
    echoDelayMs: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1_000)), 8),
    /** Level of the room's own noise at the microphone, in dBFS: a quiet room, 40 dB below a voice. */
    noiseDbfs: v.optional(v.number(), -60),
    /** Without it: a few fixed reflections, and people are heard without any. */
    reverb: v.optional(Reverb),
    /** Without it: what is played is what is heard. */
    loudspeaker: v.optional(Loudspeaker),
  }),
  /** A sound card of Linux's. `porter audio list` shows what there is, and which one is taken where none is named. */
  v.strictObject({
    type: v.literal("alsa"),
    /** A PCM as ALSA names it: "hw:1", "plughw:CARD=Device,DEV=0", "default". */
    capture: v.optional(Pcm),
    playback: v.optional(Pcm),
    /** Which one of a microphone array is listened to, from 0. */
    channel: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(31))),
    /** How many the array has; only needed where the device does not say. */
    channels: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(32))),
  }),
  /** A laptop's default devices, Linux or not; coarse: for trying things out, not for calls that should last. */
  v.strictObject({ type: v.literal("portable") }),
]);
export type SoundConfig = v.InferOutput<typeof SoundConfig>;

/** How the audio process is started: JSON in its first argument. With "spare" as the second it waits for `open`. */
export const AudioConfig = v.strictObject({
  /** A sound card, unless told otherwise. */
  io: v.optional(SoundConfig, { type: process.platform === "linux" ? "alsa" : "portable" }),
  echoCanceller: v.optional(EchoEngine, "both"),
  /** Whether a call's sound goes by a data channel where the other unit has one as well; false: by SRTP alone. */
  soundChannel: v.optional(v.boolean(), true),
  ...wakeConfig,
  /** The short sounds that say "I listen", "done" and "refused", and that a press of a PIN counted. */
  earcons: v.optional(v.boolean(), true),
  /** Where another wake head lies; controls pass a zeroed one. */
  wakeHead: v.optional(v.string()),
  /** The process gets fewer rights than the brain has; unless told, where the room is not simulated. */
  confined: v.optional(v.boolean()),
});
export type AudioConfig = v.InferOutput<typeof AudioConfig>;

/** What `porter audio` asks of audio/check/main.ts: JSON in its first argument. */
export const SoundCheck = v.variant("do", [
  v.strictObject({ do: v.literal("list"), json: v.boolean() }),
  v.strictObject({ do: v.literal("test"), io: SoundConfig, json: v.boolean() }),
  /** `seconds` null: until it is ended. */
  v.strictObject({ do: v.literal("level"), io: SoundConfig, json: v.boolean(), seconds: v.nullable(v.number()) }),
]);
export type SoundCheck = v.InferOutput<typeof SoundCheck>;
/** How audio/check/main.ts ends: 1 the sound does not work, 4 somebody else has the card. */
export const CHECK_EXIT = { failed: 1, busy: 4 } as const;
