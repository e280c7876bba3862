import * as v from "valibot";
import { SoundConfig } from "#audio/protocol.ts";
import { noLog } from "#base/log.ts";
import { ConsoleDecoder, encodeConsole } from "#device/smp/console.ts";
import type { Firmware } from "#device/smp/firmware.ts";
import { imageGroup } from "#device/smp/group-image.ts";
import { osGroup } from "#device/smp/group-os.ts";
import { statisticsGroup } from "#device/smp/group-statistics.ts";
import { unitGroup } from "#device/smp/group-unit.ts";
import { decodePacket, encodePacket, GROUP, OP, type Packet } from "#device/smp/packet.ts";
import { Rights } from "#device/smp/rights.ts";
import { type Command, SmpServer } from "#device/smp/server.ts";
import { UnitWorkbench } from "#device/smp/workbench.ts";
import { SimBoard } from "#hal/sim/sim-board.ts";
import { FakeClock } from "./fake-clock.ts";
import { MemoryFirmware } from "./memory-firmware.ts";

export type Asked = Readonly<{
  group: number;
  id: number;
  op: "read" | "write";
  body?: Packet["body"];
  version?: number;
}>;

/** A unit's end of the serial line on a simulated board, and what it answers. `data` is its folder. */
export class SmpUnit {
  readonly clock = new FakeClock();
  readonly board = new SimBoard(this.clock);
  readonly firmware: Firmware & MemoryFirmware;
  readonly workbench: UnitWorkbench;
  readonly rights: Rights;
  readonly commands: readonly Command[];
  readonly server: SmpServer;
  readonly answers: Packet[] = [];
  restarts = 0;
  #seq = 0;
  #waiting: (() => void) | null = null;
  readonly #decoder = new ConsoleDecoder((bytes) => {
    const packet = decodePacket(bytes);
    if (packet?.body) this.answers.push({ ...packet, body: packet.body });
    this.#waiting?.();
  });

  constructor(data: string, { isToldByFile = false }: { isToldByFile?: boolean } = {}) {
    this.firmware = new MemoryFirmware();
    const restart = () => {
      this.restarts += 1;
    };
    const identity = { account: "a".repeat(52), unit: "b".repeat(13), fingerprint: "1" };
    const io = v.parse(SoundConfig, { type: "room" });
    this.workbench = new UnitWorkbench({ data, board: "sim", version: "1.0.0", io, isToldByFile, identity, restart });
    this.workbench.use(this.board, false);
    this.rights = new Rights({ clock: this.clock, isHandedOver: () => this.workbench.stage === "handed-over" });
    this.rights.watch(this.board.button);
    this.commands = [
      ...osGroup({ board: "sim", version: "1.0.0", packetBytes: 2_048, restart }),
      ...imageGroup(this.firmware),
      ...statisticsGroup({ serial: () => this.server.counts }),
      ...unitGroup(this.workbench),
    ];
    const send = (bytes: Uint8Array) => Promise.resolve(this.#decoder.push(bytes));
    this.server = new SmpServer({ commands: this.commands, rights: this.rights, log: noLog, send });
  }

  /** The body of the one answer that comes. */
  async ask({ group, id, op, body = {}, version = 1 }: Asked): Promise<Packet["body"]> {
    this.#seq = (this.#seq + 1) % 256;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting = resolve;
    this.server.receive(encodeConsole(encodePacket({ version, op: OP[op], group, seq: this.#seq, id, body })));
    await promise;
    const answer = this.answers.at(-1);
    if (answer?.seq !== this.#seq || answer.group !== group || answer.id !== id) throw new Error("another answer");
    return answer.body;
  }

  upload(body: Packet["body"]): Promise<Packet["body"]> {
    return this.ask({ group: GROUP.image, id: 1, op: "write", body });
  }

  hold(ms: number): void {
    this.board.hold();
    this.clock.advance(ms);
    this.board.release();
  }
}
