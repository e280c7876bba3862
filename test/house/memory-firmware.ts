import { createHash } from "node:crypto";
import type { Firmware, FirmwareRefused, FirmwareSlot } from "#device/smp/firmware.ts";

const NOTHING = new Uint8Array();

/** Two slots in memory. Takes whatever has the announced hash and does not begin with `bad `. */
export class MemoryFirmware implements Firmware {
  /** What the second slot would say of itself. */
  version = "2.0.0";
  opened = 0;
  /** How many bytes were written in all, again or not. */
  written = 0;
  readonly running: FirmwareSlot = {
    version: "1.0.0",
    hash: hashOf("one"),
    active: true,
    confirmed: true,
    pending: false,
  };
  other: FirmwareSlot | null = null;
  #announced: { bytes: number; sha256: string } | null = null;
  #here = NOTHING;

  open(bytes: number, sha256: string) {
    this.opened += 1;
    if (bytes > 10_000_000) return refused("too-large");
    if (this.#announced?.sha256 !== sha256) this.#here = NOTHING;
    this.#announced = { bytes, sha256 };
    return { ok: true, offset: this.#here.length } as const;
  }

  write(offset: number, bytes: Uint8Array) {
    if (!this.#announced) return refused("not-open");
    if (offset !== this.#here.length) return { ok: true, offset: this.#here.length } as const;
    this.#here = new Uint8Array(Buffer.concat([this.#here, bytes]));
    this.written += bytes.length;
    if (this.#here.length > this.#announced.bytes) return refused("damaged");
    if (Buffer.from(this.#here).toString("latin1", 0, 4) === "bad ") return refused("wrong-key");
    return { ok: true, offset: this.#here.length } as const;
  }

  finish() {
    const isWhole = hashOf(this.#here).toString("hex") === this.#announced?.sha256;
    if (isWhole) {
      const hash = new Uint8Array(hashOf(this.#here));
      this.other = { version: this.version, hash, active: false, confirmed: false, pending: false };
    }
    this.abort();
    return Promise.resolve(isWhole ? ({ ok: true } as const) : refused("damaged"));
  }

  activate() {
    if (!this.other) return refused("not-open");
    this.other = { ...this.other, pending: true };
    return { ok: true } as const;
  }

  abort(): void {
    this.#announced = null;
    this.#here = NOTHING;
  }

  slots(): readonly FirmwareSlot[] {
    return this.other ? [this.running, this.other] : [this.running];
  }
}

function refused(reason: string): FirmwareRefused {
  return { ok: false, reason, sentence: "take another one" };
}

function hashOf(content: string | Uint8Array): Buffer {
  return createHash("sha256").update(content).digest();
}
