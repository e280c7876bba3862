import { InvalidArgumentError } from "commander";
import * as v from "valibot";
import { readAccountId } from "../store/account-id.ts";
import { MessageName } from "./message-views.ts";

/** What several commands read from their arguments. */

export function readAccount(text: string): string {
  const account = readAccountId(text);
  if (account === null) throw new InvalidArgumentError('It is 52 letters and digits, as "porter id" shows.');
  return account;
}

/** The beginning of a message's id, and of whose it is where that must be said. */
export function readMessageName(text: string): string {
  if (!v.is(MessageName, text)) throw new InvalidArgumentError('It is what "porter messages" shows first.');
  return text;
}

export function readMessageLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 100) return limit;
  throw new InvalidArgumentError("It is a number from 1 to 100.");
}

export function readLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 200) throw new InvalidArgumentError("It is a number, 1 to 200.");
  return limit;
}
