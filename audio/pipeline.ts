import type { Ears } from "./ears.ts";
import type { EchoCanceller } from "./engines.ts";
import { FRAME_MS, FRAME_SAMPLES, type Frame16k } from "./frame.ts";
import { gainOfDb } from "./level.ts";
import type { MessagePlayer } from "./message-player.ts";
import type { MessageRecorder } from "./message-recorder.ts";
import { type Channel, Mixer, type Source } from "./mixer.ts";
import type { PlayedWake } from "./played-wake.ts";
import { type OnlyThis, PLAIN_VOLUME, type ToneName } from "./protocol-words.ts";
import type { Speech } from "./speech.ts";
import type { TakeRecorder } from "./take-recorder.ts";
import { TonePlayer } from "./tone-player.ts";
import type { Tone } from "./tones.ts";
import type { Uplink } from "./uplink.ts";

/** The other end of a call: a source of the mixer that also takes what the microphone hears. */
export interface FarEnd extends Source {
  /** Whether anybody may be listening. */
  readonly present: boolean;
  /** Called each 10 ms: what the microphone hears, cleaned and polished (copied), or null for silence. */
  send(frame: Frame16k | null): void;
}

/** What goes on is lowered by so much while a command is spoken. */
const DUCKED = gainOfDb(-20);
/** Between two steps of the volume. */
const STEP_DB = 3;
/** The ring steps back so far while the unit says who calls. */
const UNDER_SPEECH = gainOfDb(-18);
/** What was paused comes back only after the brain had time to act on the command. */
const RETURN_AFTER_MS = 300;
/** The chirp waits so long for a command: whoever speaks on in one breath is not talked over. */
const CHIRP_AFTER_MS = 450;

/** What ends by itself. */
const ONCE = ["chirp", "record", "sorry", "ended", "click", "done", "refused"] as const;

type PipelineOptions = Readonly<{
  /** Null only in controls that show the room without it. */
  echo: EchoCanceller | null;
  /** Null there too: the far end hears what the ears hear. */
  uplink: Uplink | null;
  /** Null only in tests of something else: then the ears hear nothing but what no echo is left in. */
  played: PlayedWake | null;
  ears: Ears;
  speech: Speech;
  tones: Readonly<Record<ToneName, Tone>>;
  farEnd: FarEnd;
  recorder: MessageRecorder;
  taker: TakeRecorder;
  player: MessagePlayer;
}>;

/**
 * The path of a 10 ms frame. All of it is plain calls on one thread; nothing waits, nothing is allocated.
 *
 *     microphone ─► muted? ─► echo canceller ─┬─► ears: wake word, then voice detector and recogniser
 *                                             ├─► recorder: a message that the owner speaks, or a word they teach
 *                                             └─► uplink: without noise, at an even level
 *                                                 └─► far end (silence while a command or a message is spoken)
 *     loudspeaker ◄─ mixer ◄─ tones, speech, messages, far end (quiet while a command is spoken)
 */
