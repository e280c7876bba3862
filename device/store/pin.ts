import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";
import { lstatSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import * as v from "valibot";
import type { Clock } from "#base/clock.ts";
import { readJsonFile } from "#base/json-file.ts";
import type { PinStanding } from "../voice/states.ts";
import { prepareFile, syncFolder } from "./durable-file.ts";

const FILE = "pin.json";
/** RFC 7914; 32 MiB, and some 80 ms of this machine, a try. */
const COST = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 } as const satisfies ScryptOptions;
const HASH_BYTES = 32;
const SALT_BYTES = 16;
/** After so many wrong tries the wait doubles no more: 2^16 s are 18 hours. */
const MOST_DOUBLINGS = 16;

const Bytes = (count: number) =>
  v.pipe(
    v.string(),
    v.hexadecimal(),
    v.length(2 * count),
    v.transform((hex): Buffer => Buffer.from(hex, "hex")),
  );
const Kept = v.strictObject({
  salt: Bytes(SALT_BYTES),
  hash: Bytes(HASH_BYTES),
  wrong: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
});
type Kept = v.InferOutput<typeof Kept>;

/** A PIN, as one slow hash; nothing of it can be read back. A wrong one makes the next wait, longer each time. */
export interface PinStore {
  readonly standing: PinStanding;
  /** How often something else was entered since it was right or set; null where that cannot be read. */
  readonly wrong: number | null;
  /** Counted before it is looked at, so that no power cut is a try for nothing. False while one must wait. */
  check(digits: string): Promise<boolean>;
  /** Durable once it resolves; false where the disk refuses, and all is as it was. */
  set(digits: string): Promise<boolean>;
  off(): boolean;
}

type Options = Readonly<{ folder: string; clock: Clock; slowHash?: (digits: string, salt: Buffer) => Promise<Buffer> }>;

/** Never throws. What cannot be read is a PIN that nothing is. */
export function openPin(options: Options): PinStore {
  return new PinFile(options);
}

class PinFile implements PinStore {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #slowHash: NonNullable<Options["slowHash"]>;
  #kept: Kept | "none" | "unreadable";
  /** By the monotonic clock: whoever sets the time gains nothing. A start begins the whole wait anew. */
  #restsUntilMs: number;

  constructor({ folder, clock, slowHash = hashed }: Options) {
    this.#path = join(folder, FILE);
    this.#clock = clock;
    this.#slowHash = slowHash;
    this.#kept = read(this.#path);
    this.#restsUntilMs = this.#restFrom(this.#kept);
  }

  get standing(): PinStanding {
    if (typeof this.#kept === "string") return { at: this.#kept };
    const leftMs = this.#restsUntilMs - this.#clock.monotonicMs();
    return leftMs > 0 ? { at: "resting", leftMs } : { at: "open" };
  }

  get wrong(): number | null {
    return typeof this.#kept === "string" ? null : this.#kept.wrong;
  }

  async check(digits: string): Promise<boolean> {
    const before = this.#kept;
    if (typeof before === "string" || this.standing.at !== "open") return false;
    const counted: Kept = { ...before, wrong: before.wrong + 1 };
    // From now on it rests: a second try beside this one is none.
    this.#kept = counted;
    this.#restsUntilMs = this.#restFrom(counted);
    if (!this.#keep(counted)) return false;
    const right = timingSafeEqual(await this.#slowHash(digits, counted.salt), counted.hash);
    // Whatever was set meanwhile, this was not a try at it.
    if (this.#kept !== counted) return false;
    if (!right) {
      this.#restsUntilMs = this.#restFrom(counted);
      return false;
    }
    this.#kept = { ...counted, wrong: 0 };
    this.#restsUntilMs = 0;
    this.#keep(this.#kept);
    return true;
  }

  async set(digits: string): Promise<boolean> {
    const salt = randomBytes(SALT_BYTES);
    const next: Kept = { salt, hash: await this.#slowHash(digits, salt), wrong: 0 };
    if (!this.#keep(next)) return false;
    this.#kept = next;
    this.#restsUntilMs = 0;
    return true;
  }

  off(): boolean {
    try {
      rmSync(this.#path, { force: true });
      syncFolder(dirname(this.#path));
    } catch {
      return false;
    }
    this.#kept = "none";
    return true;
  }

  #restFrom(kept: Kept | string): number {
    if (typeof kept === "string" || kept.wrong === 0) return 0;
    return this.#clock.monotonicMs() + 1_000 * 2 ** Math.min(kept.wrong, MOST_DOUBLINGS);
  }

  #keep({ salt, hash, wrong }: Kept): boolean {
    try {
      const text = JSON.stringify({ salt: salt.toString("hex"), hash: hash.toString("hex"), wrong });
      prepareFile(this.#path, Buffer.from(text))();
      return true;
    } catch {
      return false;
    }
  }
}

function read(path: string): Kept | "none" | "unreadable" {
  if (!isThere(path)) return "none";
  const file = readJsonFile(path);
  if (!file.ok) return "unreadable";
  const parsed = v.safeParse(Kept, file.value);
  return parsed.success ? parsed.output : "unreadable";
}

/** What cannot be looked at is there. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}

function hashed(digits: string, salt: Buffer): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  scrypt(digits, salt, HASH_BYTES, COST, (error, hash) => (error ? reject(error) : resolve(hash)));
  return promise;
}
