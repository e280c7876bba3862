import { type BootState, otherSlot, readState, type Slot, TRIES } from "#device/update/boot-state.ts";
import type { Loss } from "./ledger.ts";
import type { Deed, FoundFirmware } from "./messages.ts";
import { BAD_VERSION } from "./unit-disk.ts";

const PIECE_BYTES = 1_048_576;

type FirmwareDeed = Extract<Deed, { do: "receive" | "install" | "activate" | "confirm" }>;
const isFirmware = (deed: Deed): deed is FirmwareDeed =>
  deed.do === "receive" || deed.do === "install" || deed.do === "activate" || deed.do === "confirm";

/** What a unit has promised of its firmware. The unit must always start from a slot that is whole. */
export class FirmwareLedger {
  /** The last state that was found or promised; null before the first start. */
  #state: BootState | null = null;
  /** Of a bundle on its way: so much must not have to be sent again. */
  #received: { version: string; bytes: number } | null = null;
  /** How often the launcher was started since a trial was asked for. */
  #starts = 0;
  /** Trials that were seen to give way, and to be confirmed. */
  gaveWay = 0;
  confirmed = 0;
  resumed = 0;

  /** What is best flashed next: what is on its way already. */
  get halfWay(): string | null {
    return this.#received?.version ?? null;
  }

  /** The launcher is started, and may be cut before it says so. */
  started(): void {
    this.#starts += 1;
  }

  done(deed: FirmwareDeed): void {
    const state = this.#state;
    switch (deed.do) {
      case "receive":
        // The last whole piece before the last byte was synced (device/update/receive.ts).
        this.#received = { version: deed.version, bytes: deed.offset - PIECE_BYTES };
        return;
      case "install":
        this.#received = null;
        if (state) this.#state = withOther(state, deed.version);
        return;
      case "activate":
        this.#starts = 0;
        if (state) this.#state = { ...state, trial: { slot: otherSlot(state.confirmed), triesLeft: TRIES } };
        return;
      case "confirm":
        this.confirmed += 1;
        if (state) this.#state = { ...state, confirmed: deed.slot, trial: null };
    }
  }

  /** A transfer goes on, or begins anew. */
  resume(version: string, offset: number): readonly Loss[] {
    const before = this.#received;
    this.#received = null;
    if (!before || before.version !== version) return [];
    if (offset > 0) this.resumed += 1;
    if (offset >= before.bytes) return [];
    return [{ what: "firmware", detail: `${version} goes on at ${offset}, and ${before.bytes} were promised` }];
  }

  judge({ slot, state: text, link, wrong }: FoundFirmware, deeds: readonly Deed[]): Loss[] {
    const losses: Loss[] = [];
    const lost = (detail: string) => losses.push({ what: "firmware", detail });
    const state = readState(Buffer.from(text));
    if (!state) {
      lost(`boot.json is damaged: ${text}`);
      return losses;
    }
    const { confirmed, trial, slots } = state;
    if (slot !== confirmed && slot !== trial?.slot) lost(`slot ${slot} started, and ${confirmed} is confirmed`);
    if (link !== `slots/${confirmed}`) lost(`current leads to ${link}, and ${confirmed} is confirmed`);
    for (const which of ["a", "b"] as const) {
      if (slots[which] === null) continue;
      const found = wrong[which];
      if (found === null || found.length > 0) lost(`slot ${which} is not whole: ${found?.join(", ") ?? "no manifest"}`);
    }
    const underWay = deeds.filter(isFirmware);
    losses.push(...this.#judgeProgress(state, underWay));
    this.#state = state;
    // It may be done, and what came removed.
    if (underWay.some((deed) => deed.do === "install")) this.#received = null;
    return losses;
  }

  #judgeProgress(found: BootState, underWay: readonly FirmwareDeed[]): Loss[] {
    const before = this.#state;
    if (!before) return [];
    const problems: string[] = [];
    const isUnderWay = (what: FirmwareDeed["do"]) => underWay.some((deed) => deed.do === what);
    if (found.counter < before.counter) problems.push(`the counter went from ${before.counter} to ${found.counter}`);
    if (found.confirmed !== before.confirmed && !(isUnderWay("confirm") && before.trial?.slot === found.confirmed)) {
      problems.push(`slot ${found.confirmed} is confirmed, and ${before.confirmed} was`);
    }
    if (found.confirmed === before.confirmed) {
      const other = otherSlot(before.confirmed);
      problems.push(
        ...this.#judgeOther(found, before, other, {
          installing: isUnderWay("install"),
          activating: isUnderWay("activate"),
        }),
      );
    }
    return problems.map((detail) => ({ what: "firmware", detail }));
  }

  #judgeOther(
    found: BootState,
    before: BootState,
    other: Slot,
    { installing, activating }: { installing: boolean; activating: boolean },
  ): string[] {
    const was = before.slots[other]?.version ?? null;
    const now = found.slots[other]?.version ?? null;
    const gaveWay = found.trial === null && now === null && found.gaveWay?.version === was;
    if (before.trial || (activating && gaveWay)) {
      if (found.trial && before.trial)
        return found.trial.triesLeft <= before.trial.triesLeft ? [] : ["a trial got more tries"];
      if (!gaveWay) return [`the trial of ${was} is gone, and it did not give way`];
      this.gaveWay += 1;
      // Each try may have been cut short before it could confirm itself.
      return was === BAD_VERSION || this.#starts > TRIES ? [] : [`${was} gave way, and it was well`];
    }
    if (found.trial && !activating) return ["a trial began that nobody asked for"];
    return now === was || installing ? [] : [`slot ${other} holds ${now}, and ${was} was promised`];
  }
}

function withOther(state: BootState, version: string): BootState {
  const { counter } = state;
  return { ...state, slots: { ...state.slots, [otherSlot(state.confirmed)]: { version, counter } } };
}
