import type { AudioError } from "./audio-error.ts";
import type { Recogniser, Synthesiser } from "./engines.ts";
import type { RoomRig } from "./io/io.ts";
import type { MessagePlayer } from "./message-player.ts";
import type { MessageRecorder } from "./message-recorder.ts";
import type { Legs } from "./peer/legs.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Command, Report } from "./protocol.ts";

type Parts = Readonly<{
  pipeline: Pipeline;
  recorder: MessageRecorder;
  player: MessagePlayer;
  legs: Legs;
  recogniser: Recogniser;
  synthesiser: Synthesiser;
  /** Null on a real sound card: the rig's commands are refused there. */
  room: RoomRig | null;
  report: (report: Report) => void;
  /** Throws an AudioError where the head is none; all stays as it was. */
  setWake: (word: string, head: string) => void;
  leave: () => void;
}>;
type RigCommand = Extract<Command, { type: "room-play" | "room-record" }>;

/** Does what the brain asks. Rejects with an AudioError where that fails and the brain gets no other answer. */
export async function obey(command: Command, parts: Parts): Promise<void> {
  const { pipeline, recorder, player, legs, recogniser, synthesiser, report } = parts;
  switch (command.type) {
    case "set-grammar":
      return recogniser.setGrammar(command.jsgf);
    case "say":
      return pipeline.say(command.id, command.text);
    case "start-tone":
      return pipeline.startTone(command.tone);
    case "stop-tone":
      return pipeline.stopTone(command.tone);
    case "hush":
      return pipeline.hush();
    case "listen":
      return pipeline.listen(command.patienceMs, command.only);
    case "set-voice":
      synthesiser.setRate(command.wordsPerMinute);
      return pipeline.setVoice(command.volume, command.waitMs);
    case "stop-listening":
      return pipeline.stopListening();
    case "record":
      return pipeline.record(command.id, command.maxMs);
    case "set-wake":
      return parts.setWake(command.word, command.head);
    case "take":
      return pipeline.take(command.id);
    case "stop-recording":
      return recorder.stop(command.id, command.keep);
    case "play-part":
      return player.take(command.id, command, command.durationMs);
    case "stop-playing":
      return player.stop(command.id);
    case "set-mute":
      return pipeline.setMute(command.engaged);
    case "offer-leg":
    case "complete-leg":
    case "answer-leg":
    case "renew-leg":
    case "answer-renewal":
    case "complete-renewal":
    case "close-leg":
      return legs.handle(command);
    case "room-play":
    case "room-record":
      return obeyRig(command, parts);
    case "room-cut-uplink":
      pipeline.cutUplink(command.cut);
      return report({ type: "room-done", id: command.id, error: null });
    case "open":
      // It is open: a spare one waits for this before it obeys anything.
      return;
    case "exit":
      return parts.leave();
  }
}

async function obeyRig(command: RigCommand, { room, report }: Parts): Promise<void> {
  const { id } = command;
  if (room === null) return report({ type: "room-done", id, error: "there is no simulated room" });
  try {
    if (command.type === "room-play") await room.play(command.path, command.gainDb);
    else await room.record(command.folder);
    report({ type: "room-done", id, error: null });
  } catch (cause) {
    report({ type: "room-done", id, error: cause instanceof Error ? cause.message : "it failed" });
  }
}

/** What the owner should be told of `error`. */
export function troubleOf(error: AudioError): Report {
  return { type: "trouble", code: error.code, message: error.message.slice(0, 1_000) };
}
