/** Why firmware is not taken: a code for scripts, a sentence for people. */
export type FirmwareRefused = Readonly<{ ok: false; reason: string; sentence: string }>;
export type FirmwareTaken = Readonly<{ ok: true; offset: number }>;

/** `hash` names what stands in the slot; `pending`: tried at the next start. */
export type FirmwareSlot = Readonly<{
  version: string;
  hash: Uint8Array;
  active: boolean;
  confirmed: boolean;
  pending: boolean;
}>;

/** The unit's two places for firmware, as the serial line needs them. What is not signed for this unit gets into none. */
export interface Firmware {
  /** Announces a bundle; `offset`: so much of this very one is here already. */
  open(bytes: number, sha256: string): FirmwareTaken | FirmwareRefused;
  /** From another offset than the wanted one nothing is taken: the answer says which is wanted. */
  write(offset: number, bytes: Uint8Array): FirmwareTaken | FirmwareRefused;
  /** All was sent: into the slot that is not running with it. */
  finish(): Promise<Readonly<{ ok: true }> | FirmwareRefused>;
  /** From the next start on the slot that is not running is tried; it confirms itself, or gives way. */
  activate(): Readonly<{ ok: true }> | FirmwareRefused;
  /** Forgets what was sent so far. */
  abort(): void;
  /** Those that hold something: the active one first. */
  slots(): readonly FirmwareSlot[];
}