export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #mixer = new Mixer();
  readonly #tones: Readonly<Record<ToneName, TonePlayer>>;
  /** What calls for attention: paused while a command is spoken. */
  readonly #rings: readonly Channel[];
  readonly #speech: Channel;
  readonly #farEnd: Channel;
  /** What the loudspeaker plays during the 10 ms in which the next microphone frame is taken. */
  readonly #playing = new Int16Array(FRAME_SAMPLES);
  #muted = false;
  #uplinkCut = false;
  /** To listen without a wake word once nothing is being said. */
  #listenNext: Readonly<{ patienceMs: number; only: OnlyThis | null }> | null = null;
  #msSinceAttentive = RETURN_AFTER_MS;
  /** Until the chirp, where one was asked for. */
  #chirpInMs: number | null = null;

  constructor(options: PipelineOptions) {
    this.#options = options;
    const { tones, speech, farEnd, player } = options;
    this.#tones = {
      ring: new TonePlayer(tones.ring),
      "ring-back": new TonePlayer(tones["ring-back"]),
      chirp: new TonePlayer(tones.chirp),
      record: new TonePlayer(tones.record),
      sorry: new TonePlayer(tones.sorry),
      ended: new TonePlayer(tones.ended),
      click: new TonePlayer(tones.click),
      done: new TonePlayer(tones.done),
      refused: new TonePlayer(tones.refused),
    };
    this.#rings = [this.#mixer.add(this.#tones.ring), this.#mixer.add(this.#tones["ring-back"])];
    for (const name of ONCE) this.#mixer.add(this.#tones[name]);
    this.#speech = this.#mixer.add(speech);
    this.#mixer.add(player);
    this.#farEnd = this.#mixer.add(farEnd);
  }

  /** 10 ms of the microphone in, the next 10 ms of the loudspeaker out. Budget 5 ms. */
  tick(microphone: Frame16k, playback: Frame16k): void {
    this.#take(microphone);
    this.#attend();
    this.#mixer.mix(playback);
    this.#playing.set(playback);
  }

  #take(microphone: Frame16k): void {
    const { echo, played, ears, farEnd, recorder, taker } = this.#options;
    played?.hear(this.#playing);
    if (this.#muted) {
      microphone.fill(0);
      farEnd.send(null);
      return;
    }
    const clean = echo === null ? microphone : echo.clean(microphone, this.#playing);
    const heard = (played && echo?.unsuppressed) ?? clean;
    if (taker.active) taker.hear(heard);
    else ears.hear(heard);
    recorder.hear(clean);
    if (farEnd.present) farEnd.send(ears.alert || this.#recording || this.#uplinkCut ? null : this.#polish(clean));
  }

  #polish(clean: Frame16k): Frame16k {
    return this.#options.uplink?.polish(clean) ?? clean;
  }

  /** Lets what is heard now decide how loud everything else is. */
  #attend(): void {
    const { ears, speech, recorder, taker, player } = this.#options;
    if (this.#listenNext !== null && !speech.busy && !this.#recording && !player.audible) {
      ears.listen(this.#listenNext.patienceMs, this.#listenNext.only);
      this.#listenNext = null;
    }
    this.#invite();
    const { attentive } = ears;
    const free = !attentive && !speech.busy && this.#listenNext === null;
    player.attend(free && !this.#recording);
    recorder.attend(free && !taker.active && !player.audible);
    taker.attend(free && !recorder.active && !player.audible);
    speech.hold(attentive || this.#recording || player.audible);
    this.#msSinceAttentive = attentive ? 0 : this.#msSinceAttentive + FRAME_MS;
    const quiet = this.#msSinceAttentive < RETURN_AFTER_MS;
    const ringGain = speech.audible ? UNDER_SPEECH : 1;
    for (const ring of this.#rings) ring.gain = quiet ? 0 : ringGain;
    this.#farEnd.gain = quiet ? DUCKED : 1;
    this.#speech.gain = attentive ? DUCKED : 1;
  }

  #invite(): void {
    if (this.#chirpInMs === null) return;
    const { ears } = this.#options;
    this.#chirpInMs -= FRAME_MS;
    if (!ears.attentive || ears.spokenTo) this.#chirpInMs = null;
    else if (this.#chirpInMs <= 0) {
      this.#chirpInMs = null;
      this.#tones.chirp.start();
    }
  }

  /** The wake word was heard: whatever the unit was saying, it stops and listens. */
  woken(): void {
    const { speech, recorder, taker, player } = this.#options;
    this.#listenNext = null;
    recorder.woken();
    taker.stop("interrupted");
    player.stop();
    speech.hold(true);
    speech.hush();
  }

  /** Listens for one command without a wake word as soon as what is being said is over. */
  listen(patienceMs: number, only: OnlyThis | null = null): void {
    this.#listenNext = { patienceMs, only };
  }

  /** `volume`: 1 to 10. `waitMs`: so much silence ends what is said. */
  setVoice(volume: number, waitMs: number): void {
    this.#mixer.gain = gainOfDb((volume - PLAIN_VOLUME) * STEP_DB);
    this.#options.ears.setWait(waitMs);
  }

  stopListening(): void {
    this.#listenNext = null;
    this.#options.ears.stopListening();
  }

  /** While muted no frame of the microphone is looked at or sent, and what was heard before is forgotten. */
  setMute(engaged: boolean): void {
    if (engaged === this.#muted) return;
    this.#muted = engaged;
    if (engaged) this.#options.recorder.deafen();
    if (engaged) this.#options.taker.stop("deaf");
    if (engaged) this.#options.player.stop();
    this.#options.ears.setDeaf(engaged);
  }

  /** A chirp invites whoever pauses after the wake word; it is not for those who go on speaking. */
  startTone(name: ToneName): void {
    if (name === "chirp") this.#chirpInMs = CHIRP_AFTER_MS;
    else this.#tones[name].start();
    if (name === "ring") this.#options.player.stop();
    if (name === "ring" || name === "ring-back") this.#options.taker.stop("interrupted");
  }

  isPlaying(name: ToneName): boolean {
    return this.#tones[name].playing;
  }

  stopTone(name: ToneName): void {
    this.#tones[name].stop();
  }

  say(id: number, text: string): void {
    this.#options.speech.say(id, text);
  }

  /** Records once nothing is being said or played; while muted there is nothing to record. */
  record(id: string, maxMs: number): void {
    this.#options.recorder.record(id, maxMs);
    if (this.#muted) this.#options.recorder.deafen();
  }

  /** The same for one word that is taught. */
  take(id: string): void {
    this.#options.taker.take(id);
    if (this.#muted) this.#options.taker.stop("deaf");
  }

  get #recording(): boolean {
    return this.#options.recorder.active || this.#options.taker.active;
  }

  /** Silences tones, speech and messages within 10 ms; a call goes on. */
  hush(): void {
    for (const tone of Object.values(this.#tones)) tone.stop();
    this.#options.player.stop();
    this.#options.taker.stop("interrupted");
    this.#options.speech.hush();
  }

  /** A control for tests that claim to hear the far end. */
  cutUplink(cut: boolean): void {
    this.#uplinkCut = cut;
  }
}
