import { isDeepStrictEqual } from "node:util";
import { step } from "#device/voice/dialog.ts";
import type { Dialog, DialogInput, DialogOutput, Order } from "#device/voice/states.ts";
import type { Words } from "./ears.ts";
import type { Scene } from "./scene.ts";
import type { Sentence } from "./sentences.ts";

/** What a unit does about a sentence, and what that is called in a report. */
export const OUTCOMES = {
  right: "done just as if it had been read",
  asked: "asked about, and whoever was meant is among the answers",
  elsewhere: "asked about somebody or something else",
  rejected: "not understood",
  "wrong-call": "somebody else called, or a message begun to them",
  "wrong-person": "something else done with somebody else",
  other: "something else done or said",
} as const;
export type Outcome = keyof typeof OUTCOMES;

export function outcomeOf(sentence: Sentence, heard: Words, scene: Scene): Outcome {
  const [meant, wanted] = respond(scene, { text: sentence.text, score: 0, alike: [], nameMargin: null });
  const [after, outputs] = respond(scene, heard);
  if (isDeepStrictEqual(deedsOf(after, outputs), deedsOf(meant, wanted))) return "right";
  const orders = ordersOf(outputs);
  const intended = peopleMeant(sentence, meant, wanted);
  const strangers = orders.filter((order) => peopleOf(order).some((id) => !intended.includes(id)));
  if (strangers.some(({ type }) => type === "call" || type === "record")) return "wrong-call";
  if (strangers.length > 0 || isAboutStranger(scene.dialog, after, intended)) return "wrong-person";
  if (isNothing(scene.dialog, after, outputs)) return "rejected";
  if (orders.length > 0 || after.question === null || isDeepStrictEqual(after.question, scene.dialog.question))
    return "other";
  return leadsThere(after, meant, intended) ? "asked" : "elsewhere";
}

/** Whether anything comes of what was not said to the unit. */
export function isObeyed(heard: Words, scene: Scene): boolean {
  const [after, outputs] = respond(scene, heard);
  return !isNothing(scene.dialog, after, outputs);
}

function respond({ dialog, now }: Scene, { text, score, alike, nameMargin }: Words): ReturnType<typeof step> {
  const input: DialogInput = { type: "heard", text, score, spoke: true, buttonHeld: false, alike, nameMargin };
  return step(dialog, input, now);
}

/** All that counts: by which of their names somebody was called does not. */
function deedsOf({ question, undo, wish }: Dialog, outputs: readonly DialogOutput[]): unknown {
  return { question, undo, wish, outputs };
}

function peopleMeant({ person }: Sentence, { question }: Dialog, wanted: readonly DialogOutput[]): string[] {
  if (person !== null) return [person.id];
  const asked = question === null || question.act === "number" ? [] : [question.asked.person];
  return [...asked, ...ordersOf(wanted).flatMap(peopleOf)];
}

/** Something was told about somebody else. */
function isAboutStranger(before: Dialog, { recent, question, wish }: Dialog, intended: readonly string[]): boolean {
  if (recent === null || recent === before.recent || question !== null || wish !== null) return false;
  return recent.person !== null && !intended.includes(recent.person);
}

/** A question about the very thing, with whoever was meant among those who are offered. */
function leadsThere({ question }: Dialog, meant: Dialog, intended: readonly string[]): boolean {
  if (question === null || question.act === "send" || question.act === "number") return false;
  const offered = [question.asked, ...question.rest, ...question.offered].map(({ person }) => person);
  const isSame = meant.recent === null || meant.recent.act === question.act;
  return isSame && intended.some((id) => offered.includes(id));
}

function isNothing(before: Dialog, after: Dialog, outputs: readonly DialogOutput[]): boolean {
  if (after.wish !== null || !isDeepStrictEqual(after.undo, before.undo)) return false;
  if (before.question === null) return after.question === null && outputs.every(({ type }) => type === "sorry");
  // It may ask once more.
  return outputs.every(({ type }) => type !== "do") && outputs.some(({ type }) => type === "sorry");
}

function ordersOf(outputs: readonly DialogOutput[]): Order[] {
  return outputs.flatMap((output) => (output.type === "do" ? [output.order] : []));
}

/** Those with whom an order does something. */
function peopleOf(order: Order): string[] {
  if ("person" in order) return [order.person];
  if ("from" in order && order.from !== null) return [order.from];
  if ("window" in order) return [...order.window.except];
  return "block" in order && "person" in order.block ? [order.block.person] : [];
}
