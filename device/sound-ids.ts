/** Under these names the audio process knows what it plays for us. */
export function messageSoundId(turn: number): string {
  return `message-${turn}`;
}

export function draftSoundId(turn: number): string {
  return `playback-${turn}`;
}

/** Of the last sentence of a text; other sentences have numbers above zero. */
export function textId(turn: number): number {
  return -turn;
}
