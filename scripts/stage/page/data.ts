import type { TimelineLine } from "#device/control/requests.ts";

export type PageRecording = Readonly<{
  /** When it began: wall clock. */
  startedMs: number;
  /** What people said in the room: 16 kHz mono s16. */
  people: Int16Array;
  /** What the loudspeaker played: 16 kHz mono s16. */
  loudspeaker: Int16Array;
  /** The sound of the room, as a path from the page. */
  wav: string;
}>;

export type PageHome = Readonly<{
  name: string;
  recordings: readonly PageRecording[];
  lights: readonly Readonly<{ scene: string; atMs: number }>[];
  timeline: readonly TimelineLine[];
}>;

/** `atMs`: wall clock; `ms`: how long it took. */
export type PageStep = Readonly<{ name: string; ok: boolean; atMs: number; ms: number; detail: string }>;

export type PageFigure = Readonly<{ what: string; measured: string; budget: string; ok: boolean }>;

/** `unplugged`: whether a blocked caller could tell it from calling a unit that is switched off, in a sentence. */
export type PageData = Readonly<{
  ok: boolean;
  startedMs: number;
  endedMs: number;
  steps: readonly PageStep[];
  homes: readonly PageHome[];
  figures: readonly PageFigure[];
  unplugged: string;
}>;
