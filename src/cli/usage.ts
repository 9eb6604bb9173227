import { verbFacts } from "../verbs/verbs.ts";

/** Column in which a row of the help says what it does. */
const column = 43;
// The command line's own attach stands before the verb that ends a shard.
const end = verbFacts.findIndex(([verb]) => verb === "destroy");
const before = verbFacts.slice(0, end);
const after = verbFacts.slice(end);

/** Text of `shardbridge help`. */
export const usage = `shardbridge: start, prompt, read and stop coding agents from Slack, Discord or this terminal

  shardbridge start [--console]            run the bot; without tokens, or with --console, also in this terminal
       [--verbose]                         and log what it does, step by step, as SHARDBRIDGE_LOG=debug does
${helpOfVerbs(before)}
  shardbridge attach NAME                  your terminal on the shard: its screen as it is, and what you type goes to its agent
       [--view] [--resize]                 only watch · give the shard this terminal's size for as long as you type
       [--detach-key ctrl-X] [--as NAME]   instead of ctrl-\\ · what others are told of who you are
${helpOfVerbs(after)}
  shardbridge mcp                          the orchestrator's tools for your own agent, over stdio (Model Context Protocol); a bot must run
       [--http [--port N]]                 or over HTTP on 127.0.0.1, port 8717, with a token
  shardbridge manifest [PLATFORM]          the app manifest to paste when you create the app
  shardbridge service install              have it run for you from now on, here, with the .env of this folder (systemd or launchd);
       [--print] [--linger]                --print shows the service file only, --linger lets it go on when you log out
  shardbridge service uninstall | status   stop and forget the service, shards go on; is it installed, is it running (--json)
  shardbridge completion bash|zsh|fish     a script for your shell, to complete verbs, options and shards: source <(shardbridge completion bash)
  shardbridge help [VERB]                  this, or a verb alone, as shardbridge VERB --help
  shardbridge version

All from list to destroy, but attach, reach the running bot, or work by themselves when none runs; tasks, usage and policy need one.
With --json they print one JSON value (list --watch, which needs a bot: one in a line for each change); what goes wrong is
{"error":{"code","message"}} then, on standard output too.
send --wait and wait print the answer alone on standard output, and why there is none on standard error.
--mode is what the agent may do without asking: nothing that changes anything, edits, everything; without it its own settings hold.
attach: ctrl-\\ detaches. After ctrl-] arrows, PgUp and PgDn move a screen that is larger than the terminal, up into what has scrolled away;
t takes the keyboard from who has it; ctrl-\\ and ctrl-] are typed. One person types at a time; prompts from chat wait meanwhile.
Settings come from the environment and from .env in the current folder; .env.example explains each.

Exit codes: 0 done · 1 a bug · 2 wrong usage · 3 wrong settings · 4 not allowed · 5 no such shard, repo, agent, prompt or service · 6 exists already ·
7 would lose unsaved work · 8 refused (a question is open, the agent has ended, …) · 9 stalled (typed, no reaction) ·
10 can't be reached · 11 the state folder is in use · 12 failed · 13 a budget is used up
of a wait: 0 the answer is printed · 9 no reaction · 14 a question or an approval is open · 15 the time is up ·
16 the agent was closed, has left or crashed, or is lost; the prompt was taken out of the queue · 17 the agent can't go on (limit, login)
`;

/** Help for one command; undefined for one that there is not. */
export function helpOf(verb: string): string | undefined {
  const [, commands = ""] = usage.split("\n\n");
  const blocks = commands.split(/\n(?= {2}shardbridge )/);
  const own = blocks.filter((block) => new RegExp(`^ {2}shardbridge ${RegExp.escape(verb)}(?![a-z-])`).test(block));
  const codes = usage.slice(usage.indexOf("Exit codes:"));
  return own.length === 0 ? undefined : [...own, "", codes].join("\n");
}

/** The rows of these verbs, as they are in the table. */
function helpOfVerbs(verbs: typeof verbFacts): string {
  const rows = verbs.flatMap(([verb, { line }]) =>
    (line?.help ?? []).map(([usage, says = ""]) => {
      const begins = usage.split(" ", 1)[0] === verb;
      return `${begins ? "  shardbridge " : "       "}${usage}`.padEnd(column) + says;
    }),
  );
  return rows.map((row) => row.trimEnd()).join("\n");
}
