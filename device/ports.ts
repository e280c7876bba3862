import type { Command } from "#audio/protocol.ts";
import type { Clock } from "#base/clock.ts";
import type { Log } from "#base/log.ts";
import type { Lights } from "#hal/hal.ts";
import type { TimelineLine } from "./control/requests.ts";
import type { Event } from "./events.ts";
import type { Link } from "./link/link.ts";
import type { BookStore } from "./store/book.ts";
import type { CallList } from "./store/calls.ts";
import type { DayKeyStore } from "./store/day-keys.ts";
import type { InboxStore } from "./store/inbox.ts";
import type { Journal } from "./store/journal.ts";
import type { Outbox } from "./store/outbox.ts";
import type { PinStore } from "./store/pin.ts";
import type { ReplayStore } from "./store/replay.ts";
import type { Untold } from "./store/untold.ts";
import type { VoiceSettings } from "./voice/states.ts";
import type { Sealer } from "./wire/envelope.ts";

/** What the unit keeps. One of them missing means that none can be trusted: then all are null and nobody gets in. */
export type Stores = Readonly<{
  book: BookStore;
  journal: Journal;
  calls: CallList;
  replay: ReplayStore;
  dayKeys: DayKeyStore;
  inbox: InboxStore;
  outbox: Outbox;
  untold: Untold;
}>;

/** What one owner has for themselves. */
export type OwnPorts = Readonly<{
  /** What the unit calls them; null where there is nobody to be told from. */
  name?: string | null;
  /** Null where the unit has no keys or no book of theirs: then nothing is sent. */
  network: Readonly<{ link: Link; keystore: Sealer }> | null;
  stores: Stores | null;
  /** Left out where nothing is loosened by voice. */
  pin?: PinStore;
}>;

/** All that effects for one owner act upon. Fakes stand in for each of them in tests. */
export type Ports = OwnPorts &
  Readonly<{
    clock: Clock;
    log: Log;
    /** The audio process; commands are dropped while it is down, but those that are to be kept. */
    ears: { send(command: Command, keep?: boolean): void };
    lights: Lights;
    /** How long we ring back before nobody answered. */
    ringBackMs: number;
    /** So that it is the same after the next start. Never throws. */
    keepVoice?: (voice: VoiceSettings) => void;
    /** What a rig sees of this unit as it happens. */
    tell(line: TimelineLine): void;
    dispatch(event: Event): void;
  }>;
