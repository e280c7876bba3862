import { type Slope, slopeOf } from "#scripts/bench/soak/slope.ts";
import { type Vitals, vitalsOf } from "#scripts/bench/soak/vitals.ts";
import { AudioProcess, joinLegs } from "./audio-process.ts";
import { Coturn } from "./coturn.ts";

/** Until then the libraries and the heap grow to what they need; of few calls, a quarter. */
const WARM_UP_CALLS = 50;
/** What counts is what is held: the processes collect their garbage now and then. */
const COLLECTING = { NODE_OPTIONS: `--expose-gc --import=${import.meta.resolve("./collecting.ts")}` };

export type LegCalls = Readonly<{
  calls: number;
  perSecond: number;
  /** Of the process that calls, then of the one that is called. */
  ends: readonly Readonly<{ first: Vitals; last: Vitals; memoryKbACall: Slope }>[];
}>;

/** Real calls between two audio processes through a relay, one after the other: joined, then closed. */
export async function makeLegCalls(calls: number, { leakKb = 0 } = {}): Promise<LegCalls> {
  const environment = { ...COLLECTING, PORTER_LEAK_KB: String(leakKb) };
  await using relay = await Coturn.start();
  await using caller = await AudioProcess.start({}, environment);
  await using callee = await AudioProcess.start({}, environment);
  const units = [caller, callee];
  const samples: Vitals[][] = [[], []];
  const warmUp = Math.min(WARM_UP_CALLS, Math.floor(calls / 4));
  let startedMs = performance.now();
  for (let call = 1; call <= calls; call += 1) {
    if (call === warmUp) startedMs = performance.now();
    await joinLegs(caller, callee, (name) => relay.iceServers(name));
    for (const unit of units) unit.send({ type: "close-leg", leg: "call" });
    for (const [at, unit] of units.entries()) {
      const vitals = await vitalsOf(unit.child.pid ?? 0);
      if (vitals === null) throw new Error(`an audio process ended in call ${call}`);
      samples[at]?.push(vitals);
    }
  }
  const counted = calls - warmUp;
  const ends = samples.map((all) => {
    const settled = all.slice(-counted);
    const [first, last] = [settled[0], settled.at(-1)];
    if (!first || !last) throw new Error("there was no call");
    const memoryKbACall = slopeOf(settled.map(({ memoryMb }, x) => ({ x, y: memoryMb * 1_024 })));
    return { first, last, memoryKbACall };
  });
  return { calls, perSecond: (counted / (performance.now() - startedMs)) * 1_000, ends };
}

export function describeLegCalls({ calls, perSecond, ends }: LegCalls): string {
  const lines = ends.map(({ first, last, memoryKbACall: { value, low, high } }) => {
    const slope = `${value.toFixed(2)} kB a call (95 %: ${low.toFixed(2)} to ${high.toFixed(2)})`;
    return `${first.memoryMb.toFixed(0)} → ${last.memoryMb.toFixed(0)} MB, ${slope}; descriptors ${first.fds} → ${last.fds}, threads ${first.threads} → ${last.threads}`;
  });
  return `${calls} calls, ${perSecond.toFixed(1)} a second\n  ${lines.join("\n  ")}`;
}
