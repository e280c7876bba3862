import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { alsaError, ERRNO } from "#audio/io/alsa-error.ts";
import { besides, type Card, choose, convertingName, readCards } from "#audio/io/cards.ts";
import { makeTempFolder } from "#test/house/temp-folder.ts";

const CARDS = ` 0 [PCH            ]: HDA-Intel - HDA Intel PCH
                      HDA Intel PCH at 0xf7610000 irq 31
 1 [Device         ]: USB-Audio - USB Speakerphone
                      Maker USB Speakerphone at usb-0000:00:14.0-1, full speed
 2 [HDMI           ]: HDA-Intel - HDA ATI HDMI
                      HDA ATI HDMI at 0xf7760000 irq 32
`;

function card(id: string, has: Partial<Card>): Card {
  return { index: 0, id, name: id, usb: false, capture: [], playback: [], ...has };
}
const LAPTOP = card("PCH", { capture: [0], playback: [0] });
const USB = card("Device", { index: 1, usb: true, capture: [0], playback: [0] });
const HDMI = card("HDMI", { index: 2, playback: [3, 7] });
const WEBCAM = card("Webcam", { index: 3, usb: true, capture: [0] });

test("cards are read as the kernel tells of them, and none where it has no sound", async () => {
  await using folder = await makeTempFolder();
  await writeFile(join(folder.path, "cards"), CARDS);
  const entries = ["card0/pcm0c", "card0/pcm0p", "card0/pcm2c", "card1/pcm0c", "card1/pcm0p", "card2/pcm3p"];
  for (const entry of entries) await mkdir(join(folder.path, entry), { recursive: true });
  await writeFile(join(folder.path, "card1/usbid"), "1234:5678\n");
  expect(await readCards(folder.path)).toEqual([
    { index: 0, id: "PCH", name: "HDA Intel PCH", usb: false, capture: [0, 2], playback: [0] },
    { index: 1, id: "Device", name: "USB Speakerphone", usb: true, capture: [0], playback: [0] },
    { index: 2, id: "HDMI", name: "HDA ATI HDMI", usb: false, capture: [], playback: [3] },
  ]);
  expect(await readCards(join(folder.path, "none"))).toEqual([]);
});

test("a sound server is asked before any card; a USB speakerphone comes before the laptop's own card", () => {
  expect(choose([LAPTOP, USB], true)).toMatchObject({ capture: "default", playback: "default" });
  expect(choose([LAPTOP, HDMI, USB], false)).toMatchObject({
    capture: "plughw:CARD=Device,DEV=0",
    playback: "plughw:CARD=Device,DEV=0",
  });
  expect(choose([WEBCAM, HDMI, LAPTOP], false)).toMatchObject({
    capture: "plughw:CARD=PCH,DEV=0",
    playback: "plughw:CARD=PCH,DEV=0",
  });
});

test("without a card that does both, two are taken; without a microphone or a loudspeaker, none", () => {
  expect(choose([HDMI, WEBCAM], false)).toMatchObject({
    capture: "plughw:CARD=Webcam,DEV=0",
    playback: "plughw:CARD=HDMI,DEV=3",
  });
  expect(choose([HDMI], false)).toBeNull();
  expect(choose([], false)).toBeNull();
});

test("beside a card that was named, its own other direction is taken", () => {
  const cards = [LAPTOP, USB, WEBCAM];
  for (const told of ["hw:1", "plughw:1,0", "hw:CARD=Device,DEV=0", "hw:Device"])
    expect(besides(cards, told, "playback"), told).toBe("plughw:CARD=Device,DEV=0");
  expect(besides(cards, "hw:Webcam", "playback")).toBeNull();
  expect(besides(cards, "default", "playback")).toBeNull();
  expect(convertingName("hw:1")).toBe("plughw:1");
  expect(convertingName("plughw:1")).toBe("plughw:1");
});

test.each([
  [ERRNO.ENODEV, "device-missing", "porter audio list"],
  [ERRNO.ECONNREFUSED, "device-missing", "sound server"],
  [ERRNO.EIO, "device-missing", "unplugged"],
  [ERRNO.EBUSY, "device-busy", "fuser"],
  [ERRNO.EACCES, "no-permission", "usermod -aG audio"],
  [ERRNO.ETIMEDOUT, "device-stuck", "plug it in anew"],
  [22, "device-failed", "Invalid argument"],
])("error %i of a card is told as %s, with what to do", (errno, code, hint) => {
  const error = alsaError(-errno, "capture", "hw:1");
  expect(error.code).toBe(code);
  expect(error.message).toContain("microphone (hw:1)");
  expect(error.message).toContain(hint);
});
