import { expect, test } from "vitest";
import { Heartbeat } from "#audio/heartbeat.ts";
import { FakeClock } from "#test/house/fake-clock.ts";

type Sent = { sounds: boolean; written: () => void };

function beating(): { clock: FakeClock; sent: Sent[]; sound: (ms: number) => void } {
  const clock = new FakeClock();
  const sent: Sent[] = [];
  const heart = new Heartbeat({ clock, send: ({ sounds }, written) => sent.push({ sounds, written }) });
  const sound = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 10) {
      clock.advance(10);
      heart.tick();
    }
  };
  return { clock, sent, sound };
}

function takeAll(sent: Sent[]): boolean[] {
  return sent.splice(0).map(({ sounds, written }) => {
    written();
    return sounds;
  });
}

test("every 100 ms of sound make one beat, and no timer makes one while there is sound", () => {
  const { sent, sound } = beating();
  for (let beat = 0; beat < 20; beat += 1) {
    sound(100);
    expect(takeAll(sent)).toEqual([true]);
  }
});

test("where the device gives no sound the beats say so", () => {
  const { clock, sent, sound } = beating();
  sound(100);
  takeAll(sent);
  clock.advance(200);
  expect(takeAll(sent)).toEqual([]);
  clock.advance(100);
  expect(takeAll(sent)).toEqual([false]);
});

test("beats do not pile up before a brain that does not read", () => {
  const { sent, sound } = beating();
  sound(10_000);
  expect(sent).toHaveLength(1);
  takeAll(sent);
  sound(100);
  expect(sent).toHaveLength(1);
});
