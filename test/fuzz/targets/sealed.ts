import type { Log } from "#base/log.ts";
import { noLog } from "#base/log.ts";
import type { Event } from "#device/events.ts";
import { receiver } from "#device/receive.ts";
import { type Sealer, seal } from "#device/wire/envelope.ts";
import type { CallMessage } from "#device/wire/messages.ts";
import type { FixedUnit } from "#test/house/fixed-keys.ts";
import { ANA, BOOK, ben, CALLERS, zed } from "../cast.ts";
import { hashOf } from "../content.ts";
import { MESSAGES } from "../grammar.ts";
import { MemoryUnit } from "../memory-unit.ts";
import { mutateBytes, mutateValue } from "../mutate.ts";
import type { Random } from "../random.ts";
import { broken, type Target } from "../target.ts";
import { wildCertificate } from "./certificate.ts";
import { assertOnlyTheSigner } from "./envelope.ts";

/** What the hub delivers, through the real seal, the receiver and the whole brain with its real stores. */
export const sealed: Target = {
  name: "sealed",
  meets: ["unopened", "drop", "hold", "admit"],
  async open() {
    let unit = unitWithBook();
    let taken = 0;
    const attack = async (random: Random) => {
      taken += 1;
      if (taken % RENEWED_EVERY === 0) {
        unit[Symbol.dispose]();
        unit = unitWithBook();
      }
      return deliver(random, unit);
    };
    return { attack, [Symbol.asyncDispose]: async () => unit[Symbol.dispose]() };
  },
};

/** Rings and memories of earlier inputs are part of the attack, but not for ever. */
const RENEWED_EVERY = 500;

function unitWithBook(): MemoryUnit {
  const unit = new MemoryUnit();
  for (const { name, accounts, grants } of BOOK.people) {
    unit.daemon.change({ type: "add-person", name, accounts, grants }, "cli", []);
  }
  unit.daemon.change({ type: "block", block: { account: zed.sealer.account } }, "cli", []);
  return unit;
}

type Wild = Readonly<{ bytes: Uint8Array; from: string; signer: FixedUnit; hash: string }>;

async function wildEnvelope(random: Random, clockMs: number): Promise<Wild> {
  const signer = random.pick(CALLERS);
  const { kind, body } = random.pick(MESSAGES);
  let hash = "";
  const signEnvelope = (signed: Uint8Array) => {
    const genuine = signer.sealer.signEnvelope(signed);
    const sig = random.chance(0.2) ? mutateBytes(random, genuine).subarray(0, 64) : genuine;
    hash = hashOf(signed, sig, genuine);
    return sig;
  };
  const sender: Sealer = {
    account: random.chance(0.15) ? ANA : signer.sealer.account,
    certificate: random.chance(0.2) ? wildCertificate(random, signer) : signer.sealer.certificate,
    signEnvelope,
  };
  const message = { kind, body: random.chance(0.2) ? mutateValue(random, body) : body } as CallMessage;
  const to = random.chance(0.1) ? { ...ben.certificate, account: ANA } : ben.certificate;
  const nowMs = clockMs + random.pick([0, 0, 0, 0, 0, -61_000, 400_000, -1]);
  const { bytes } = await seal({ sender, to, message, nowMs });
  return { bytes: random.chance(0.15) ? mutateBytes(random, bytes) : bytes, from: sender.account, signer, hash };
}

async function deliver(random: Random, unit: MemoryUnit): Promise<string> {
  const wild = await wildEnvelope(random, unit.clock.nowMs()).catch(() => null);
  if (!wild) return "unsealed"; // what cannot be written as CBOR at all
  const claimed = random.chance(0.1) ? random.pick(CALLERS).sealer.account : wild.from;
  unit.timeline.length = 0;
  const found = await look(unit, claimed, wild.bytes);
  if (found === null) return "unopened";
  const line = unit.timeline.find(({ event }) => event === "journal")?.detail;
  const act = String(line?.act);
  if (line?.because === "fault") broken("the book is gone");
  const guests = unit.timeline.filter(({ event }) => GUESTS.includes(event));
  const effects = guests.map(({ event }) => ({ type: event, pass: null }) as never);
  assertOnlyTheSigner(wild, found.envelope, act, effects);
  if (unit.timeline.some(({ event }) => event === "refused")) broken("an effect without a pass got as far as its end");
  // A ring of now is not to keep the next one from being looked at.
  if (random.chance(0.5)) unit.daemon.dispatch({ type: "owner", order: "hang-up" });
  if (random.chance(0.2)) unit.clock.advance(30_001);
  return act;
}

const GUESTS = ["ring", "answer-leg", "complete-leg", "send-accept", "list-guest", "list-request"];
type Arrival = Extract<Event, { type: "envelope" }>;

/** Resolves once it was looked at: with what was dispatched, or null where it was dropped before. */
function look(unit: MemoryUnit, sender: string, bytes: Uint8Array): Promise<Arrival | null> {
  return new Promise((resolve, reject) => {
    const log: Log = {
      ...noLog,
      debug: () => undefined,
      info: () => resolve(null),
      warn: () => resolve(null),
      error: (...words: unknown[]) => reject(new Error(`the unit complained: ${JSON.stringify(words)}`)),
    };
    const { book, replay } = unit.stores;
    const isKnown = (account: string) => book.personOf(account) !== undefined;
    const dispatch = (event: Event) => {
      unit.daemon.dispatch(event);
      if (event.type === "envelope") resolve(event);
    };
    const mail = { secretOf: () => null, turnedAway: () => null };
    const settle = () => undefined;
    const receive = receiver({ keystore: ben, replay, clock: unit.clock, log, isKnown, mail, settle, dispatch });
    receive({ sender, class: "calls", bytes });
  });
}
