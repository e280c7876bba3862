import type { AudioError } from "./audio-error.ts";
import type { MessageCodec, PlayingLine } from "./engines.ts";
import { FRAME_SAMPLES, type Frame16k } from "./frame.ts";
import type { Source } from "./mixer.ts";
import { type Pieces, takeFrame } from "./pieces.ts";
import type { Report } from "./protocol.ts";
import { PartJoiner, type SoundPart } from "./sound-parts.ts";

export type PlayedHow = Extract<Report, { type: "played" }>["how"];
type PlayerOptions = Readonly<{
  codec: MessageCodec;
  /** Once for each first part that came, whatever became of it. */
  onPlayed: (id: string, how: PlayedHow) => void;
  onFailure: (error: AudioError) => void;
}>;

/** Pieces of 100 ms that are asked for ahead of what is heard. */
const PIECES_AHEAD = 8;
/** The last part of a file that never comes is not waited for while so many frames pass: 30 s. */
const MOST_COLLECTING_FRAMES = 3_000;

type Playing = Pieces & {
  readonly id: string;
  readonly parts: PartJoiner;
  /** Null while parts still come. */
  line: PlayingLine | null;
  allMade: boolean;
  /** Something of it was heard. */
  begun: boolean;
  waited10ms: number;
};

/** Plays one message at a time. A source of the mixer: what comes from outside is decoded ahead, in another thread. */
export class MessagePlayer implements Source {
  readonly #options: PlayerOptions;
  readonly #fade = new Int16Array(FRAME_SAMPLES);
  #fading = false;
  #playing: Playing | null = null;

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  /** True from the first sound of a message to the last. */
  get audible(): boolean {
    return this.#playing?.begun === true;
  }

  /** One more part of the file. The first part of one stops what was played; others of what was stopped are dropped. */
  take(id: string, part: SoundPart, durationMs: number): void {
    if (part.index === 0) this.stop();
    const playing = part.index === 0 ? this.#collect(id) : this.#playing;
    if (playing === null || playing.id !== id || playing.line !== null) return;
    const file = playing.parts.add(part);
    if (file === "broken") this.#over(playing, "broken");
    else if (file !== null) this.#decode(playing, file, durationMs);
  }

  /** Called each 10 ms. `free`: nothing is being said, recorded or listened to. */
  attend(free: boolean): void {
    const playing = this.#playing;
    if (playing === null || playing.begun) return;
    if (playing.line === null) {
      playing.waited10ms += 1;
      if (playing.waited10ms > MOST_COLLECTING_FRAMES) this.#over(playing, "broken");
    } else if (free && (playing.pieces.length > 0 || playing.allMade)) playing.begun = true;
  }

  /** Silent within 10 ms. `id`: only if it is this one. */
  stop(id?: string): void {
    const playing = this.#playing;
    if (playing === null || (id !== undefined && playing.id !== id)) return;
    if (playing.begun) {
      take(playing, this.#fade);
      this.#fading = true;
    }
    this.#over(playing, "stopped");
  }

  read(out: Frame16k): boolean {
    if (this.#fading) {
      this.#fading = false;
      for (let index = 0; index < FRAME_SAMPLES; index += 1)
        out[index] = (this.#fade[index] ?? 0) * (1 - (index + 1) / FRAME_SAMPLES);
      return true;
    }
    const playing = this.#playing;
    if (playing === null || !playing.begun) return false;
    take(playing, out);
    if (playing.allMade && playing.pieces.length === 0) this.#over(playing, "whole");
    return true;
  }

  #collect(id: string): Playing {
    const playing: Playing = {
      id,
      parts: new PartJoiner(),
      line: null,
      pieces: [],
      next: 0,
      allMade: false,
      begun: false,
      waited10ms: 0,
    };
    this.#playing = playing;
    return playing;
  }

  #decode(playing: Playing, file: Uint8Array<ArrayBuffer>, durationMs: number): void {
    const { codec, onFailure } = this.#options;
    playing.line = codec.play(file, durationMs, {
      onPiece: (samples, last) => {
        if (samples.length > 0) playing.pieces.push(samples);
        playing.allMade = last;
      },
      onFailure: (error) => {
        if (this.#playing !== playing) return;
        onFailure(error);
        this.#over(playing, "broken");
      },
    });
    for (let piece = 0; piece < PIECES_AHEAD; piece += 1) playing.line.more();
  }

  #over(playing: Playing, how: PlayedHow): void {
    this.#playing = null;
    playing.line?.drop();
    this.#options.onPlayed(playing.id, how);
  }
}

/** Fills `out` with what comes next; each piece used up is asked for anew. */
function take(playing: Playing, out: Frame16k): void {
  const before = playing.pieces.length;
  takeFrame(playing, out);
  for (let used = before - playing.pieces.length; used > 0; used -= 1) playing.line?.more();
}
