/** What one end may send the other: the kind of its first packet (MQTT 3.1.1 §2.2.1), and how long packets may be. */
export type PacketLimits = Readonly<{ first: number; firstBytes: number; bytes: number }>;

/**
 * Watches the lengths of MQTT packets (MQTT 3.1.1 §2.2) go by. A parser would buffer whatever length the other end
 * announces, 256 MB at most.
 */
export class PacketLengths {
  readonly #limits: PacketLimits;
  #first = true;
  /** Bytes of the current packet's body still to come. */
  #body = 0;
  /** The fixed header so far. */
  #header: number[] = [];

  constructor(limits: PacketLimits) {
    this.#limits = limits;
  }

  /** False once a packet is too long or its length is not MQTT. */
  pass(chunk: Uint8Array): boolean {
    for (let at = 0; at < chunk.length; ) {
      const skipped = Math.min(this.#body, chunk.length - at);
      this.#body -= skipped;
      at += skipped;
      const byte = chunk[at];
      if (byte === undefined) return true;
      at += 1;
      if (!this.#passHeaderByte(byte)) return false;
    }
    return true;
  }

  #passHeaderByte(byte: number): boolean {
    this.#header.push(byte);
    const [type = 0, ...length] = this.#header;
    if (length.length === 0) return !this.#first || type >> 4 === this.#limits.first;
    if (byte & 0x80) return length.length < 4;
    this.#body = length.reduce((sum, digit, index) => sum + (digit & 0x7f) * 128 ** index, 0);
    const longest = this.#first ? this.#limits.firstBytes : this.#limits.bytes;
    this.#first = false;
    this.#header = [];
    return this.#body <= longest;
  }
}
