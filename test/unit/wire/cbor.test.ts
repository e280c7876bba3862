import { expect, test } from "vitest";
import { decodeCbor, encodeCbor } from "#device/wire/cbor.ts";

test("content of more items than anything of ours is refused, however they are nested", () => {
  const list = (items: number) => Array.from({ length: items }, () => 0);
  expect(decodeCbor(encodeCbor(list(1_023)))).toMatchObject({ ok: true });
  const keys = Object.fromEntries(list(600).map((zero, index) => [`${index}`, zero]));
  for (const value of [list(1_024), list(250_000), list(600).map(() => [0]), keys]) {
    expect(decodeCbor(encodeCbor(value))).toEqual({ ok: false });
  }
});

test("what was decoded from a buffer is a copy: the buffer may be used again", () => {
  const buffer = Buffer.from(encodeCbor({ bytes: new Uint8Array([7]) }));
  const decoded = decodeCbor(buffer);
  buffer.fill(0);
  expect(decoded).toEqual({ ok: true, value: { bytes: new Uint8Array([7]) } });
});
