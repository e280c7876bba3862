import type { IncomingMessage } from "node:http";

export type Answer = Readonly<{ status: number; body: object }>;

export function fault(status: number, error: string): Answer {
  return { status, body: { error } };
}

/** 200 with a body of so many bytes as JSON, whatever it says: its length tells nothing. */
export function padded(body: object, bytes: number): Answer {
  const length = JSON.stringify({ ...body, pad: "" }).length;
  return { status: 200, body: { ...body, pad: "-".repeat(bytes - length) } };
}

/** Null for what is longer than it may be, or was cut off. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxBytes) return null;
      chunks.push(chunk);
    }
    return new Uint8Array(Buffer.concat(chunks));
  } catch {
    return null;
  }
}

/** Undefined for what is too long or no JSON. */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const bytes = await readBody(request, maxBytes);
  try {
    return bytes ? JSON.parse(Buffer.from(bytes).toString("utf8")) : undefined;
  } catch {
    return undefined;
  }
}
