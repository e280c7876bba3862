import type { Clock } from "#base/clock.ts";
import type { SoundConfig } from "../protocol.ts";
import { Alsa } from "./alsa.ts";
import type { SoundDevice } from "./io.ts";
import { Room } from "./room.ts";

/** The device that the config names, not started yet. What only laptops need is loaded only where it is named. */
export async function openSound(io: SoundConfig, clock: Clock): Promise<SoundDevice> {
  switch (io.type) {
    case "room":
      return new Room({ ...io, clock });
    case "alsa":
      return new Alsa({ ...io, clock });
    case "portable": {
      const { Portable } = await import("./portable.ts");
      return new Portable({ clock });
    }
  }
}
