import * as v from "valibot";
import { isTooEasy, PIN_DIGITS } from "../voice/pin-rules.ts";

const { least, most } = PIN_DIGITS;

export const PinDigits = v.pipe(
  v.string(),
  v.regex(/^\d*$/, "a PIN is digits alone"),
  v.minLength(least, `a PIN has ${least} to ${most} digits`),
  v.maxLength(most, `a PIN has ${least} to ${most} digits`),
  v.check((digits) => !isTooEasy(digits), "that PIN is among the first that anybody tries: choose another"),
);

export const PinAnswers = {
  /** `wrong`: how often something else was entered since it was right or set. */
  pin: v.strictObject({ standing: v.picklist(["none", "open", "resting", "unreadable"]), wrong: v.number() }),
  "pin-set": v.strictObject({}),
  "pin-off": v.strictObject({}),
};
