import type { Target } from "./target.ts";
import { bookFiles } from "./targets/book-files.ts";
import { bookRows } from "./targets/book-rows.ts";
import { bundle } from "./targets/bundle.ts";
import { certificate, token } from "./targets/certificate.ts";
import { control } from "./targets/control.ts";
import { dayKeys } from "./targets/day-keys.ts";
import { directory } from "./targets/directory.ts";
import { envelope } from "./targets/envelope.ts";
import { evidence } from "./targets/evidence.ts";
import { bookFile, caseFile } from "./targets/gate-files.ts";
import { hub } from "./targets/hub.ts";
import { mail } from "./targets/mail.ts";
import { mcu } from "./targets/mcu.ts";
import { parcel } from "./targets/parcel.ts";
import { sdp } from "./targets/sdp.ts";
import { sealed } from "./targets/sealed.ts";
import { smp } from "./targets/smp.ts";
import { soundPacket } from "./targets/sound-packet.ts";
import { journalFile, numbers, words } from "./targets/texts.ts";
import { vcard } from "./targets/vcard.ts";
import { cbor, frame, message, settlement, topic } from "./targets/wire.ts";

/** How many inputs a target gets in every run of the tests, and in `npm run test:long`. */
export type Planned = Readonly<{ target: Target; quick: number; long: number }>;

/** All that takes what others wrote. The quick ones together are some 100,000 inputs, the long ones 10,000,000. */
export const PLAN: readonly Planned[] = [
  { target: message, quick: 30_000, long: 3_000_000 },
  { target: smp, quick: 10_000, long: 1_000_000 },
  { target: soundPacket, quick: 10_000, long: 1_000_000 },
  { target: topic, quick: 20_000, long: 2_000_000 },
  { target: sdp, quick: 20_000, long: 2_000_000 },
  { target: cbor, quick: 10_000, long: 800_000 },
  { target: frame, quick: 10_000, long: 800_000 },
  { target: words, quick: 8_000, long: 500_000 },
  { target: numbers, quick: 4_000, long: 200_000 },
  { target: certificate, quick: 4_000, long: 400_000 },
  { target: envelope, quick: 4_000, long: 300_000 },
  { target: parcel, quick: 3_000, long: 250_000 },
  { target: caseFile, quick: 4_000, long: 400_000 },
  { target: bookFile, quick: 3_000, long: 300_000 },
  { target: bookRows, quick: 1_200, long: 80_000 },
  { target: bookFiles, quick: 50, long: 3_000 },
  { target: control, quick: 4_000, long: 300_000 },
  { target: vcard, quick: 5_000, long: 400_000 },
  { target: journalFile, quick: 1_500, long: 80_000 },
  { target: evidence, quick: 1_000, long: 40_000 },
  { target: bundle, quick: 1_000, long: 100_000 },
  { target: token, quick: 1_000, long: 60_000 },
  { target: sealed, quick: 800, long: 25_000 },
  { target: settlement, quick: 5_000, long: 400_000 },
  { target: directory, quick: 500, long: 30_000 },
  { target: dayKeys, quick: 200, long: 12_000 },
  { target: mcu, quick: 30_000, long: 1_000_000 },
  { target: mail, quick: 150, long: 6_000 },
  { target: hub, quick: 300, long: 10_000 },
];
