import { GROUP, RC } from "./packet.ts";
import { type Answer, type Command, refuse, withBody } from "./server.ts";
import {
  UNIT_COMMAND as ID,
  type Identity,
  type Inputs,
  Lights,
  type Network,
  Provision,
  type Sound,
  type Status,
} from "./unit-messages.ts";

/** A code of `mcumgr_err_t` and what to do next. */
export type UnitRefused = Readonly<{ ok: false; rc: number; rsn: string }>;

/** What a unit does for whoever holds its serial line; who may is not its concern. */
export interface Workbench {
  status(): Status;
  /** Null while the keys cannot be read. */
  identity(): Identity | null;
  /** Durable when it returns; the unit runs with it from then on. */
  provision(settings: Provision): Readonly<{ ok: true }> | UnitRefused;
  /** Durable when it returns. */
  handOver(): Readonly<{ ok: true }> | UnitRefused;
  /** Durable when it returns; `restart` makes it happen. */
  askForReset(): Readonly<{ ok: true }> | UnitRefused;
  lights(asked: Lights): Readonly<{ ok: true }> | UnitRefused;
  inputs(): Inputs | null;
  sound(): Promise<Readonly<{ ok: true; sound: Sound }> | UnitRefused>;
  network(): Promise<Network | null>;
  restart(): void;
}

/** The group of the unit's own: provisioning, checks, handover, factory reset. */
export function unitGroup(unit: Workbench): Command[] {
  const group = GROUP.unit;
  const done = (result: Readonly<{ ok: true }> | UnitRefused): Answer => (result.ok ? DONE : result);
  return [
    { group, id: ID.status, op: "read", need: "open", run: () => ({ ok: true, body: unit.status() }) },
    { group, id: ID.identity, op: "read", need: "owner", run: () => told(unit.identity(), "its keys cannot be read") },
    {
      group,
      id: ID.provision,
      op: "write",
      need: "installer",
      run: (body) => withBody(Provision, body, (settings) => done(unit.provision(settings))),
    },
    { group, id: ID.handover, op: "write", need: "installer", run: () => done(unit.handOver()) },
    {
      group,
      id: ID.reset,
      op: "write",
      need: "owner",
      run: () => {
        const result = unit.askForReset();
        return result.ok ? { ok: true, body: {}, after: () => unit.restart() } : result;
      },
    },
    {
      group,
      id: ID.lights,
      op: "write",
      need: "installer",
      run: (body) => withBody(Lights, body, (asked) => done(unit.lights(asked))),
    },
    { group, id: ID.inputs, op: "read", need: "installer", run: () => told(unit.inputs(), "its board is not open") },
    {
      group,
      id: ID.sound,
      op: "write",
      need: "installer",
      run: async () => {
        const result = await unit.sound();
        return result.ok ? { ok: true, body: result.sound } : result;
      },
    },
    {
      group,
      id: ID.network,
      op: "write",
      need: "installer",
      run: async () => told(await unit.network(), "it has no hub yet: provision it first"),
    },
  ];
}

const DONE: Answer = { ok: true, body: {} };

function told(body: Identity | Inputs | Network | null, why: string): Answer {
  return body ? { ok: true, body } : refuse(RC.badState, `the unit cannot say that now: ${why}`);
}
