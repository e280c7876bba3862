import { AudioError } from "../audio-error.ts";
import type { IceServer } from "../protocol.ts";

/**
 * The part of `@roamhq/wrtc` that a leg uses, typed: the package's own types lean on a browser's. Facts about it
 * that its documentation does not tell:
 * - a process that closed a connection must leave by `process.exit`: at a natural exit it crashes;
 * - events can still come after `close()`;
 * - the sink delivers 10 ms pieces from its making on, of zeros and at any rate before the first packet (16 kHz),
 *   later 48 kHz.
 */
export interface Wrtc {
  readonly RTCPeerConnection: new (configuration: PeerConfiguration) => PeerConnection;
  readonly nonstandard: {
    readonly RTCAudioSource: new () => AudioSource;
    readonly RTCAudioSink: new (track: MediaTrack) => AudioSink;
  };
}

type PeerConfiguration = Readonly<{
  iceServers: readonly IceServer[];
  iceTransportPolicy: "relay";
  bundlePolicy: "max-bundle";
}>;

/** What a connection is made with, and told again before it looks for new relays. */
export function configurationFor(iceServers: PeerConfiguration["iceServers"]): PeerConfiguration {
  return { iceServers, iceTransportPolicy: "relay", bundlePolicy: "max-bundle" };
}

interface MediaTrack {
  stop(): void;
}

type Description = { readonly type: "offer" | "answer"; readonly sdp: string };

export interface PeerConnection {
  readonly connectionState: "new" | "connecting" | "connected" | "disconnected" | "failed" | "closed";
  readonly iceGatheringState: "new" | "gathering" | "complete";
  readonly localDescription: Description | null;
  onconnectionstatechange: (() => void) | null;
  onicecandidate: ((event: { readonly candidate: { readonly candidate: string } | null }) => void) | null;
  ontrack: ((event: { readonly track: MediaTrack }) => void) | null;
  addTrack(track: MediaTrack): Sender;
  createDataChannel(label: string, options: DataChannelOptions): DataChannel;
  /** The other end opened one that was not agreed upon. */
  ondatachannel: ((event: { readonly channel: DataChannel }) => void) | null;
  /** Throws where it was closed. */
  setConfiguration(configuration: PeerConfiguration): void;
  createOffer(options?: Readonly<{ iceRestart: true }>): Promise<Description>;
  createAnswer(): Promise<Description>;
  setLocalDescription(description: Description): Promise<void>;
  setRemoteDescription(description: Description): Promise<void>;
  getStats(): Promise<Iterable<readonly [string, Readonly<Record<string, unknown>>]>>;
  close(): void;
}

type DataChannelOptions = Readonly<{ ordered: false; maxRetransmits: 0; negotiated: true; id: number }>;

/** What is sent is copied. `bufferedAmount` stays 0 whatever waits in SCTP's own queue: it tells nothing. */
export interface DataChannel {
  readonly readyState: "connecting" | "open" | "closing" | "closed";
  binaryType: "arraybuffer" | "blob";
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  /** Throws unless it is open. */
  send(bytes: Uint8Array): void;
  close(): void;
}

export interface Sender {
  readonly transport: DtlsTransport | null;
}

interface DtlsTransport {
  readonly state: "new" | "connecting" | "connected" | "closed" | "failed";
  /** The chain that the other end presented, its own first, each as DER. */
  getRemoteCertificates(): readonly ArrayBuffer[];
}

interface AudioSource {
  createTrack(): MediaTrack;
  /** Takes 10 ms (copies it). */
  onData(data: {
    samples: Int16Array;
    sampleRate: number;
    bitsPerSample: 16;
    channelCount: 1;
    numberOfFrames: number;
  }): void;
}

interface AudioSink {
  ondata: ((data: SinkData) => void) | null;
  stop(): void;
}
/** 10 ms of interleaved PCM, signed 16 bit; the buffer is the receiver's. */
export type SinkData = Readonly<{ samples: Int16Array; sampleRate: number; channelCount: number }>;

let loading: Promise<Wrtc> | null = null;

/** Loads the library, once; about 40 ms, during which the process stands still. */
export function loadWrtc(): Promise<Wrtc> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Wrtc> {
  try {
    const module: { readonly default?: unknown } = await import("@roamhq/wrtc");
    if (isWrtc(module.default)) return module.default;
    throw new TypeError("the package exports something else");
  } catch (cause) {
    throw new AudioError("engine-missing", "WebRTC cannot be loaded", {}, cause);
  }
}

function isWrtc(value: unknown): value is Wrtc {
  return typeof value === "object" && value !== null && "RTCPeerConnection" in value && "nonstandard" in value;
}
