import { EXIT, Failure } from "./exit.ts";
import type { Teller } from "./journal.ts";
import { UnitOnLine } from "./unit.ts";

type Place = Readonly<{ port: string; baudRate: number }>;

/** Ends the installer's rights, and tries what is theirs no more: a unit that still obeys was not handed over. */
export async function handOver({ port, baudRate }: Place, teller: Teller): Promise<void> {
  await using unit = await UnitOnLine.open(port, baudRate);
  const { stage } = await unit.status();
  if (stage === "new") throw new Failure(EXIT.refused, "this unit is not provisioned yet: provision it first");
  if (stage === "provisioned") {
    const { account, fingerprint } = await unit.identity();
    teller.step({ what: "account", outcome: "ok", detail: account });
    teller.step({ what: "fingerprint", outcome: "ok", detail: fingerprint });
    await unit.handOver();
  }
  const tried = [
    ["to read the switches", "inputs", "read"],
    ["to change the settings", "provision", "write"],
    ["to hand it over again", "handover", "write"],
    ["to read the account", "identity", "read"],
  ] as const;
  for (const [words, what, op] of tried) {
    const reply = await unit.tryTo(what, op);
    const isRefused = !reply.ok && reply.why === "refused" && reply.denied;
    teller.step({
      what: `tried ${words}`,
      outcome: isRefused ? "ok" : "failed",
      detail: isRefused ? "refused" : "OBEYED",
    });
    if (!isRefused)
      throw new Failure(EXIT.refused, `the unit still lets an installer try ${words}: do not hand it out`);
  }
  teller.step({ what: "handover", outcome: "ok", detail: "the unit obeys its owner only" });
}

/** Everything of the previous owner's goes by the next start. After handover the owner's button has to be held. */
export async function reset(
  { port, baudRate, patienceMs }: Place & { patienceMs: number },
  teller: Teller,
): Promise<void> {
  {
    await using unit = await UnitOnLine.open(port, baudRate);
    await unit.status();
    let hasSaid = false;
    for (const startedMs = performance.now(); ; ) {
      const reply = await unit.reset();
      if (reply.ok) break;
      if (reply.why !== "refused" || !reply.denied) {
        throw new Failure(reply.why === "refused" ? EXIT.refused : EXIT.lost, reply.rsn);
      }
      if (performance.now() - startedMs > patienceMs) throw new Failure(EXIT.refused, reply.rsn);
      if (!hasSaid)
        teller.step({ what: "button", outcome: "skipped", detail: "hold the unit's button for 10 seconds, now" });
      hasSaid = true;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
  teller.step({ what: "reset", outcome: "ok", detail: "asked for; the unit restarts" });
  for (const startedMs = performance.now(); ; ) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    await using unit = await UnitOnLine.open(port, baudRate).catch(() => null);
    const status = await unit?.status({ timeoutMs: 1_000, tries: 1 }).catch(() => null);
    if (status && !status.resetting) break;
    if (performance.now() - startedMs > patienceMs) {
      throw new Failure(EXIT.lost, "the unit has not started again: switch it off and on, and look at it once more");
    }
  }
  teller.step({ what: "empty", outcome: "ok", detail: "keys, book, inbox and journal of the previous owner are gone" });
}
