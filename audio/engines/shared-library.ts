import koffi, { type LibraryHandle } from "koffi";
import { AudioError } from "../audio-error.ts";

/** Loads a library of Debian's by its name; an AudioError `engine-missing` names the package where it is not there. */
export function loadLibrary(name: string, debianPackage: string): LibraryHandle {
  try {
    return koffi.load(name);
  } catch (cause) {
    const message = `${name} is missing: install the Debian package ${debianPackage}`;
    throw new AudioError("engine-missing", message, { name }, cause);
  }
}
