import { openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Bot } from "./bot/bot.ts";
import { commandSpecs } from "./bot/commands/commands.ts";
import { localPlatform } from "./adapters/registry.ts";
import { controlSocket } from "./control/protocol.ts";
import { serveControl } from "./control/server.ts";
import { localActor, openHost } from "./control/local.ts";
import { redactionOf } from "./control/redaction.ts";
import { toolCalls } from "./control/tool-calls.ts";
import { ShardbridgeError } from "./errors.ts";
import { inert } from "./inert.ts";
import { configureLog, log } from "./log.ts";
import type { Orchestrator } from "./orchestrator/orchestrator.ts";
import { defaultModel, hasPrice } from "./orchestrator/prices.ts";
import { ToolTokens } from "./orchestrator/tool-tokens.ts";
import type { Settings } from "./settings.ts";
import type { ShardHost } from "./shards/host.ts";
import { Store } from "./store/store.ts";

/** Run the bot until a signal, or the end of a platform's connection, stops it. Resolves with the exit code. */
export async function startBot(settings: Settings, stopSignal: AbortSignal): Promise<number> {
  const { code, said } = await runBot(settings, stopSignal);
  // The terminal is free again.
  say(said);
  return code;
}

async function runBot(settings: Settings, stopSignal: AbortSignal): Promise<{ code: number; said: string }> {
  const { config } = settings;
  const redaction = redactionOf(settings);
  const { redact } = redaction;
  configureLog({ mask: redact, level: config.logLevel });
  const onTerminal = settings.platforms.some((platform) => platform.name === localPlatform.name);

  await using parts = new AsyncDisposableStack();
  const store = parts.adopt(await Store.open(config.home), (open) => open.close());
  if (onTerminal) logToFile(join(config.home, "bot.log"));
  const host = parts.adopt(await openHost(settings, store), (open) => open.release());
  redaction.learnFrom(host);
  const { zone } = config;
  const { wakesPerHour } = config.orchestrator;
  requirePrices(settings);
  const toolTokens = new ToolTokens(controlSocket(config.home));
  redaction.learn("tool token", () => toolTokens.secrets);
  const orchestrator = await openOrchestrator(settings, store, toolTokens);
  const surroundings = { folder: config.home, redact };
  const made = settings.platforms.map(async ({ access, create }) => {
    return { access, adapter: await create(commandSpecs, surroundings) };
  });
  const platforms = await Promise.all(made);
  const wakes = { perHour: wakesPerHour, zone };
  const bot = new Bot({ platforms, host, orchestrator, store, redact, wakes });
  const local = localActor();
  const tool = toolCalls({ bot, host, toolTokens, local });
  const control = await serveControl(
    controlSocket(config.home),
    bot.actionsFor(local),
    (name) => host.holderAddress(name),
    tool,
    redact,
  );
  parts.defer(() => void control.close());
  parts.defer(() => bot.stop());
  await requireAgent(host);
  const hello = redact(await greeting(settings, host));
  if (onTerminal) say(hello);
  await bot.start();
  if (!onTerminal) say(hello);

  const reason = await Promise.race([stopped(stopSignal), ...platforms.map(({ adapter }) => adapter.ended)]);
  const wanted = stopSignal.aborted || onTerminal;
  if (!wanted) log.error("the bot ends by itself", { why: reason.message });
  const alive = await living(host);
  const rest =
    alive.length === 0 ? "No shard is running." : `Shards go on: ${alive.join(", ")}. Start again to find them.`;
  return { code: wanted ? 0 : 1, said: redact(`Stopped (${reason.message}). ${rest}`) };
}

/** Only what it runs on is loaded; nothing where there is none. */
async function openOrchestrator(
  settings: Settings,
  store: Store,
  toolTokens: ToolTokens,
): Promise<Orchestrator | undefined> {
  const { zone, orchestrator } = settings.config;
  if (orchestrator.runs === "claude") {
    const { claudeOrchestrator } = await import("./claude-orchestrator.ts");
    return claudeOrchestrator(settings, store, toolTokens);
  }
  if (!hasModel(settings)) return undefined;
  const { createOrchestrator } = await import("./orchestrator/model-orchestrator.ts");
  const { wakesPerHour: _wakesPerHour, ...model } = orchestrator;
  return createOrchestrator({ ...model, zone, store });
}

function hasModel({ config: { orchestrator } }: Settings): boolean {
  return orchestrator.apiKey !== undefined || orchestrator.baseUrl !== undefined;
}

/** A budget in dollars means nothing for a model whose prices nobody knows. */
function requirePrices({ config: { orchestrator } }: Settings): void {
  const { budgets, model = defaultModel } = orchestrator;
  const inDollars = Object.values(budgets).some((budget) => budget !== undefined && "dollars" in budget);
  // Claude Code tells what it costs.
  if (!inDollars || orchestrator.runs === "claude" || hasPrice(model)) return;
  throw new ShardbridgeError(
    "config",
    `ORCHESTRATOR_BUDGET_…: the prices of ${model} are not known here, so set budgets in tokens, such as 2M.`,
  );
}

async function requireAgent(host: ShardHost): Promise<void> {
  const { agents, defaultAgent } = await host.spawnOptions();
  if (agents.includes(defaultAgent)) return;
  throw new ShardbridgeError(
    "config",
    `SHARDBRIDGE_AGENT: ${defaultAgent} is no agent kind that is installed here; use one of ${agents.join(", ")}.`,
  );
}

async function greeting({ config, platforms }: Settings, host: ShardHost): Promise<string> {
  const { repos, agents, defaultAgent } = await host.spawnOptions();
  const alive = await living(host);
  const taken = (await host.list()).map(({ name }) => name);
  const free =
    ["demo", ...taken.map((_, index) => `demo-${index + 2}`)].find((name) => !taken.includes(name)) ?? "demo";
  const lines = [
    `Shardbridge on ${platforms.map(({ name }) => name).join(" and ")}. Repos: ${repos.join(", ")}. Agents: ${agents.join(", ")} (default ${defaultAgent}).`,
    `State: ${config.home}. ${alive.length === 0 ? "No shard is running." : `Running shards: ${alive.join(", ")}.`}`,
  ];
  if (!platforms.some(({ name }) => name === localPlatform.name)) return lines.join("\n");
  return [
    ...lines,
    `Try: /spawn ${free} --agent shell, then /send ${free} "git log --oneline | head -3". /help has the rest.`,
  ].join("\n");
}

async function living(host: ShardHost): Promise<string[]> {
  return (await host.list()).filter((shard) => shard.alive).map((shard) => shard.name);
}

async function stopped(signal: AbortSignal): Promise<Error> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  return signal.reason instanceof Error ? signal.reason : new ShardbridgeError("failed", String(signal.reason));
}

function say(text: string): void {
  process.stdout.write(`${inert(text)}\n`);
}

/** The terminal belongs to the person when the console is in use. */
function logToFile(file: string): void {
  const descriptor = openSync(file, "a", 0o600);
  configureLog({ write: (line) => void writeSync(descriptor, line) });
}
