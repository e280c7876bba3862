import type { Draft, Recorder, RecorderEvent, RecorderOutput, RecorderStep } from "./states.ts";

/** So many may wait to be sent or discarded: nothing that somebody spoke is thrown away for a newer one. */
const MAX_DRAFTS = 4;

export const nothingRecorded: Recorder = { count: 0, current: null, drafts: [], playing: null, due: false };

export function hasRoom({ drafts }: Recorder): boolean {
  return drafts.length < MAX_DRAFTS;
}

/** The only place where recordings change. Pure. An event that does not fit changes nothing. */
export function step(recorder: Recorder, event: RecorderEvent): RecorderStep {
  switch (event.type) {
    case "record":
      return record(recorder, event);
    case "interrupted":
      return interrupt(recorder);
    case "recorded":
      return finish(recorder, event);
    case "audio-died":
      return lose(recorder);
    case "play":
      return play(recorder, event.draft);
    case "played":
      return recorder.playing?.turn === event.turn ? [{ ...recorder, playing: null, due: true }, []] : [recorder, []];
    case "discard":
      return discard(recorder, event.draft);
    case "sent":
      return sent(recorder, event);
    case "asked":
      return [{ ...recorder, due: false }, []];
  }
}

function record(recorder: Recorder, { person, to }: Extract<RecorderEvent, { type: "record" }>): RecorderStep {
  if (!hasRoom(recorder)) return [recorder, []];
  const [stopped, outputs] = recorder.current ? discard(recorder, recorder.current.id) : interrupt(recorder);
  const count = stopped.count + 1;
  const current: Draft = { id: `draft-${count}`, person, to, durationMs: 0 };
  return [{ ...stopped, count, current, due: false }, [...outputs, { type: "record", id: current.id }]];
}

function interrupt(recorder: Recorder): RecorderStep {
  const { current, playing } = recorder;
  const outputs: RecorderOutput[] = [];
  if (current) outputs.push({ type: "stop-recording", id: current.id, keep: true });
  if (playing) outputs.push({ type: "stop-draft", turn: playing.turn });
  return [{ ...recorder, playing: null, due: recorder.due || playing !== null }, outputs];
}

type Recorded = Extract<RecorderEvent, { type: "recorded" }>;

function finish(recorder: Recorder, { id, durationMs, why }: Recorded): RecorderStep {
  const { current } = recorder;
  if (current?.id !== id) return [recorder, []];
  if (durationMs === 0) {
    const outputs: RecorderOutput[] = [{ type: "discard-draft", draft: id }];
    if (why !== "deaf") outputs.push({ type: "tell", what: "heard-nothing", draft: current });
    return [{ ...recorder, current: null }, outputs];
  }
  const draft: Draft = { ...current, durationMs };
  const drafts = [...recorder.drafts, draft];
  // Whom nobody can hear now, nobody can ask.
  if (why === "deaf") {
    return [{ ...recorder, current: null, drafts }, [{ type: "tell", what: "kept", draft }]];
  }
  return [{ ...recorder, current: null, drafts, due: true }, []];
}

function lose(recorder: Recorder): RecorderStep {
  const { current } = recorder;
  const silent: Recorder = { ...recorder, current: null, playing: null };
  if (!current) return [silent, []];
  return [
    silent,
    [
      { type: "discard-draft", draft: current.id },
      { type: "tell", what: "recording-lost", draft: current },
    ],
  ];
}

function play(recorder: Recorder, draft: string): RecorderStep {
  if (!recorder.drafts.some(({ id }) => id === draft)) return [recorder, []];
  const [stopped, outputs] = interrupt(recorder);
  const count = stopped.count + 1;
  const playing = { draft, turn: count };
  return [{ ...stopped, count, playing, due: false }, [...outputs, { type: "play-draft", draft, turn: count }]];
}

function discard(recorder: Recorder, draft: string): RecorderStep {
  const { current, playing } = recorder;
  const outputs: RecorderOutput[] = [];
  if (current?.id === draft) outputs.push({ type: "stop-recording", id: draft, keep: false });
  if (playing?.draft === draft) outputs.push({ type: "stop-draft", turn: playing.turn });
  const next: Recorder = {
    ...recorder,
    current: current?.id === draft ? null : current,
    playing: playing?.draft === draft ? null : playing,
    drafts: recorder.drafts.filter(({ id }) => id !== draft),
    due: false,
  };
  return [next, [...outputs, { type: "discard-draft", draft }]];
}

/** What was not taken stays a draft. */
function sent(recorder: Recorder, event: Extract<RecorderEvent, { type: "sent" }>): RecorderStep {
  const draft = recorder.drafts.find(({ id }) => id === event.draft);
  if (!draft) return [recorder, []];
  if (!event.ok) return [recorder, [{ type: "tell", what: "not-sent", draft }]];
  const [next, outputs] = discard(recorder, draft.id);
  return [next, [...outputs, { type: "tell", what: "sent", draft }]];
}
