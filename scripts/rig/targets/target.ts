import type { Ask } from "#device/control/client.ts";
import type { Reply, TimelineLine } from "#device/control/requests.ts";
import type { Finding } from "#device/doctor/finding.ts";
import type { TapPorts } from "#scripts/stage/tap.ts";
import type { Lacks } from "../scenario/needs.ts";

/**
 * A unit on whatever it runs, with hands at its button and switch, eyes on its lights, a voice before its microphone
 * and an ear at its loudspeaker. All times are the rig's own wall clock; sound is 16 kHz mono s16.
 */
export interface Target extends AsyncDisposable {
  /** How many times longer than a real unit it may take. */
  readonly slowness: number;
  /** The loudest, in dBFS, that the recording of its loudspeaker is while the unit plays nothing. */
  readonly quietDbfs: number;
  /** Of what `porter doctor` looks at, what it cannot have: by the finding's name, and why. */
  readonly cannotHave: Readonly<Record<string, string>>;
  /** What it told of itself, where it tells anything. */
  readonly timeline: readonly TimelineLine[];
  /** Resolves once the unit listens. */
  powerOn(): Promise<void>;
  /** At once, as if the plug were pulled. */
  cutPower(): Promise<void>;
  /** Moves the clock of the unit's machine so far from the true time. */
  setClock(aheadMs: number): Promise<void>;
  /** By the unit's control socket; a refusal throws. */
  ask<A extends Ask>(ask: A): Promise<Extract<Reply<A["do"]>, { ok: true }>["answer"]>;
  /** What `porter doctor` says, run where the unit runs. */
  doctor(): Promise<readonly Finding[]>;
  setButton(down: boolean): Promise<void>;
  setMute(engaged: boolean): Promise<void>;
  /** Since its power came on last, oldest first. */
  lights(): Promise<readonly Lit[]>;
  /** Resolves when the sound is over. */
  play(wav: string): Promise<void>;
  /** What the loudspeaker played between two moments of its present life; waits until it is known. */
  loudspeaker(fromMs: number, toMs: number): Promise<Int16Array>;
  /** All that was heard there, by its lives. */
  recordings(): Promise<readonly TargetRecording[]>;
}

/** A kind of target, ready to be made. `address`: where its units find hub and relay on this machine. */
export type TargetKind = Readonly<{ address: string; lacks: Lacks; make(options: TargetOptions): Target }>;

/** Of a target whose network leads to this machine's loopback. */
export const LOOPBACK = "127.0.0.1";

/** Digital silence. */
export const DIGITAL_DBFS = -120;

/** From then on the lights show this scene. */
export type Lit = Readonly<{ scene: string; atMs: number }>;
export type TargetRecording = Readonly<{ startedMs: number; people: Int16Array; loudspeaker: Int16Array }>;

/** What every target is told; its network leads to the ports of `wires` at the address of its kind. */
export type TargetOptions = Readonly<{
  name: string;
  /** Its own, empty. */
  folder: string;
  hubName: string;
  wires: TapPorts;
  invitation: string;
  onProgress(what: string): void;
}>;

/** Sound that was played to a target's microphone, for pictures of a room in which nothing records people. */
export function peopleTrack(
  played: readonly Readonly<{ atMs: number; samples: Int16Array }>[],
  startedMs: number,
  sampleCount: number,
): Int16Array {
  const track = new Int16Array(sampleCount);
  for (const { atMs, samples } of played) {
    const start = Math.round((atMs - startedMs) * 16);
    if (start < 0 || start >= sampleCount) continue;
    track.set(samples.subarray(0, sampleCount - start), start);
  }
  return track;
}
