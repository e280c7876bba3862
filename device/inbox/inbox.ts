import type { Inbox, InboxEvent, InboxOutput, InboxStep, MessageRef, Pile } from "./states.ts";

const BETWEEN_MS = 900;
/** From when the next one is begun: who is known to have said the wake word by then began before they heard whose it is. */
const STILL_BEFORE_MS = 1_200;
const ATTENTION_MS = 60_000;
/** Nothing takes longer to be said or played, who and when before it included. */
const LONGEST_MS = 10 * 60_000;

export const nothingPlays: Inbox = { at: "idle", turn: 0 };

type At<S extends Inbox["at"]> = Extract<Inbox, { at: S }>;
type Open = Exclude<Inbox, { at: "idle" }>;

/**
 * The only place where listening changes. Pure: no clock, no I/O, no throw. An event that does not fit changes nothing.
 * Every playing follows from a word of the owner's: `asked`, `next` or `repeat`, or one of those before it.
 */
export function step(inbox: Inbox, event: InboxEvent): InboxStep {
  if (event.type === "asked") return ask(inbox, event.pile, event.messages);
  switch (inbox.at) {
    case "idle":
      return event.type === "brought-back" ? bringBack(inbox, event.message) : [inbox, []];
    case "playing":
      return whilePlaying(inbox, event);
    case "between":
      return whileBetween(inbox, event);
    case "paused":
      return whilePaused(inbox, event);
  }
}

type Later = Exclude<InboxEvent, { type: "asked" }>;

function ask(inbox: Inbox, pile: Pile, messages: readonly MessageRef[]): InboxStep {
  const [stopped, outputs] = interrupt(inbox);
  const [first, ...rest] = messages;
  if (first === undefined) return [stopped, outputs];
  return after(outputs, play(first, { turn: stopped.turn, pile, rest }));
}

function whilePlaying(inbox: At<"playing">, event: Later): InboxStep {
  switch (event.type) {
    case "over":
      if (event.turn !== inbox.turn) return [inbox, []];
      if (event.whole === null) return [{ ...inbox, at: "between", unheard: true }, [soon]];
      return [{ ...inbox, at: "between", unheard: false }, [{ type: "heard", message: inbox.current }, soon]];
    case "unplayable":
      if (event.turn !== inbox.turn) return [inbox, []];
      return [{ ...inbox, at: "between", unheard: false }, [{ type: "tell", what: "unplayable" }, soon]];
    case "refused":
      return goOn({ ...inbox, current: null }, inbox.before);
    case "interrupted":
      return inbox.before === null ? interrupt(inbox) : goBack(inbox, inbox.before);
    case "timer":
      return event.name === "attention" ? interrupt(inbox) : [{ ...inbox, before: null }, []];
    default:
      return whateverIsOpen(inbox, event);
  }
}

function whileBetween(inbox: At<"between">, event: Later): InboxStep {
  if (event.type === "timer" && event.name === "between") {
    const heard: InboxOutput[] = inbox.unheard ? [{ type: "heard", message: inbox.current }] : [];
    if (inbox.rest.length === 0) return pause(inbox, [...heard, { type: "tell", what: "was-last" }]);
    return after(heard, goOn(inbox, inbox.current));
  }
  return whateverIsOpen(inbox, event);
}

function whilePaused(inbox: At<"paused">, event: Later): InboxStep {
  if (event.type === "timer" && event.name === "attention") return [{ at: "idle", turn: inbox.turn }, []];
  if (event.type === "brought-back") return [{ ...inbox, current: event.message }, []];
  return whateverIsOpen(inbox, event);
}

function whateverIsOpen(inbox: Open, event: Later): InboxStep {
  switch (event.type) {
    case "next": {
      const [stopped, outputs] = interrupt(inbox);
      return after(outputs, goOn(stopped));
    }
    case "repeat": {
      const [stopped, outputs] = interrupt(inbox);
      if (inbox.current === null) return [stopped, outputs];
      return after(outputs, play(inbox.current, stopped));
    }
    case "stop": {
      const [{ turn }, outputs] = interrupt(inbox);
      return [{ at: "idle", turn }, [...outputs, { type: "stop-timer", name: "attention" }]];
    }
    case "interrupted":
      return inbox.at === "paused" ? [inbox, []] : interrupt(inbox);
    case "taken-away": {
      const [stopped, outputs] = interrupt(inbox);
      return [{ ...stopped, at: "paused", current: null }, outputs];
    }
    case "brought-back":
    case "refused":
    case "over":
    case "unplayable":
    case "timer":
      return [inbox, []];
  }
}

/** Where its listening is over already, there is nothing to go on with but the message itself. */
function bringBack({ turn }: At<"idle">, message: MessageRef): InboxStep {
  return pause({ turn, pile: "messages", current: message, rest: [] }, []);
}

/** Falls silent at once; what is going on can be taken up again for a while. */
function interrupt(inbox: Open): readonly [At<"paused">, readonly InboxOutput[]];
function interrupt(inbox: Inbox): readonly [At<"paused"> | At<"idle">, readonly InboxOutput[]];
function interrupt(inbox: Inbox): InboxStep {
  switch (inbox.at) {
    case "idle":
      return [inbox, []];
    case "playing":
      return pause(inbox, [{ type: "stop", turn: inbox.turn }]);
    case "between":
      return pause(inbox, [{ type: "stop-timer", name: "between" }]);
    case "paused":
      return pause(inbox, []);
  }
}

/** Whatever is said next is about the one before; this one is to come still. */
function goBack({ turn, pile, current, rest }: At<"playing">, before: MessageRef): InboxStep {
  const stop: readonly InboxOutput[] = [
    { type: "stop", turn },
    { type: "stop-timer", name: "between" },
  ];
  return pause({ turn, pile, current: before, rest: [current, ...rest] }, stop);
}

type Session = Pick<At<"paused">, "turn" | "pile" | "current" | "rest">;

function pause({ turn, pile, current, rest }: Session, outputs: readonly InboxOutput[]) {
  const paused: At<"paused"> = { at: "paused", turn, pile, current, rest };
  return [paused, [...outputs, { type: "start-timer", name: "attention", afterMs: ATTENTION_MS }]] as const;
}

function goOn(inbox: Session, before: MessageRef | null = null): InboxStep {
  const [next, ...rest] = inbox.rest;
  if (next === undefined) return pause({ ...inbox, current: inbox.current }, [{ type: "tell", what: "no-more" }]);
  return play(next, { ...inbox, rest }, before);
}

function play(
  message: MessageRef,
  { turn, pile, rest }: Omit<Session, "current">,
  before: MessageRef | null = null,
): InboxStep {
  const playing: Inbox = { at: "playing", turn: turn + 1, pile, current: message, rest, before };
  const wait: readonly InboxOutput[] =
    before === null ? [] : [{ type: "start-timer", name: "between", afterMs: STILL_BEFORE_MS }];
  return [
    playing,
    [
      ...wait,
      { type: "start-timer", name: "attention", afterMs: LONGEST_MS },
      { type: "play", message, turn: playing.turn, pile },
    ],
  ];
}

function after(outputs: readonly InboxOutput[], [inbox, more]: InboxStep): InboxStep {
  return [inbox, [...outputs, ...more]];
}

const soon: InboxOutput = { type: "start-timer", name: "between", afterMs: BETWEEN_MS };
