import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { AnswerPart, BENCH_COMMAND, benchGroup, type Rig, SceneChanges } from "#device/smp/group-bench.ts";
import { RC } from "#device/smp/packet.ts";
import { SimBoard } from "#hal/sim/sim-board.ts";
import { FakeClock } from "#test/house/fake-clock.ts";

const clock = new FakeClock();

function open(rig: Rig | null) {
  const commands = benchGroup(() => rig, clock);
  return async (what: keyof typeof BENCH_COMMAND, body: Record<string, unknown>) => {
    const command = commands.find(({ id }) => id === BENCH_COMMAND[what]);
    return command?.run(body);
  };
}

/** A control socket that counts, and answers with so many characters. */
function countingControl(length: number) {
  const lines: string[] = [];
  const control = async (line: string) => {
    lines.push(line);
    return `${lines.length}${"é".repeat(length)}`;
  };
  return { lines, control };
}

describe("a rig's line to the control socket", () => {
  test("hands over a request, and its answer in parts however long it is", async () => {
    const { lines, control } = countingControl(4_000);
    const bench = open({ board: new SimBoard(clock), control });
    const answered = await bench("ask", { token: 7, text: '{"do":"status"}' });
    const first = v.parse(AnswerPart, answered?.ok && answered.body);
    const parts = [first.part];
    for (let from = first.part.length; from < first.bytes; ) {
      const more = await bench("answer", { from });
      const { part } = v.parse(AnswerPart, more?.ok && more.body);
      parts.push(part);
      from += part.length;
    }
    expect(Buffer.concat(parts).toString()).toBe(`1${"é".repeat(4_000)}`);
    expect(lines).toEqual(['{"do":"status"}']);
    expect(parts.length).toBeGreaterThan(4);
  });

  test("does nothing twice where an answer was lost and the same is asked again, and a new request anew", async () => {
    const { lines, control } = countingControl(1);
    const bench = open({ board: new SimBoard(clock), control });
    const [once, again] = [await bench("ask", { token: 1, text: "a" }), await bench("ask", { token: 1, text: "a" })];
    expect(again).toEqual(once);
    expect(lines).toEqual(["a"]);
    await bench("ask", { token: 2, text: "a" });
    expect(lines).toEqual(["a", "a"]);
  });

  test("is nobody's where the jumper is not set, and says what to do; nor does a unit answer that does not run", async () => {
    const { lines, control } = countingControl(1);
    for (const what of ["ask", "answer", "lights", "hands"] as const) {
      await expect(open(null)(what, { token: 1, text: "a", do: "press" })).resolves.toMatchObject({ rc: RC.denied });
    }
    const waiting = open({ board: new SimBoard(clock), control: null });
    await expect(waiting("ask", { token: 1, text: "a" })).resolves.toMatchObject({ ok: false, rc: RC.badState });
    expect(lines).toEqual([]);
    void control;
  });

  test.each([
    { token: -1, text: "a" },
    { token: 1.5, text: "a" },
    { token: 1, text: "é".repeat(769) },
    { token: 1, text: 5 },
    { token: 1, text: "a", more: true },
    {},
  ])("refuses what is malformed or too long, and hands nothing over", async (body) => {
    const { lines, control } = countingControl(1);
    const bench = open({ board: new SimBoard(clock), control });
    await expect(bench("ask", body)).resolves.toMatchObject({ ok: false, rc: RC.invalid });
    await expect(bench("answer", { from: -1 })).resolves.toMatchObject({ ok: false, rc: RC.invalid });
    await expect(bench("answer", { from: 1e9 })).resolves.toMatchObject({ ok: true, body: { bytes: 0 } });
    expect(lines).toEqual([]);
  });
});

test("a rig reads the lights with what the unit's clock shows, so that it can tell when by its own", async () => {
  const board = new SimBoard(clock);
  board.lights.show("ringing");
  clock.advance(500);
  const looked = await open({ board, control: null })("lights", {});
  const { nowMs, changes } = v.parse(SceneChanges, looked?.ok && looked.body);
  expect(nowMs - (changes[0]?.atMs ?? 0)).toBe(500);
});
