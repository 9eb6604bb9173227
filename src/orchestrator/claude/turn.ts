import { writeFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ShardbridgeError } from "../../errors.ts";
import { log } from "../../log.ts";
import type { Answer, Tokens, TurnActions } from "../orchestrator.ts";
import type { ToolTokens } from "../tool-tokens.ts";
import { oneLine } from "../shard-text.ts";
import { stayingSilent } from "../tools.ts";
import { emptyFolder, runClaude, turnFolder } from "./process.ts";
import { readLine, type ClaudeStreamEvent } from "./stream.ts";

/** Requests to the model for one answer. */
const mostRounds = 20;
/** Name of the server of our tools: they are called mcp__shardbridge__spawn_shard and so on. */
const serverName = "shardbridge";

/**
 * Without the tools it would answer all the same, so it waits until they are there (by itself 5 seconds), and does not search for them. An
 * update in the middle helps nobody, and after a few tries of a request a person should know.
 */
const variables = {
  MCP_CONNECTION_NONBLOCKING: "false",
  MCP_CONNECT_TIMEOUT_MS: "60000",
  MCP_TIMEOUT: "60000",
  ENABLE_TOOL_SEARCH: "false",
  DISABLE_AUTOUPDATER: "1",
  CLAUDE_CODE_MAX_RETRIES: "4",
};

export interface ClaudeSetup {
  /** Absolute folder for the orchestrator's files, which only this user can enter. */
  home: string;
  /** Environment of `claude`: it signs in as it does for the person. */
  env: Readonly<Record<string, string>>;
  /** Command line that serves the tools over MCP; `--pass FILE` is added. */
  server: readonly [program: string, ...args: string[]];
  toolTokens: ToolTokens;
  /** Claude Code's own choice where it is undefined. */
  model: string | undefined;
}

interface ClaudeTurn {
  system: string;
  message: string;
  /** Conversation to go on with, or the id of a new one. */
  session: { id: string; known: boolean };
  actions: TurnActions;
  signal: AbortSignal | undefined;
  progress: ((sofar: Answer) => void) | undefined;
  /** The conversation is there, and what is said is in it. */
  begun(session: string): Promise<void>;
}

/** Outcome of a run of Claude Code; `spent` is told also when it failed. */
export interface ClaudeResult {
  /** "unknown": there is no such conversation. */
  outcome: { answer: string } | { error: ShardbridgeError } | "unknown";
  calls: string[];
  silent: boolean;
  spent: { model: string; tokens: Tokens; told?: { requests: number; cost: number } }[];
}

/** Have Claude Code take one turn, with our tools and no others. Rejects by bugs only. */
export async function runTurn(setup: ClaudeSetup, turn: ClaudeTurn): Promise<ClaudeResult> {
  const folder = turnFolder(setup.home);
  const calls: string[] = [];
  const spent: ClaudeResult["spent"] = [];
  const stop = new AbortController();
  const signal = turn.signal ? AbortSignal.any([turn.signal, stop.signal]) : stop.signal;
  let silent = false;
  let sofar = "";
  let saved: Promise<{ error: unknown } | undefined> | undefined;
  let result: Extract<ClaudeStreamEvent, { type: "result" }> | undefined;
  let trouble: ShardbridgeError | undefined;
  const giveUp = (error: ShardbridgeError) => {
    trouble = error;
    stop.abort();
  };
  const take = (event: ClaudeStreamEvent) => {
    switch (event.type) {
      case "begun":
        if (!event.tools)
          giveUp(new ShardbridgeError("unavailable", "Claude Code could not start the tools in time: try again."));
        saved = turn.begun(event.session).then(
          () => undefined,
          (error: unknown) => ({ error }),
        );
        break;
      case "retry":
        // Claude Code would try for minutes.
        if (event.status === 401 || event.status === 403) giveUp(signInError());
        break;
      case "request":
        sofar = "";
        spent.push({ model: event.model, tokens: event.tokens });
        break;
      case "output": {
        const request = spent.at(-1);
        if (request) request.tokens = { ...request.tokens, output: event.tokens };
        break;
      }
      case "text":
        sofar += event.text;
        turn.progress?.({ text: sofar, calls: [...calls] });
        break;
      case "result":
        result = event;
    }
  };
  const revoke = setup.toolTokens.issue(join(folder, "pass.json"), turn.actions, (line, name, failed) => {
    calls.push(line);
    if (name === stayingSilent && !failed) silent = true;
    turn.progress?.({ text: sofar, calls: [...calls] });
  });
  try {
    const ended = await runClaude({
      args: argumentsFor(setup, turn, folder),
      env: { ...setup.env, ...variables },
      cwd: emptyFolder(setup.home),
      folder,
      input: turn.message,
      signal,
      onLine: (line) => {
        const told = readLine(line);
        if (told) take(told);
      },
    });
    const unsaved = await saved;
    if (unsaved) throw unsaved.error;
    const total = result && { model: spent.at(-1)?.model ?? "claude", tokens: result.tokens, told: result };
    const outcome = outcomeOf(result, ended, trouble, turn.signal?.aborted === true);
    return { outcome, calls, silent, spent: total ? [total] : spent };
  } finally {
    revoke();
    rmSync(folder, { recursive: true, force: true });
  }
}

