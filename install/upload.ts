import * as v from "valibot";
import { GROUP } from "#device/smp/packet.ts";
import type { SmpClient } from "./client.ts";
import { EXIT, Failure } from "./exit.ts";

/** The bytes of a bundle, wherever they lie. */
export type Payload = Readonly<{
  bytes: number;
  sha256: Uint8Array;
  readAt: (at: number, bytes: number) => Promise<Uint8Array>;
}>;

const Parameters = v.object({ buf_size: v.pipe(v.number(), v.integer(), v.minValue(128), v.maxValue(65_535)) });
const Wanted = v.object({ off: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) });

/** Header of a packet, and CBOR around the data; with the length and hash of the whole in the first one. */
const AROUND_BYTES = 48;
const AROUND_FIRST_BYTES = 128;
const PIECE_MS = 2_000;
/** After the last piece the unit checks the whole and unpacks it. */
const LAST_MS = 300_000;
/** So often the unit may want the same place again before something is wrong with the line. */
const MOST_STALLS = 10;

/** `lost`: the line is gone or nobody answers any more; whoever opens it again goes on where the unit says. */
export type Uploaded = Readonly<{ end: "done" } | { end: "lost"; why: string }>;

/** Sends a payload from where the unit wants it. Throws `Failure` where the unit refuses it. */
export async function upload(
  client: SmpClient,
  payload: Payload,
  onProgress: (sent: number) => void,
): Promise<Uploaded> {
  const asked = await client.request({ group: GROUP.os, id: 6, op: "read" });
  if (!asked.ok && asked.why !== "refused") return { end: "lost", why: asked.rsn };
  const parameters = v.safeParse(Parameters, asked.ok ? asked.body : {});
  const bufferBytes = parameters.success ? parameters.output.buf_size : 256;
  let at = 0;
  for (let stalls = 0; stalls < MOST_STALLS; ) {
    const around = at === 0 ? AROUND_FIRST_BYTES : AROUND_BYTES;
    const data = await payload.readAt(at, Math.min(Math.max(bufferBytes - around, 16), payload.bytes - at));
    const whole = at === 0 ? { len: payload.bytes, sha: payload.sha256, image: 0 } : {};
    const isLast = at + data.length >= payload.bytes;
    const patience = isLast ? { timeoutMs: LAST_MS, tries: 1 } : { timeoutMs: PIECE_MS, tries: 4 };
    const reply = await client.request(
      { group: GROUP.image, id: 1, op: "write", body: { off: at, data, ...whole } },
      patience,
    );
    if (!reply.ok) {
      if (reply.why !== "refused") return { end: "lost", why: reply.rsn };
      throw new Failure(reply.denied || reply.notSupported ? EXIT.refused : EXIT.bundle, reply.rsn);
    }
    const wanted = v.safeParse(Wanted, reply.body);
    const next = wanted.success ? wanted.output.off : at;
    if (next > payload.bytes) throw new Failure(EXIT.refused, "the unit wants more than there is");
    stalls = next > at ? 0 : stalls + 1;
    at = next;
    onProgress(at);
    if (at === payload.bytes) return { end: "done" };
  }
  return { end: "lost", why: "the unit wants the same piece again and again: a bad cable?" };
}
