import { createHash, createHmac, randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import type { IceServer } from "#audio/protocol.ts";

/** STUN and TURN message types and attributes (RFC 8489, RFC 8656). */
const ALLOCATE = 0x0003;
const REFRESH = 0x0004;
const CREATE_PERMISSION = 0x0008;
const USERNAME = 0x0006;
const MESSAGE_INTEGRITY = 0x0008;
const ERROR_CODE = 0x0009;
const LIFETIME = 0x000d;
const XOR_PEER_ADDRESS = 0x0012;
const REALM = 0x0014;
const NONCE = 0x0015;
const XOR_RELAYED_ADDRESS = 0x0016;
const REQUESTED_TRANSPORT = 0x0019;
const UDP = Buffer.from([17, 0, 0, 0]);
const COOKIE = 0x2112a442;
const PATIENCE_MS = 200;
const TRIES = 10;

type Attribute = readonly [type: number, value: Buffer];
/** 0: success; otherwise the error's code; null: no answer. */
export type TurnAnswer = number | null;

/** As much of a TURN client as it takes to ask a relay what it allows. */
export class TurnClient implements Disposable {
  readonly #server: { host: string; port: number };
  readonly #credentials: IceServer;
  readonly #socket: Socket = createSocket("udp4");
  #realm = Buffer.alloc(0);
  #nonce = Buffer.alloc(0);
  #relayedPort = 0;
  readonly #patienceMs: number;

  /** `patienceMs`: how long an answer may take before it counts as none. */
  constructor(server: IceServer, patienceMs = PATIENCE_MS) {
    this.#patienceMs = patienceMs;
    const [, host = "", port = ""] = /^turn:([^:]+):(\d+)/.exec(server.urls) ?? [];
    this.#server = { host, port: Number(port) };
    this.#credentials = server;
    this.#socket.on("error", () => {});
  }

  /** Asks for an allocation; waits for a relay that is only just starting. */
  async allocate(): Promise<TurnAnswer> {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const challenge = await this.#ask(ALLOCATE, [[REQUESTED_TRANSPORT, UDP]], false);
      if (challenge !== null) return this.#ask(ALLOCATE, [[REQUESTED_TRANSPORT, UDP]], true);
    }
    return null;
  }

  /** May the relay send to this IPv4 address? */
  permit(address: string): Promise<TurnAnswer> {
    const octets = address.split(".").map(Number);
    const value = Buffer.alloc(8);
    value.writeUInt16BE(0x0001, 0);
    value.writeUInt16BE(9 ^ (COOKIE >>> 16), 2);
    value.writeUInt32BE((Buffer.from(octets).readUInt32BE(0) ^ COOKIE) >>> 0, 4);
    return this.#ask(CREATE_PERMISSION, [[XOR_PEER_ADDRESS, value]], true);
  }

  /** Gives the allocation back. */
  release(): Promise<TurnAnswer> {
    return this.#ask(REFRESH, [[LIFETIME, Buffer.alloc(4)]], true);
  }

  /** The port of the relay that stands for us, of the last allocation. */
  get relayedPort(): number {
    return this.#relayedPort;
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  async #ask(type: number, attributes: readonly Attribute[], signed: boolean): Promise<TurnAnswer> {
    const { username } = this.#credentials;
    const own: Attribute[] = [...attributes];
    if (signed) own.push([USERNAME, Buffer.from(username)], [REALM, this.#realm], [NONCE, this.#nonce]);
    const transaction = randomBytes(12);
    const request = message(type, transaction, own);
    const answer = await this.#exchange(signed ? this.#sign(request) : request, transaction);
    if (!answer) return null;
    const received = attributesOf(answer);
    this.#realm = received.get(REALM) ?? this.#realm;
    this.#nonce = received.get(NONCE) ?? this.#nonce;
    const relayed = received.get(XOR_RELAYED_ADDRESS);
    if (relayed && relayed.length >= 4) this.#relayedPort = relayed.readUInt16BE(2) ^ (COOKIE >>> 16);
    const error = received.get(ERROR_CODE);
    return error ? (error[2] ?? 0) * 100 + (error[3] ?? 0) : 0;
  }

  #sign(request: Buffer): Buffer {
    const { username, credential } = this.#credentials;
    const key = createHash("md5").update(`${username}:${this.#realm.toString()}:${credential}`).digest();
    const measured = Buffer.from(request);
    measured.writeUInt16BE(request.length - 20 + 24, 2);
    const integrity = createHmac("sha1", key).update(measured).digest();
    return Buffer.concat([measured, attribute([MESSAGE_INTEGRITY, integrity])]);
  }

  #exchange(request: Buffer, transaction: Buffer): Promise<Buffer | null> {
    const { promise, resolve } = Promise.withResolvers<Buffer | null>();
    const late = setTimeout(() => resolve(null), this.#patienceMs);
    const hear = (bytes: Buffer) => bytes.subarray(8, 20).equals(transaction) && resolve(bytes);
    this.#socket.on("message", hear);
    this.#socket.send(request, this.#server.port, this.#server.host);
    return promise.finally(() => {
      clearTimeout(late);
      this.#socket.off("message", hear);
    });
  }
}

function message(type: number, transaction: Buffer, attributes: readonly Attribute[]): Buffer {
  const body = Buffer.concat(attributes.map(attribute));
  const head = Buffer.alloc(8);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(body.length, 2);
  head.writeUInt32BE(COOKIE, 4);
  return Buffer.concat([head, transaction, body]);
}

function attribute([type, value]: Attribute): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}

export function attributesOf(answer: Buffer): Map<number, Buffer<ArrayBuffer>> {
  const found = new Map<number, Buffer<ArrayBuffer>>();
  for (let at = 20; at + 4 <= answer.length; ) {
    const length = answer.readUInt16BE(at + 2);
    found.set(answer.readUInt16BE(at), Buffer.from(answer.subarray(at + 4, at + 4 + length)));
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return found;
}
