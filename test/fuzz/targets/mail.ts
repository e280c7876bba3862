import { type Log, noLog } from "#base/log.ts";
import { mailOf, mailOpener } from "#device/receive-mail.ts";
import { sealBytes } from "#test/house/seal-raw.ts";
import { ANA, BOOK, CALLERS, zed } from "../cast.ts";
import { MemoryUnit } from "../memory-unit.ts";
import { mutateBytes } from "../mutate.ts";
import { BATCH, type ParcelContent, wildParcelContent } from "../parcel-content.ts";
import type { Random } from "../random.ts";
import { broken, type Target } from "../target.ts";

/** Parcels as the hub delivers them, through the real seal and the whole brain, to the messages that the unit keeps. */
export const mail: Target = {
  name: "mail",
  meets: ["unopened", "turned away", "drop", "hold kept", "admit kept", "again"],
  async open() {
    let unit = unitWithKeys();
    let taken = 0;
    let last: Sealed | null = null;
    const attack = async (random: Random) => {
      taken += 1;
      if (taken % RENEWED_EVERY === 0) {
        unit[Symbol.dispose]();
        unit = unitWithKeys();
        last = null;
      }
      const sealed: Sealed = last && random.chance(0.1) ? last : await wildSealed(random);
      last = sealed;
      return deliver(unit, sealed);
    };
    return { attack, [Symbol.asyncDispose]: async () => unit[Symbol.dispose]() };
  },
};

/** Earlier messages are part of the attack, but not for ever. */
const RENEWED_EVERY = 100;

function unitWithKeys(): MemoryUnit {
  const unit = new MemoryUnit();
  unit.stores.dayKeys.keep(BATCH.made);
  for (const { name, accounts, grants } of BOOK.people)
    unit.daemon.change({ type: "add-person", name, accounts, grants }, "cli", []);
  unit.daemon.change({ type: "block", block: { account: zed.sealer.account } }, "cli", []);
  return unit;
}

type Sealed = Readonly<{ content: ParcelContent; bytes: Uint8Array; sender: string }>;

async function wildSealed(random: Random): Promise<Sealed> {
  const content = wildParcelContent(random);
  const from = content.signer.sealer.account;
  const bytes = await sealBytes(content.plain, BATCH.key(content.keyIndex), random.chance(0.05) ? ANA : from);
  return {
    content,
    bytes: random.chance(0.15) ? mutateBytes(random, bytes) : bytes,
    sender: random.chance(0.08) ? random.pick(CALLERS).sealer.account : from,
  };
}

async function deliver(unit: MemoryUnit, { content, bytes, sender }: Sealed): Promise<string> {
  const { stores, daemon, timeline, clock } = unit;
  timeline.length = 0;
  const before = new Set(stores.inbox.entries());
  let met = "unopened";
  const log: Log = {
    ...noLog,
    error: (...words: unknown[]) => broken(`the unit complained: ${JSON.stringify(words)}`),
  };
  const open = mailOpener({
    mail: mailOf(stores),
    replay: stores.replay,
    clock,
    log,
    isKnown: (account) => stores.book.personOf(account) !== undefined,
    settle: () => undefined,
    dispatch: (event) => {
      met = event.type === "message-turned-away" ? "turned away" : "opened";
      daemon.dispatch(event);
    },
  });
  await open({ sender, class: "inbox", bytes, receipt: 1 });
  if (timeline.some(({ event }) => event === "refused")) broken("an effect without a pass got as far as its end");
  const line = timeline.find(({ event }) => event === "journal")?.detail;
  if (line?.because === "fault") broken("the book is gone");
  const added = stores.inbox.entries().filter((entry) => !before.has(entry));
  if (added.length > 1) broken("two messages of one parcel");
  const [entry] = added;
  if (!entry) return met === "opened" ? String(line?.act ?? "again") : met;
  const { account } = content.signer.sealer;
  if (content.hash === "" || entry.from !== account || sender !== account) broken("a message of somebody else's");
  if (account === zed.sealer.account) broken("a message of somebody who is blocked");
  if (entry.shelf !== "requests" && account !== ANA) broken(`somebody without a grant in ${entry.shelf}`);
  if (entry.origin !== null && entry.origin !== content.spokenBy) broken("under the name of somebody who never signed");
  const sound = stores.inbox.sound(entry.id, entry.from);
  if ((entry.kind === "voice") !== (sound !== null)) broken("a sound without its message");
  return `${String(line?.act)} kept`;
}
