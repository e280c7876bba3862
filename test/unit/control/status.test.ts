import { expect, test } from "vitest";
import { showStatus } from "#device/control/print.ts";

const status = {
  name: "Kitchen",
  owner: null,
  account: "a".repeat(52),
  fault: null,
  warnings: [],
  hub: "connected" as const,
  audio: "ready" as const,
  calling: "on" as const,
  unknown: "hold" as const,
  unknownBlocked: false,
  muted: false,
  call: { at: "idle" },
  people: 2,
  unheardCalls: 0,
  requests: 0,
};

test("the status says that all is well only where it is", () => {
  expect(showStatus(status)).toContain("all is well");
  for (const trouble of [
    { hub: "disconnected" as const },
    { audio: "down" as const },
    { fault: "no book" },
    { warnings: ["full"] },
  ]) {
    expect(showStatus({ ...status, ...trouble })).not.toContain("all is well");
  }
});
