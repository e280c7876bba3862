import { expect, test } from "vitest";
import { examine, ofSlot } from "#scripts/rig/agent/programs.ts";

const FINDING = { what: "clock", grade: "warn", says: "it is wrong", next: "set it" };
const says = (text: string, code = 0) => ({ program: "/bin/sh", words: ["-c", `printf '%s' '${text}'; exit ${code}`] });

test("what doctor finds is read line by line, also where it ends with 1 because something is wrong", async () => {
  const two = `${JSON.stringify(FINDING)}\n${JSON.stringify({ ...FINDING, grade: "fail" })}\n`;
  await expect(examine(says(two, 1))).resolves.toEqual([FINDING, { ...FINDING, grade: "fail" }]);
});

test.each(["", "all is well", "{}", `${JSON.stringify(FINDING)}\nhalf a li`])(
  "a doctor that says %j has not looked",
  async (text) => {
    await expect(examine(says(text))).rejects.toThrow("porter doctor said nothing");
  },
);

test("a unit from a slot is started by its own launcher, and examined by its own doctor", () => {
  const { unit, doctor } = ofSlot({ unit: "/share/unit.json", data: "/data/unit" }, "/data/firmware");
  expect(unit).toEqual({
    program: "/data/firmware/current/node",
    words: [
      "/data/firmware/current/app/device/update/boot.ts",
      "--root",
      "/data/firmware",
      "--",
      "--config",
      "/share/unit.json",
    ],
  });
  expect(doctor.program).toBe("/data/firmware/current/node");
  expect(doctor.words[0]).toBe("/data/firmware/current/app/device/control/cli.ts");
});
