import { noLog } from "#base/log.ts";
import { ConsoleDecoder, encodeConsole, MAX_PACKET_BYTES } from "#device/smp/console.ts";
import { imageGroup } from "#device/smp/group-image.ts";
import { osGroup } from "#device/smp/group-os.ts";
import { unitGroup, type Workbench } from "#device/smp/group-unit.ts";
import { decodePacket, encodePacket, type Packet } from "#device/smp/packet.ts";
import { Rights } from "#device/smp/rights.ts";
import { type Command, SmpServer } from "#device/smp/server.ts";
import { FakeClock } from "#test/house/fake-clock.ts";
import { MemoryFirmware } from "#test/house/memory-firmware.ts";
import { mutateBytes, mutateValue } from "../mutate.ts";
import type { Random } from "../random.ts";
import { broken, type Target } from "../target.ts";
import { writeWildCbor } from "../wild-cbor.ts";

const SHA = new Uint8Array(32);
const BODIES: readonly Packet["body"][] = [
  { d: "hello" },
  { format: "sr" },
  { off: 0, len: 300, sha: SHA, image: 0, data: new Uint8Array(100) },
  { off: 100, data: new Uint8Array(100) },
  { hash: SHA, confirm: true },
  { scene: "ringing" },
  { name: "x", region: "GB", timeZone: "Europe/London", hub: { name: "h", mqttUrl: "mqtt://h", httpUrl: "http://h" } },
  {},
];
const GROUPS = [0, 1, 2, 64, 65_535];
const NOISE = Buffer.from("[    1.234567] random: crng init done\n");

/** A unit that was handed over: nothing that anybody writes on its line may do anything but tell. */
export const smp: Target = {
  name: "smp",
  meets: ["silence", "answered", "refused"],
  open: async () => {
    const answers: Packet["body"][] = [];
    const reader = new ConsoleDecoder((bytes) => {
      const packet = decodePacket(bytes);
      if (!packet?.body || bytes.length > MAX_PACKET_BYTES) faults.push("the unit's own answer is none");
      if (packet?.op !== 1 && packet?.op !== 3) faults.push("the unit asks something");
      answers.push(packet?.body ?? {});
    });
    const server = new SmpServer({
      commands: COMMANDS,
      rights: new Rights({ clock: new FakeClock(), isHandedOver: () => true }),
      log: noLog,
      send: (bytes) => Promise.resolve(reader.push(bytes)),
    });
    return {
      async attack(random) {
        answers.length = 0;
        server.receive(wildLine(random));
        await Promise.resolve();
        for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
        const [fault] = faults.splice(0);
        if (fault !== undefined) broken(fault);
        const { counts } = server;
        if (Object.values(counts).some((count) => !Number.isSafeInteger(count))) broken("a count that is none");
        if (answers.length === 0) return "silence";
        return answers.some((body) => "rc" in body || "err" in body) ? "refused" : "answered";
      },
      [Symbol.asyncDispose]: async () => undefined,
    };
  },
};

/** What was met where it cannot be thrown: the server catches what its commands throw. */
const faults: string[] = [];

function forbidden(): never {
  faults.push("something was done without the owner's button");
  throw new Error("forbidden");
}

const WORKBENCH: Workbench = {
  status: () => ({
    stage: "handed-over",
    board: "sim",
    arch: "x64",
    version: "1.0.0",
    running: true,
    resetting: false,
    fault: null,
  }),
  identity: forbidden,
  provision: forbidden,
  handOver: forbidden,
  askForReset: forbidden,
  lights: forbidden,
  inputs: forbidden,
  sound: forbidden,
  network: forbidden,
  restart: forbidden,
};
const FIRMWARE = Object.assign(new MemoryFirmware(), {
  open: forbidden,
  write: forbidden,
  finish: forbidden,
  activate: forbidden,
  abort: forbidden,
});
const COMMANDS: readonly Command[] = [
  ...osGroup({ board: "sim", version: "1.0.0", packetBytes: 2_048, restart: forbidden }),
  ...imageGroup(FIRMWARE),
  ...unitGroup(WORKBENCH),
];

function wildLine(random: Random): Uint8Array {
  const body = random.pick(BODIES);
  const head = {
    version: random.pick([0, 1, 1, 1, 2, 3]),
    op: random.pick([0, 2, 0, 2, 0, 2, 1, 3, 7]),
    group: random.pick(GROUPS),
    seq: random.below(256),
    id: random.below(10),
  };
  let packet = encodePacket({ ...head, body });
  if (random.chance(0.5)) {
    const cbor = writeWildCbor(random, mutateValue(random, body), 0.1);
    packet = new Uint8Array(Buffer.concat([packet.subarray(0, 8), cbor]));
    new DataView(packet.buffer).setUint16(2, cbor.length & 0xffff);
  }
  if (random.chance(0.2)) packet = mutateBytes(random, packet, [NOISE]);
  const line = encodeConsole(packet.subarray(0, MAX_PACKET_BYTES));
  const noisy = random.chance(0.2) ? Buffer.concat([NOISE, line, NOISE.subarray(0, 9)]) : line;
  return random.chance(0.3) ? mutateBytes(random, noisy, [NOISE, line]) : noisy;
}
