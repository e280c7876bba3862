import type { KoffiFunc, LibraryHandle } from "koffi";
import { loadLibrary } from "../engines/shared-library.ts";

/** A native pointer; koffi's own type. */
export type Pointer = unknown;

/** `snd_pcm_stream_t`. */
export type Direction = "capture" | "playback";
export const STREAM: Readonly<Record<Direction, number>> = { playback: 0, capture: 1 };
/** `SND_PCM_NONBLOCK`: nothing waits for a device that is busy, or for sound. */
export const NONBLOCK = 1;
/** `SND_PCM_ACCESS_RW_INTERLEAVED`, `SND_PCM_FORMAT_S16_LE`. */
export const INTERLEAVED = 3;
export const S16_LE = 2;

/** Node has four threads for all such calls, and others need them too. */
const MOST_UNDER_WAY = 2;
/** "It took too long", in Linux's `errno.h`. */
const ETIMEDOUT = 110;

let bound: AlsaLibrary | null = null;
let underWay = 0;

/** libasound 1.2 (Debian: libasound2, LGPL). An AudioError `engine-missing` where it is not installed. */
export function alsaLibrary(): AlsaLibrary {
  bound ??= bind(loadLibrary("libasound.so.2", "libasound2"));
  return bound;
}

type AlsaLibrary = ReturnType<typeof bind>;
/** Whatever libasound answers with a number: 0 or a count, or a negative errno. */
type Call = KoffiFunc<(...args: unknown[]) => number>;

function bind(library: LibraryHandle) {
  const call = (signature: string): Call => library.func(signature);
  const text = (signature: string): KoffiFunc<(...args: unknown[]) => string | null> => library.func(signature);
  silence(library);
  return {
    open: slowly(call("int snd_pcm_open(_Out_ void **pcm, const char *name, int stream, int mode)")),
    // These may wait for a driver or a sound server, however the PCM was opened: never on the 10 ms path.
    applyHardware: slowly(call("int snd_pcm_hw_params(void *pcm, void *hardware)")),
    prepare: slowly(call("int snd_pcm_prepare(void *pcm)")),
    start: slowly(call("int snd_pcm_start(void *pcm)")),
    close: onThread(call("int snd_pcm_close(void *pcm)")),
    // These answer at once.
    available: call("long snd_pcm_avail_update(void *pcm)"),
    read: call("long snd_pcm_readi(void *pcm, _Out_ int16_t *samples, unsigned long frames)"),
    write: call("long snd_pcm_writei(void *pcm, const int16_t *samples, unsigned long frames)"),
    newHardware: call("int snd_pcm_hw_params_malloc(_Out_ void **hardware)"),
    freeHardware: call("void snd_pcm_hw_params_free(void *hardware)"),
    anyHardware: call("int snd_pcm_hw_params_any(void *pcm, void *hardware)"),
    allowResampling: call("int snd_pcm_hw_params_set_rate_resample(void *pcm, void *hardware, unsigned int allowed)"),
    setAccess: call("int snd_pcm_hw_params_set_access(void *pcm, void *hardware, int access)"),
    setFormat: call("int snd_pcm_hw_params_set_format(void *pcm, void *hardware, int format)"),
    leastChannels: call("int snd_pcm_hw_params_get_channels_min(void *hardware, _Out_ unsigned int *channels)"),
    mostChannels: call("int snd_pcm_hw_params_get_channels_max(void *hardware, _Out_ unsigned int *channels)"),
    testChannels: call("int snd_pcm_hw_params_test_channels(void *pcm, void *hardware, unsigned int channels)"),
    setChannels: call("int snd_pcm_hw_params_set_channels(void *pcm, void *hardware, unsigned int channels)"),
    testRate: call("int snd_pcm_hw_params_test_rate(void *pcm, void *hardware, unsigned int hz, int direction)"),
    setRate: call("int snd_pcm_hw_params_set_rate(void *pcm, void *hardware, unsigned int hz, int direction)"),
    setPeriod: call(
      "int snd_pcm_hw_params_set_period_size_near(void *pcm, void *hardware, _Inout_ unsigned long *frames, void *direction)",
    ),
    setBuffer: call(
      "int snd_pcm_hw_params_set_buffer_size_near(void *pcm, void *hardware, _Inout_ unsigned long *frames)",
    ),
    newSoftware: call("int snd_pcm_sw_params_malloc(_Out_ void **software)"),
    freeSoftware: call("void snd_pcm_sw_params_free(void *software)"),
    currentSoftware: call("int snd_pcm_sw_params_current(void *pcm, void *software)"),
    setStart: call("int snd_pcm_sw_params_set_start_threshold(void *pcm, void *software, unsigned long frames)"),
    applySoftware: call("int snd_pcm_sw_params(void *pcm, void *software)"),
    typeOf: call("int snd_pcm_type(void *pcm)"),
    typeName: text("const char *snd_pcm_type_name(int type)"),
    errorText: text("const char *snd_strerror(int code)"),
  };
}

/** On another thread, since it may wait. */
function onThread(call: Call): (...args: unknown[]) => Promise<number> {
  return (...args) =>
    new Promise((resolve, reject) => {
      underWay += 1;
      call.async(...args, (error: Error | null, answer: number) => {
        underWay -= 1;
        if (error) reject(error);
        else resolve(answer);
      });
    });
}

/** The same, but where so many calls hang that others would find no thread, it is not even tried. */
function slowly(call: Call): (...args: unknown[]) => Promise<number> {
  const start = onThread(call);
  return (...args) => (underWay < MOST_UNDER_WAY ? start(...args) : Promise.resolve(-ETIMEDOUT));
}

/**
 * libasound writes what it dislikes to standard error, a line for each try; we say it once, and what to do. A function
 * that takes nothing and does nothing stands in for its handler: a callback of ours could be called on any thread.
 */
function silence(library: LibraryHandle): void {
  const nothing: Pointer = library.symbol("snd_asoundlib_version");
  library.func("int snd_lib_error_set_handler(void *handler)")(nothing);
}