function argumentsFor({ server, model }: ClaudeSetup, { system, session }: ClaudeTurn, folder: string): string[] {
  const files = {
    config: join(folder, "mcp.json"),
    system: join(folder, "system.md"),
    pass: join(folder, "pass.json"),
  };
  const [command, ...args] = server;
  const mcpServers = { [serverName]: { command, args: [...args, "--pass", files.pass], alwaysLoad: true } };
  writeFileSync(files.config, JSON.stringify({ mcpServers }), { mode: 0o600 });
  writeFileSync(files.system, system, { mode: 0o600 });
  return [
    "-p",
    "--output-format",
    "stream-json",
    "--verbose",
    "--include-partial-messages",
    session.known ? "--resume" : "--session-id",
    session.id,
    // Our tools alone: none of its own, no servers, hooks, skills and commands of the person's.
    "--tools",
    "",
    "--strict-mcp-config",
    "--mcp-config",
    files.config,
    "--allowedTools",
    `mcp__${serverName}`,
    "--disable-slash-commands",
    "--settings",
    JSON.stringify({ disableAllHooks: true }),
    "--append-system-prompt-file",
    files.system,
    "--max-turns",
    String(mostRounds),
    ...(model === undefined ? [] : ["--model", model]),
  ];
}

function outcomeOf(
  result: Extract<ClaudeStreamEvent, { type: "result" }> | undefined,
  ended: { code: number | undefined; complaint: string },
  trouble: ShardbridgeError | undefined,
  stopped: boolean,
): ClaudeResult["outcome"] {
  if (stopped) return { error: new ShardbridgeError("failed", "The answer was stopped before it was complete.") };
  if (trouble) return { error: trouble };
  if (result && result.failed === undefined) return { answer: result.text };
  const { code, complaint } = ended;
  const said = result?.failed ?? complaint;
  log.warn("no answer came from Claude Code", { code, said: said.slice(-1000) });
  if (/no conversation found/i.test(said)) return "unknown";
  if (said.startsWith("error_max_turns")) {
    const sentence = `The model used its tools ${mostRounds} times without coming to an answer: ask for less at once.`;
    return { error: new ShardbridgeError("failed", sentence) };
  }
  if (/\/login|not logged in|invalid api key|authenticat|oauth token/i.test(said)) return { error: signInError() };
  const why = said === "" ? `it ended with code ${code ?? "none"}` : oneLine(said, 200);
  return {
    error: new ShardbridgeError(
      "unavailable",
      `Claude Code gave no answer (${why}): try again, or run claude in a terminal to see why.`,
    ),
  };
}

function signInError(): ShardbridgeError {
  return new ShardbridgeError(
    "unavailable",
    "Claude Code is not signed in: run claude as the bot's user, sign in there, then try again.",
  );
}
