import { createHash } from "node:crypto";
import type { BootState, Slot } from "../update/boot-state.ts";
import { realDisk } from "../update/disk.ts";
import { encodeManifest } from "../update/manifest.ts";
import { Slots } from "../update/slots.ts";
import { openUpdates } from "../update/updates.ts";
import type { Firmware, FirmwareSlot } from "./firmware.ts";

/** The slots below `root`, as the serial line sees them. Null on a unit that was not started from a slot. */
export function openFirmware(root: string | undefined): Firmware | null {
  if (root === undefined) return null;
  const updates = openUpdates(root);
  const slots = new Slots(realDisk, root);
  return {
    open: (bytes, sha256) => updates.open(bytes, sha256),
    write: (offset, bytes) => updates.write(offset, bytes),
    finish: () => updates.finish(),
    activate: () => updates.activate(),
    abort: () => updates.abort(),
    slots() {
      const { state } = updates;
      if (!state) return [];
      const active = process.env.PORTER_SLOT === "b" ? "b" : "a";
      const order: readonly Slot[] = active === "a" ? ["a", "b"] : ["b", "a"];
      return order.flatMap((slot) => slotOf(slots, state, slot, slot === active));
    },
  };
}

/** A slot is named by the hash of its manifest, which names every file in it. */
function slotOf(slots: Slots, state: BootState, slot: Slot, active: boolean): FirmwareSlot[] {
  const content = state.slots[slot];
  const manifest = content && slots.manifestIn(slot);
  if (!content || !manifest) return [];
  const hash = new Uint8Array(createHash("sha256").update(encodeManifest(manifest)).digest());
  const pending = state.trial?.slot === slot && !active;
  return [{ version: content.version, hash, active, confirmed: state.confirmed === slot, pending }];
}
