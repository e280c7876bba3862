import {
  type CountryCode,
  getCountryCallingCode,
  isSupportedCountry,
  Metadata,
  parsePhoneNumberFromString,
} from "libphonenumber-js/max";
import type { NumberKey } from "./gate/book.ts";
import type { ClaimedNumber } from "./gate/decide.ts";

/**
 * Numbers at the border: what somebody wrote becomes keys that the gate compares. Parsing costs some 50 to 300 µs, so
 * no decision does it. Sources: ITU-T E.164 and E.123 (writing), RFC 3966 (`tel:`), libphonenumber's metadata (plans).
 */

/** Longer than this is no number, whatever it is. */
const MAX_TEXT = 256;
/** E.164 allows 15; some plans list one or two more, and a caller may claim anything. */
const MAX_DIGITS = 40;

/** How sure a reading is: 2 a number that its country hands out, 1 one of a length that it could have, 0 neither. */
type Reading = Readonly<{ key: NumberKey; rank: 0 | 1 | 2 }>;

export function isRegion(text: string): boolean {
  return isSupportedCountry(text);
}

/** Each plausible meaning of a written number, the likeliest first. Empty where no digit stands in it. */
export function readNumber(text: string, region: string): readonly NumberKey[] {
  const written = tidy(text);
  if (written === null) return [];
  const keys = readingsOf(written, region).map(({ key }) => key);
  return keys.length > 0 ? [...new Set(keys)] : [written.digits];
}

/** What came with a call, for the gate; `undefined` where no number came, `withheld` where none stands in its place. */
export function readClaim(
  text: string | undefined,
  isAttested: boolean,
  region: string,
): Readonly<{ number?: ClaimedNumber; withheld: boolean }> {
  if (text === undefined) return { withheld: false };
  const readings = readNumber(text, region);
  if (readings.length === 0) return { withheld: true };
  return { number: { readings, attested: isAttested ? readExact(text) : null }, withheld: false };
}

/**
 * A number as an attestation states it: E.164 with its `+`, perhaps with separators. Null for anything that would have
 * to be interpreted (a national writing, an extension, a length that the country does not have).
 */
export function readExact(text: string): NumberKey | null {
  const plain = text.replaceAll(/[ .()-]/g, "");
  if (!/^\+[1-9]\d{6,14}$/.test(plain) || /\(0+\)/.test(text)) return null;
  const reading = read(plain, undefined);
  return reading.rank > 0 && reading.key === plain ? plain : null;
}

/** The E.164 beginnings that a written prefix can mean; empty where it is none. */
export function readPrefix(text: string, region: string): readonly string[] {
  const written = tidy(text);
  if (written === null || written.digits.length > 15) return [];
  const { digits, isInternational, withoutZero } = written;
  if (isInternational || digits.startsWith("00")) {
    const [code, other] = isInternational ? [digits, withoutZero] : [digits.slice(2), withoutZero.slice(2)];
    // A bracketed zero is for dialling at home, but in Italy, where it belongs to the number.
    const prefix = code.startsWith("39") ? code : other;
    return /^[1-9]/.test(prefix) ? [`+${prefix}`] : [];
  }
  const { callingCode, trunk } = planOf(region);
  const national = trunk !== "" && digits.startsWith(trunk) ? digits.slice(trunk.length) : digits;
  const readings = [`+${callingCode}${national}`];
  // "44 909" by somebody in Britain: the country code may well be meant.
  if (digits.startsWith(callingCode)) readings.push(`+${digits}`);
  return [...new Set(readings)];
}

type Written = Readonly<{
  /** ASCII digits alone. */
  digits: string;
  /** It began with a `+` and what can be a country code. */
  isInternational: boolean;
  /** The same without a bracketed zero: "+44 (0)20" as many write it. */
  withoutZero: string;
}>;

