import { expect, test } from "vitest";
import { mustBeAlike } from "#scripts/stage/messages.ts";

const PIECES = ["mqtt down 4/0 2 bytes", "mqtt down publish/0 <own> accepted", "mqtt up publish/2 <own>"];

test("two who leave a message are alike only where every packet is", () => {
  expect(() => mustBeAlike({ pieces: PIECES }, { pieces: [...PIECES] })).not.toThrow();
});

test.each([
  ["another packet", [...PIECES.slice(0, 2), "mqtt up publish/0 <own>"]],
  ["one packet more", [...PIECES, "mqtt down 4/0 2 bytes"]],
  ["one packet fewer", PIECES.slice(0, 2)],
  ["another order", PIECES.toReversed()],
])("%s on one of the two wires is found out, whichever it is", (_, pieces) => {
  expect(() => mustBeAlike({ pieces: PIECES }, { pieces })).toThrow(/^packet/);
  expect(() => mustBeAlike({ pieces }, { pieces: PIECES })).toThrow(/^packet/);
});
