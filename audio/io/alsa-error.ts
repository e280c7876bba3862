import { AudioError, type AudioErrorCode } from "../audio-error.ts";
import { alsaLibrary, type Direction } from "./alsa-library.ts";

/** What libasound answers with, negated (`errno.h`; the same on x86-64 and arm64). */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EIO: 5,
  ENXIO: 6,
  EAGAIN: 11,
  EACCES: 13,
  EBUSY: 16,
  ENODEV: 19,
  /** The microphone's buffer ran over, or the loudspeaker's ran dry. */
  EPIPE: 32,
  /** The card was suspended. */
  ESTRPIPE: 86,
  ETIMEDOUT: 110,
  EBADFD: 77,
  ECONNREFUSED: 111,
} as const;

/** What lies at the end of a PCM, as people call it. */
export function thingOf(direction: Direction): string {
  return direction === "capture" ? "microphone" : "loudspeaker";
}

/** A negative answer of libasound as what is wrong and what to do next. `name`: the PCM, as it was asked for. */
export function alsaError(answer: number, direction: Direction, name: string): AudioError {
  const { code, why } = judge(-answer, name);
  const message = `the ${thingOf(direction)} (${name}) ${why}`;
  return new AudioError(code, message, { name, direction, errno: -answer });
}

function judge(errno: number, name: string): { code: AudioErrorCode; why: string } {
  switch (errno) {
    case ERRNO.ENOENT:
    case ERRNO.ENODEV:
    case ERRNO.ENXIO:
      return {
        code: "device-missing",
        why: 'is not there: is it plugged in? "porter audio list" shows what is',
      };
    case ERRNO.EIO:
    case ERRNO.EBADFD:
      return { code: "device-missing", why: "is gone: it was unplugged, or its sound server ended" };
    case ERRNO.ECONNREFUSED:
      return {
        code: "device-missing",
        why: 'is behind a sound server that does not answer: start it, or name a card ("porter audio list" shows them)',
      };
    case ERRNO.EBUSY:
      return {
        code: "device-busy",
        why: `is in use by another program: "fuser -v /dev/snd/*" shows which; end it, or name another device than ${name}`,
      };
    case ERRNO.ETIMEDOUT:
      return {
        code: "device-stuck",
        why: "gives no sign of life: plug it in anew, or restart its sound server",
      };
    case ERRNO.EACCES:
    case ERRNO.EPERM:
      return {
        code: "no-permission",
        why: 'may not be opened by this user: add them to the group "audio" (usermod -aG audio USER), and log in again',
      };
    default:
      return { code: "device-failed", why: `failed: ${alsaLibrary().errorText(-errno) ?? `error ${errno}`}` };
  }
}