/** Any script's digits, full width, RFC 3966, SIP, extensions, letters on keys. Null where no digit is left. */
function tidy(text: string): Written | null {
  if (text.length > MAX_TEXT) return null;
  const plain = withoutScheme(toAsciiDigits(text.normalize("NFKC").replaceAll(/[\p{Cf}\p{Cc}]/gu, ""))).trim();
  const start = plain.search(/[+(\d]/);
  if (start < 0) return null;
  const bare = onKeys(withoutExtension(plain.slice(start)));
  const hasPlus = /^[( ]*\+/.test(bare);
  // "+0044…" was written by somebody who put both.
  const clean = (dialled: string) => (hasPlus ? dialled.replace(/^00/, "") : dialled).slice(0, MAX_DIGITS);
  const digits = clean(digitsOf(bare));
  if (digits === "") return null;
  // No country code begins with a zero (E.164): who writes "+020…" put a plus before what is dialled at home.
  const isInternational = hasPlus && !digits.startsWith("0");
  return { digits, isInternational, withoutZero: clean(digitsOf(bare.replace(/\( *0 *\)/, ""))) };
}

/** Unicode keeps the ten digits of a script together, from zero on, and NFKC has made ASCII of the odd ones. */
function toAsciiDigits(text: string): string {
  return text.replaceAll(/\p{Nd}/gu, (digit) => {
    let zero = digit.codePointAt(0) ?? 0;
    const code = zero;
    while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
    return String((code - zero) % 10);
  });
}

/** RFC 3966 `tel:` with its parameters, and the user part of a SIP address. */
function withoutScheme(text: string): string {
  const scheme = /^\s*(?:tel|sips?|callto):(?:\/\/)?/i.exec(text);
  if (scheme === null) return text.split("@", 1)[0] ?? "";
  const rest = text
    .slice(scheme[0].length)
    .replaceAll(/%([0-7][0-9a-f])/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  const [user = ""] = rest.split(/[@;?]/, 1);
  const context = /;phone-context=(\+\d{1,7})/i.exec(rest)?.[1];
  return context !== undefined && !user.startsWith("+") ? `${context}${user}` : user;
}

/** A block and a claim are about the line, whoever picks up behind it. */
function withoutExtension(text: string): string {
  return text
    .replace(/[;,#~].*$/s, "")
    .replace(
      /(?:\d[\s).-]*)(?:ext(?:ension|n)?|x|poste|durchwahl|int(?:erno)?|anexo|доб)[\s.:]*\d{1,8}\D*$/iu,
      (part) => part.slice(0, 1),
    );
}

const KEYS = "22233344455566677778889999";

/** "1-800-FLOWERS": letters as a telephone's keys carry them (ITU-T E.161). */
function onKeys(text: string): string {
  if (!/\d[\s.-]*[a-z]{3}/i.test(text)) return text;
  return text.replaceAll(/[a-z]/gi, (letter) => KEYS[letter.toLowerCase().charCodeAt(0) - 97] ?? "");
}

function digitsOf(text: string): string {
  return text.replaceAll(/[^0-9]/g, "");
}

function readingsOf(written: Written, region: string): readonly Reading[] {
  const { digits, isInternational, withoutZero } = written;
  if (isInternational) return [international(digits, withoutZero)];
  const national = readNational(digits, region);
  // Written with "00" it is dialled abroad from nearly everywhere, also where this region dials otherwise.
  if (digits.startsWith("00")) {
    const abroad = international(digits.slice(2), withoutZero.slice(2));
    return abroad.rank > 0 && abroad.rank >= national.rank ? [abroad] : likely(national);
  }
  if (digits.startsWith("0")) return likely(national);
  const { callingCode, trunk } = planOf(region);
  const abroad = international(digits, withoutZero);
  const isOwnCode = digits.startsWith(callingCode);
  // A gateway often leaves out the "+". Where a trunk zero would have to stand, the national meaning is not surer.
  const isAllThereIs = abroad.rank > 0 && (isOwnCode ? national.rank < 2 : national.rank === 0 && digits.length >= 10);
  const isPlausible = abroad.rank === 2 || isAllThereIs;
  if (!isPlausible || (national.rank === 2 && trunk !== "0")) return likely(national);
  return national.rank === 2 ? [national, abroad] : [abroad, ...likely(national)];
}

function likely(reading: Reading): readonly Reading[] {
  return reading.rank > 0 ? [reading] : [];
}

/** Digits that begin with a country code. */
function international(digits: string, withoutZero: string): Reading {
  const asWritten = italian(read(`+${digits}`, undefined));
  const other = withoutZero === digits ? asWritten : read(`+${withoutZero}`, undefined);
  return other.rank > asWritten.rank ? other : asWritten;
}

/** In Italy the zero belongs to the number: foreigners drop it, and some put one before a mobile number. */
function italian(reading: Reading): Reading {
  const { key } = reading;
  if (reading.rank === 2 || !key.startsWith("+39")) return reading;
  const other = read(key.startsWith("+390") ? `+39${key.slice(4)}` : `+390${key.slice(3)}`, undefined);
  return other.rank === 2 ? other : reading;
}

function readNational(digits: string, region: string): Reading {
  // Mexico dialled 01, 044 and 045 before ten digits until 2019.
  const old = region === "MX" ? /^(?:01|04[45])(\d{10})$/.exec(digits)?.[1] : undefined;
  return italian(read(old ?? digits, region));
}

function read(text: string, region: string | undefined): Reading {
  const country = region !== undefined && isSupportedCountry(region) ? region : undefined;
  const number = parsePhoneNumberFromString(text, { extract: false, ...(country && { defaultCountry: country }) });
  if (number === undefined) return { key: text, rank: 0 };
  if (number.isValid()) return { key: number.number, rank: 2 };
  // "+52 1" and ten digits is what Mexico's mobiles were until 2019, and what messengers still send.
  const rank = number.isPossible() || /^\+521\d{10}$/.test(number.number) ? 1 : 0;
  return { key: number.number, rank };
}

type Plan = Readonly<{ callingCode: string; trunk: string }>;
const plans = new Map<string, Plan>();

/** How a region dials: its country code, and what stands before a national number (often "0", or nothing). */
function planOf(region: string): Plan {
  const known = plans.get(region);
  if (known !== undefined) return known;
  const plan = isSupportedCountry(region)
    ? { callingCode: getCountryCallingCode(region), trunk: trunkOf(region) }
    : { callingCode: "", trunk: "" };
  plans.set(region, plan);
  return plan;
}

/** The library reads it for itself, but leaves it out of its types. */
function trunkOf(region: CountryCode): string {
  const metadata = new Metadata();
  metadata.selectNumberingPlan(region);
  const { numberingPlan } = metadata;
  const ask: unknown = numberingPlan && Reflect.get(numberingPlan, "nationalPrefix");
  const trunk: unknown = typeof ask === "function" ? Reflect.apply(ask, numberingPlan, []) : "";
  return typeof trunk === "string" ? trunk : "";
}
