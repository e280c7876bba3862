/** The rate of everything between microphone and loudspeaker, in Hz. */
export const RATE_HZ = 16_000;
/** Samples in one frame: 10 ms at 16 kHz. */
export const FRAME_SAMPLES = 160;
/** How long one frame lasts, in milliseconds. */
export const FRAME_MS = 10;

/**
 * 10 ms of mono PCM at 16 kHz: 160 samples, signed 16 bit (±32767).
 * The producer owns the buffer: it is valid only during the call it is passed to.
 */
export type Frame16k = Int16Array;
