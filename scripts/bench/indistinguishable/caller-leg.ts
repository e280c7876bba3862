import { randomBytes } from "node:crypto";
import type { Command, IceServer, Report } from "#audio/protocol.ts";
import { TurnClient } from "../../stage/turn-client.ts";

const PATIENCE_MS = 5_000;
/** RFC 8656, section 7.2: the relay remembers another client at this port of ours. */
const MISMATCH = 437;
const TRIES = 5;

/**
 * In place of the caller's audio process: it allocates a relay for each call as WebRTC does, and is nosier. WebRTC asks
 * for a permission only once the callee has answered; this one opens the relay to every address the relay will relay to
 * (its own) before the offer is sent, so that a check or a packet of the callee's would come through.
 */
export class CallerLeg implements Disposable {
  readonly #report: (report: Report) => void;
  readonly #startOver: () => void;
  #client: TurnClient | null = null;
  #fault: Error | null = null;
  /** What the leg does, one after the other. */
  #last: Promise<void> = Promise.resolve();

  /**
   * `startOver`: the port of ours was somebody else's a moment ago, and the leg begins again from another one, before
   * anything was said of whom she calls: what passed does not count.
   */
  constructor(report: (report: Report) => void, startOver: () => void) {
    this.#report = report;
    this.#startOver = startOver;
  }

  obey(command: Command): void {
    switch (command.type) {
      case "offer-leg":
        this.#last = this.#last
          .then(() => this.#offer(command))
          .catch((fault: unknown) => this.#fail(command.leg, fault));
        return;
      case "close-leg":
        this.#last = this.#last.then(() => this.#release());
        return;
      default:
        return;
    }
  }

  /** Resolves when all that was asked so far is done; rejects where something of it failed. */
  async settled(): Promise<void> {
    await this.#last;
    if (this.#fault !== null) throw this.#fault;
  }

  [Symbol.dispose](): void {
    this.#client?.[Symbol.dispose]();
    this.#client = null;
  }

  #fail(leg: string, fault: unknown): void {
    this.#fault = fault instanceof Error ? fault : new Error(String(fault));
    this.#report({ type: "leg-failed", leg, why: "no-relay" });
  }

  async #offer({ leg, iceServers }: Extract<Command, { type: "offer-leg" }>): Promise<void> {
    const [server] = iceServers;
    if (!server) throw new Error("the hub gave the caller no relay");
    const client = await this.#allocated(server);
    const host = /^turn:([^:]+):/.exec(server.urls)?.[1] ?? "";
    const permitted = await client.permit(host);
    if (permitted !== 0) throw new Error(`the relay answered ${permitted} to a permission`);
    const fingerprint = (randomBytes(32).toString("hex").toUpperCase().match(/../g) ?? []).join(":");
    this.#report({ type: "leg-offer", leg, sdp: sdpOf(host, client.relayedPort, fingerprint), fingerprint });
  }

  async #allocated(server: IceServer): Promise<TurnClient> {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      this[Symbol.dispose]();
      this.#client = new TurnClient(server, PATIENCE_MS);
      const allocated = await this.#client.allocate();
      if (allocated === 0) return this.#client;
      if (allocated !== MISMATCH) throw new Error(`the relay answered ${allocated} to an allocation`);
      this.#startOver();
    }
    throw new Error("the relay knows every port of ours as somebody else's");
  }

  async #release(): Promise<void> {
    await this.#client?.release();
  }
}

/** As long as a real offer, and with what a real one holds: one relay candidate, Opus, a DTLS fingerprint. */
function sdpOf(host: string, port: number, fingerprint: string): string {
  const lines = [
    "v=0",
    `o=- ${randomBytes(6).readUIntBE(0, 6)} 2 IN IP4 127.0.0.1`,
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0",
    "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    "c=IN IP4 0.0.0.0",
    `a=candidate:1 1 udp 41885439 ${host} ${port} typ relay raddr 0.0.0.0 rport 0 generation 0`,
    `a=ice-ufrag:${randomBytes(3).toString("base64url")}`,
    `a=ice-pwd:${randomBytes(18).toString("base64url")}`,
    `a=fingerprint:sha-256 ${fingerprint}`,
    "a=setup:actpass",
    "a=mid:0",
    "a=sendrecv",
    "a=rtcp-mux",
    "a=rtpmap:111 opus/48000/2",
    "a=fmtp:111 minptime=10;useinbandfec=1",
    "a=ptime:10",
  ];
  return `${lines.join("\r\n")}\r\n`;
}
