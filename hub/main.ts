import { Command, InvalidArgumentError } from "commander";
import { systemClock } from "#base/clock.ts";
import { openLog } from "#base/log.ts";
import { type HubConfig, readConfig } from "./config.ts";
import { openHub } from "./hub.ts";
import { invite } from "./invitations.ts";

const EXIT_BAD_CONFIG = 2;

async function load(path: string): Promise<HubConfig> {
  const read = await readConfig(path);
  if (read.ok) return read.config;
  process.stderr.write(`${path} is not a hub's configuration:\n${read.faults.map((fault) => `  ${fault}\n`).join("")}`);
  process.exit(EXIT_BAD_CONFIG);
}

async function serve(path: string): Promise<void> {
  const config = await load(path);
  const log = openLog("hub");
  const hub = await openHub(config, systemClock, log);
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  void stopped.then(() => hub[Symbol.asyncDispose]()).then(() => process.exit(0));
  // They may come more than once (who dies with many threads sends one for each): the relay must be ended all the same.
  process.on("SIGTERM", () => stop());
  process.on("SIGINT", () => stop());
  log.info({ mqttPort: config.mqttPort, httpPort: config.httpPort }, "ready");
}

function quotaFrom(text: string): number {
  const quota = Number(text);
  if (!Number.isSafeInteger(quota) || quota < 1) throw new InvalidArgumentError("a whole number from 1");
  return quota;
}

const program = new Command("hub").description(
  "Carries sealed envelopes between units: spool, MQTT broker, TURN relay, directory of certificates.",
);
program
  .command("serve", { isDefault: true })
  .description("run the hub; what happens without a command")
  .requiredOption("--config <file>", "the hub's configuration (JSON)")
  .action(async (options: { config: string }) => serve(options.config));
program
  .command("invite")
  .description("print an invitation; it holds whether or not the hub runs")
  .requiredOption("--config <file>", "the hub's configuration (JSON)")
  .requiredOption("--quota <accounts>", "how many accounts may enrol with it", quotaFrom)
  .action(async (options: { config: string; quota: number }) => {
    const config = await load(options.config);
    process.stdout.write(`${await invite(config.data, options.quota)}\n`);
  });

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
