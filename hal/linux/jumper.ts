import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import type { LinuxBoard } from "../board-file.ts";
import type { OpenGpio } from "./gpio-lines.ts";

/** A process of this unit that was killed may hold the line a moment longer, and a busy machine reads late. */
const READ_PATIENCE_MS = 8_000;

type JumperOptions = Readonly<{ clock: Clock; log: Log; openGpio: OpenGpio }>;

/**
 * The jumper that gives a unit to a test rig. Null where it is not set, cannot be read, or its light cannot be lit:
 * nobody is to take such a unit for one of their own. It counts as it was at the start: a bad contact ends nothing.
 */
export async function openJumper(
  { jumper, light }: NonNullable<LinuxBoard["bench"]>,
  { clock, log, openGpio }: JumperOptions,
): Promise<AsyncDisposable | null> {
  await using opening = new AsyncDisposableStack();
  const read = Promise.withResolvers<boolean | null>();
  const gpio = opening.use(
    await openGpio({
      clock,
      inputs: [jumper.line],
      outputs: [light.line],
      onLevel: (_, high) => {
        if (high !== null) read.resolve(high);
      },
      onFault: (fault) => {
        if (fault) log.warn({ fault: fault.message }, "the rig's jumper cannot be read");
      },
      onDropped: () => void gpio.drive([!light.activeLow]).catch(() => undefined),
    }),
  );
  opening.defer(clock.after(READ_PATIENCE_MS, () => read.resolve(null)));
  const high = await read.promise;
  const isSet = high !== null && high !== jumper.activeLow;
  if (!isSet) return null;
  const isLit = await gpio.drive([!light.activeLow]).then(
    () => true,
    (error: unknown) => {
      log.warn({ error: error instanceof Error ? error.message : String(error) }, "the rig's light cannot be lit");
      return false;
    },
  );
  if (!isLit) return null;
  opening.defer(() => gpio.drive([light.activeLow]).catch(() => undefined));
  return opening.move();
}
