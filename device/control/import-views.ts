import * as v from "valibot";
import { AccountIdSchema } from "../store/account-id.ts";
import { AddressSchema, NumberKeySchema } from "../store/keys.ts";

/** Cards of a file as they cross the control socket, and what became of them. */

/** So many in one request, as far as its line holds them. */
export const MAX_CARDS = 100;

const Name = v.pipe(v.string(), v.nonEmpty("must not be empty"), v.maxLength(100));
const each = <Item extends v.GenericSchema>(item: Item) => v.pipe(v.array(item), v.maxLength(16));

export const cardFields = {
  name: Name,
  aliases: each(Name),
  accounts: each(AccountIdSchema),
  /** Each with all that it can mean, the likeliest first. */
  numbers: each(v.pipe(v.array(NumberKeySchema), v.minLength(1), v.maxLength(4))),
  addresses: each(AddressSchema),
};

export const TickedCardText = v.strictObject({
  ...cardFields,
  /** Though they were deleted: the owner asked for just this one by name. */
  bringBack: v.boolean(),
  /** Though somebody in the book has this name: it is another person. */
  another: v.boolean(),
});

const Somebody = v.strictObject({ id: v.string(), name: v.string() });

const CardView = v.strictObject({
  outcome: v.picklist(["new", "more", "known", "granted", "same-name", "several", "deleted", "refused"]),
  people: v.array(Somebody),
  /** Of a person: nothing of theirs gets through. */
  blocked: v.boolean(),
  detail: v.optional(v.string()),
});
export type CardView = v.InferOutput<typeof CardView>;

/** One for each card, in their order. */
export const CardViews = v.strictObject({ cards: v.array(CardView) });
