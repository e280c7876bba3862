import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SENDING, type Sending } from "#audio/peer/sdp.ts";
import { systemClock } from "#base/clock.ts";
import { noLog } from "#base/log.ts";
import { TurnRelay } from "#hub/turn.ts";
import type { Conditions } from "../impairer/path.ts";
import { freePorts } from "../stage/ports.ts";
import { Voices } from "../stage/voices.ts";
import { entry, flag, natural } from "./entry.ts";
import { callThrough, type Heard } from "./loss/call.ts";
import type { Bench, Measured } from "./report.ts";

const LOSSES = [0, 5, 10, 20];
const JITTERS_MS = [0, 20];
/** On the way between the two, so that jitter can make a packet early as well as late. */
const DELAY_MS = 20;
const MOST_GAP_MS = 60;
/** A link that does not carry what is sent at first, and how long its queue is. */
const NARROW = { delayMs: DELAY_MS, kbitPerS: 60, queueMs: 200 };

/**
 * What is compared: as units send; as they do where one knows of no channel, by SRTP; that without its second copy; and
 * that as a plain WebRTC call, in 20 ms packets.
 */
const WAYS: Readonly<Record<string, Way>> = {
  porter: { srtpOnly: false, sending: null },
  srtp: { srtpOnly: true, sending: null },
  once: { srtpOnly: true, sending: { ...SENDING, twice: false } },
  plain: { srtpOnly: true, sending: { ...SENDING, twice: false, packetMs: 20 } },
};
type Way = Readonly<{ srtpOnly: boolean; sending: Sending | null }>;

const SPOKEN = {
  slt:
    "Hello Ana, it is me. I am calling because the train is late again, and I do not think that I shall be there " +
    "before seven. Could you put the potatoes on, please, and feed the cat? The key is where it always is.",
  rms:
    "We went up to the lake on Sunday, all four of us, and it rained the whole morning. Then the sun came out, and " +
    "we sat outside until nine. Your brother says that he will mend the boat when he has the time.",
} as const;

export const loss = entry({
  summary: "gaps and signal-to-noise ratio of speech through a relay, by loss and jitter, beside plain WebRTC",
  options: {
    seconds: { value: "N", help: "of speech in each direction of each call (30)", schema: natural(5, 600, 30) },
    calls: { value: "N", help: "at once (3); more than the machine carries show as gaps", schema: natural(1, 32, 3) },
    short: { help: "only at 10 % loss with 20 ms jitter, and on a narrow link", schema: flag },
    seed: { value: "N", help: "of what is lost, and when", schema: natural(0, 2 ** 31, 1) },
  },
  run: benchLoss,
});

type Options = Readonly<{ seconds: number; calls: number; seed: number; short: boolean }>;

async function benchLoss({ seconds, calls, seed, short }: Options): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), "porter-loss-"));
  const [listenPort = 0] = await freePorts(1);
  try {
    const config = {
      host: "127.0.0.1",
      listenPort,
      minPort: 20_000,
      maxPort: 20_399,
      realm: "porter",
      credentialLifetimeS: 3_600,
      stopWithHub: true,
    };
    await using relay = await TurnRelay.open({ config, dataFolder: folder, clock: systemClock, log: noLog });
    const voices = new Voices(folder);
    const wavs = [await voices.say("slt", SPOKEN.slt), await voices.say("rms", SPOKEN.rms)] as const;
    const iceServers = (name: string) => {
      const { urls, username, credential } = relay.grant(name);
      return [{ urls, username, credential }];
    };
    const plans = makePlans(short ? [10] : LOSSES, short ? [20] : JITTERS_MS);
    const measured: Measured[] = [];
    for (let from = 0; from < plans.length; from += calls) {
      const some = plans.slice(from, from + calls);
      const heard = await Promise.all(
        some.map(({ way, conditions }, index) => {
          const own = { conditions, ...way, seed: seed * 1_000 + from + index, seconds };
          return callThrough({ ...own, wavs, folder, relayPort: listenPort, iceServers });
        }),
      );
      for (const [index, { what, isHeld }] of some.entries()) {
        const one = heard[index];
        if (one) measured.push(...told(what, one, isHeld));
      }
    }
    return { name: "loss", measured };
  } finally {
    await rm(folder, { recursive: true });
  }
}

type Plan = Readonly<{ what: string; way: Way; conditions: Conditions; isHeld: boolean }>;

function makePlans(losses: readonly number[], jittersMs: readonly number[]): Plan[] {
  const plans: Plan[] = [];
  for (const [name, way] of Object.entries(WAYS))
    for (const jitterMs of jittersMs)
      for (const lossPercent of losses) {
        const conditions = { lossPercent, jitterMs, delayMs: DELAY_MS };
        const isHeld = name === "porter" && lossPercent <= 10;
        plans.push({ what: `${name}, ${lossPercent} % loss, ${jitterMs} ms jitter`, way, conditions, isHeld });
      }
  const narrow = `${NARROW.kbitPerS} kbit/s`;
  for (const [what, way] of [
    ["porter", { srtpOnly: false, sending: null }],
    ["srtp", { srtpOnly: true, sending: null }],
    ["not adapting", { srtpOnly: true, sending: SENDING }],
  ] as const)
    plans.push({ what: `${what}, ${narrow}`, way, conditions: NARROW, isHeld: false });
  return plans;
}

function told(where: string, { scores, kbitPerS }: Heard, isHeld: boolean): Measured[] {
  const [one, other] = scores;
  return [
    {
      what: `${where}: longest gap`,
      value: Math.max(one.longestGapMs, other.longestGapMs),
      unit: "ms",
      budget: isHeld ? MOST_GAP_MS : null,
    },
    { what: `${where}: missing`, value: (one.missingPercent + other.missingPercent) / 2, unit: "%", budget: null },
    { what: `${where}: gaps`, value: one.gaps + other.gaps, unit: "count", budget: null },
    {
      what: `${where}: segmental SNR`,
      value: (one.segmentalSnrDb + other.segmentalSnrDb) / 2,
      unit: "dB",
      budget: null,
    },
    { what: `${where}: on the wire, each way`, value: kbitPerS, unit: "kbit/s", budget: null },
  ];
}
