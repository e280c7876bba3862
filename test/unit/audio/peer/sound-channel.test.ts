import { expect, test } from "vitest";
import { FRAME_SAMPLES } from "#audio/frame.ts";
import { SoundChannel } from "#audio/peer/sound-channel.ts";
import type { DataChannel } from "#audio/peer/wrtc.ts";
import { FakeClock } from "#test/house/fake-clock.ts";

/** A channel's end: what is sent arrives at the other at once; null is lost. */
class Wire implements DataChannel {
  readyState: DataChannel["readyState"] = "open";
  binaryType: DataChannel["binaryType"] = "blob";
  readonly sent: Uint8Array[] = [];
  tries = 0;
  other: Wire | null = null;
  /** Loses every so many packets. */
  losesEvery = Number.POSITIVE_INFINITY;
  listener: (event: { readonly data: unknown }) => void = () => undefined;

  addEventListener(_: "message", listener: (event: { readonly data: unknown }) => void): void {
    this.listener = listener;
  }

  send(bytes: Uint8Array): void {
    this.tries += 1;
    if (this.readyState !== "open") throw new Error("it is closed");
    this.sent.push(bytes.slice());
    if (this.sent.length % this.losesEvery !== 0) this.other?.listener({ data: bytes.slice().buffer });
  }

  close(): void {
    this.readyState = "closed";
  }
}

function makeEnds() {
  const clock = new FakeClock();
  const [here, there] = [new Wire(), new Wire()];
  here.other = there;
  there.other = here;
  const open = (channel: Wire) => {
    const sound = new SoundChannel({ clock, channel, onMisuse: () => undefined });
    sound.start();
    return sound;
  };
  const frame = new Int16Array(FRAME_SAMPLES).fill(1_000);
  const ends = { ana: open(here), ben: open(there) };
  const talk = (frames: number) => {
    for (let at = 0; at < frames; at += 1) {
      clock.advance(10);
      ends.ana.send(frame, true);
      ends.ben.send(frame, true);
    }
  };
  return { ...ends, clock, here, there, talk };
}

test("nobody sends by a channel whose other end said that it leaves: it may be closing", () => {
  const { ana, ben, here, there, talk } = makeEnds();
  talk(50);
  expect(ben.isSteady).toBe(true);
  ana[Symbol.dispose]();
  expect(ana.sayLast()).toBe("said");
  const [anas, bens] = [here.sent.length, there.sent.length];
  talk(50);
  expect(ana.sayLast()).toBe("said");
  expect(ben.sayLast()).toBe("needless");
  expect([here.sent.length - anas, there.sent.length - bens]).toEqual([1, 0]);
});

test("an end that is over without a word still sends, which is what the word is for", () => {
  const { ana, there, talk } = makeEnds();
  talk(50);
  ana[Symbol.dispose]();
  const before = there.sent.length;
  talk(50);
  expect(there.sent.length - before).toBeGreaterThan(5);
});

test("where the certificate was never seen, or a channel is closed, there is nobody to take leave of", () => {
  const { clock, ana, here } = makeEnds();
  const unseen = new SoundChannel({ clock, channel: new Wire(), onMisuse: () => undefined });
  expect([unseen.isInUse, unseen.sayLast()]).toEqual([false, "needless"]);
  expect(ana.isInUse).toBe(true);
  here.close();
  expect([ana.isInUse, ana.sayLast()]).toEqual([false, "needless"]);
});

test("an end that sent nothing yet takes leave, too, as soon as it can: the other one may have begun", () => {
  const { ana, ben, here, there, talk } = makeEnds();
  here.readyState = "connecting";
  ana[Symbol.dispose]();
  expect([ana.isInUse, ana.sayLast()]).toEqual([true, "too early"]);
  talk(5);
  expect(there.sent.length).toBe(5);
  here.readyState = "open";
  expect(ana.sayLast()).toBe("said");
  talk(5);
  expect([there.sent.length, ben.sayLast()]).toEqual([5, "needless"]);
});

test("sound takes the other way once a channel is closed, which nobody tries to send by any more", () => {
  const { ana, here, talk } = makeEnds();
  const frame = new Int16Array(FRAME_SAMPLES);
  talk(300);
  expect(ana.send(frame, true)).toBe(true);
  here.close();
  const before = here.tries;
  expect([ana.send(frame, true), ana.send(frame, true)]).toEqual([false, false]);
  expect(here.tries).toBe(before);
});

test("while packets are lost, frames go by SRTP as well, so that its jitter buffer is ready when the channel fails", () => {
  const { ana, here, talk } = makeEnds();
  const frame = new Int16Array(FRAME_SAMPLES);
  talk(500);
  expect(ana.send(frame, true)).toBe(true);
  here.losesEvery = 20;
  talk(500);
  const before = here.sent.length;
  expect(ana.send(frame, true)).toBe(false);
  expect(here.sent.length).toBe(before + 1);
  here.losesEvery = 50;
  talk(2_000);
  expect(ana.send(frame, true)).toBe(true);
});
