import { SILENCE_DBFS } from "../level.ts";
import { type Heard, SWEEPS } from "./sweep.ts";

/** `fine`, or what is wrong, in the words of an installer; `next`: what to do about it. */
export type Verdict = Readonly<{
  verdict: "fine" | "dead" | "unheard" | "clipped" | "faint" | "patchy" | "late";
  says: string;
  next: string | null;
}>;

/** Below this no voice from across the room is told from the microphone's own noise. */
const FAINT_DBFS = -55;
/** The echo canceller follows no further, and nobody can talk like this. */
const LATE_MS = 400;
const CLIPPED_DBFS = -0.01;

/** What the sweeps that came back, or did not, say of the sound. The worst comes first. */
export function judge({ sweeps, delayMs, levelDbfs, noiseDbfs, peakDbfs }: Heard): Verdict {
  if (peakDbfs <= SILENCE_DBFS)
    return {
      verdict: "dead",
      says: "The microphone gives nothing but zeros.",
      next: "Is its mute switch on, or its capture volume 0 (alsamixer, F4)? On an array, try another channel.",
    };
  if (delayMs === null || levelDbfs === null)
    return {
      verdict: "unheard",
      says: `The microphone runs (its noise is at ${noiseDbfs.toFixed(0)} dBFS) but did not hear the tones.`,
      next: 'Did you hear them? If not: is the loudspeaker on, and its volume up (alsamixer)? Is it the right card ("porter audio list")? If you did: raise the capture volume (alsamixer, F4).',
    };
  if (peakDbfs >= CLIPPED_DBFS)
    return {
      verdict: "clipped",
      says: "The microphone hears the tones, but cuts them off: it is too loud.",
      next: "Lower the capture volume (alsamixer, F4), or the loudspeaker's.",
    };
  if (sweeps < SWEEPS)
    return {
      verdict: "patchy",
      says: `Only ${sweeps} of ${SWEEPS} tones were heard well.`,
      next: "Try again where it is quiet; if it stays so, sound is lost on the way: take the card itself, not a sound server.",
    };
  if (delayMs > LATE_MS)
    return {
      verdict: "late",
      says: `The tones come back only after ${delayMs.toFixed(0)} ms: the echo cannot be taken out of calls.`,
      next: 'Take the card itself in place of a sound server ("porter audio list" shows its name).',
    };
  if (levelDbfs < FAINT_DBFS)
    return {
      verdict: "faint",
      says: `The tones are faint at the microphone (${levelDbfs.toFixed(0)} dBFS).`,
      next: "Raise the loudspeaker's volume, or the capture volume (alsamixer, F4).",
    };
  return { verdict: "fine", says: "Sound works: what the loudspeaker plays, the microphone hears.", next: null };
}
