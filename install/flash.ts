import type { Status } from "#device/smp/unit-messages.ts";
import { refuse } from "#device/update/refusal.ts";
import { type Bundle, unfit } from "./bundle.ts";
import { EXIT, Failure } from "./exit.ts";
import type { Teller } from "./journal.ts";
import { type Image, reopenUnit, UnitOnLine } from "./unit.ts";
import { type Uploaded, upload } from "./upload.ts";

export type FlashOptions = Readonly<{
  port: string;
  baudRate: number;
  bundle: Bundle;
  /** How long to wait for a unit whose line was lost. */
  patienceMs: number;
  /** How long to wait for it to start with the new firmware and find itself well. */
  startMs: number;
  teller: Teller;
}>;

/** Sends a bundle, however often the line breaks, has it tried, and waits for the unit's own verdict. */
export async function flash(options: FlashOptions): Promise<void> {
  const { port, baudRate, bundle, teller } = options;
  let unit = await UnitOnLine.open(port, baudRate);
  try {
    const status = await unit.status();
    refuseWrongBoard(bundle, status);
    const before = await unit.images();
    if (!before) throw new Failure(EXIT.refused, "this unit takes no firmware: it was not installed from a bundle");
    teller.step({ what: "unit", outcome: "ok", detail: `${status.board}, version ${status.version}` });
    unit = await send(options, unit);
    const sent = (await unit.images())?.find((image) => !image.active);
    if (!sent) throw new Failure(EXIT.refused, "the unit holds nothing new: send it again");
    teller.step({ what: "sent", outcome: "ok", detail: `version ${sent.version}, verified by the unit` });
    await unit.tryNext(sent.hash);
    await unit.restart();
    await unit[Symbol.asyncDispose]();
    unit = await proven(options, sent);
    teller.step({ what: "firmware", outcome: "ok", detail: `version ${sent.version} runs and has confirmed itself` });
  } finally {
    await unit[Symbol.asyncDispose]();
  }
}

/** Asked before a byte is sent. */
function refuseWrongBoard({ board, arch }: Bundle, status: Status): void {
  if (board !== status.board) throw unfit(refuse("wrong-board", `${board}, not ${status.board}`));
  if (arch !== status.arch) throw unfit(refuse("wrong-arch", `${arch}, not ${status.arch}`));
}

async function send(
  { port, baudRate, bundle, patienceMs, teller }: FlashOptions,
  first: UnitOnLine,
): Promise<UnitOnLine> {
  let unit = first;
  let startedMs = performance.now();
  let from = -1;
  const onProgress = (at: number) => {
    if (from < 0) {
      from = at;
      startedMs = performance.now();
    }
    teller.progress(at / bundle.bytes, rateOf(at - from, bundle.bytes - at, performance.now() - startedMs));
  };
  for (;;) {
    const uploaded: Uploaded = await upload(unit.client, bundle, onProgress);
    if (uploaded.end === "done") return unit;
    teller.step({ what: "line", outcome: "failed", detail: `${uploaded.why}; waiting for it to come back` });
    await unit[Symbol.asyncDispose]();
    unit = await reopenUnit(port, baudRate, patienceMs);
    from = -1;
  }
}

function rateOf(sent: number, left: number, tookMs: number): string {
  const bytesAMs = sent / Math.max(tookMs, 1);
  if (bytesAMs <= 0) return "";
  const leftS = Math.ceil(left / bytesAMs / 1_000);
  return `${(bytesAMs * 1.0).toFixed(1)} kB/s, ${Math.floor(leftS / 60)} min ${leftS % 60} s left`;
}

/** The unit starts with it, finds itself well and confirms it, or goes back. */
async function proven({ port, baudRate, patienceMs, startMs, teller }: FlashOptions, sent: Image): Promise<UnitOnLine> {
  const startedMs = performance.now();
  for (;;) {
    // What just restarts may still answer with its old state for a moment.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const unit = await reopenUnit(port, baudRate, patienceMs);
    const images = await unit.images().catch(() => []);
    const now = images?.find((image) => Buffer.compare(image.hash, sent.hash) === 0);
    if (now?.active && now.confirmed) return unit;
    const waitedMs = performance.now() - startedMs;
    const running = images?.find((image) => image.active);
    const isUndecided = now === undefined ? (images?.length ?? 0) === 0 : now.active || now.pending;
    teller.progress(Math.min(waitedMs / startMs, 0.99), `version ${running?.version ?? "?"} is on trial`);
    await unit[Symbol.asyncDispose]();
    if (isUndecided && waitedMs < startMs) continue;
    throw new Failure(
      EXIT.rolledBack,
      `the unit did not find itself well with version ${sent.version}, and runs ${running?.version ?? "what it ran before"}`,
    );
  }
}
