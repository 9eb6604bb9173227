/** Text of `shardbridge help`. */
export const usage = `shardbridge: start, prompt, read and stop coding agents from Slack, Discord or this terminal

  shardbridge start [--console]            run the bot; without tokens, or with --console, also in this terminal
  shardbridge list [--watch]               the shards and their states; --watch goes on and shows each change (ctrl-c ends it)
  shardbridge spawn NAME [PROMPT…]         a new shard: worktree, branch shard/NAME, a running agent
       [--agent KIND|"COMMAND LINE"] [--repo NAME] [--base BRANCH] [--mode ask|edits|all]
       [--orchestrator]                    with the orchestrator's tools, so that it starts and prompts other shards
  shardbridge send NAME TEXT…              prompt the agent; "-" reads the text from standard input
       [--steer | --interrupt | --anyway]  into its running turn; after stopping that; or although nothing shows where it goes
       [--wait] [--timeout S]              and print its answer, when it is there; no longer than S seconds
  shardbridge wait NAME                    until its turn is over, then print the answer; also of one that is over already
       [--timeout S]                       no longer than S seconds
  shardbridge cmd NAME /COMMAND…           one of the agent's own slash commands
  shardbridge queue NAME                   the prompts that wait, with their ids
  shardbridge unqueue NAME ID              take one away
  shardbridge read NAME [LINES]            its last cleaned lines (1 to 500, 40 by default); --lines N is the same
       [--tools]                           the tool calls of its turn instead
  shardbridge screen NAME                  its screen as it is
  shardbridge explain NAME                 how its state is known
  shardbridge diff NAME                    what it has changed since it started, uncommitted work too
  shardbridge overlap [--repo NAME]        which shards change the same files, and what would conflict if they were merged
  shardbridge history NAME [--since MARK]  what it has answered and asked; --since goes on where the last look ended
  shardbridge answer NAME OPTION [TEXT…]   choose an option of its question; TEXT is a reason, or your own words
  shardbridge answer NAME                  enter the secret that it asks for: typed unseen, or on standard input
  shardbridge press NAME KEY…              press keys: down down enter; esc; ctrl-c; y
  shardbridge stop NAME                    interrupt its running turn
  shardbridge close NAME                   end the agent, keep the worktree
  shardbridge resume NAME                  start it again with its conversation
       [--mode ask|edits|all]
  shardbridge attach NAME                  your terminal on the shard: its screen as it is, and what you type goes to its agent
       [--view] [--resize]                 only watch · give the shard this terminal's size for as long as you type
       [--detach-key ctrl-X] [--as NAME]   instead of ctrl-\\ · what others are told of who you are
  shardbridge destroy NAME [--force]       end the agent, remove worktree and branch; --force loses unsaved work
  shardbridge tasks [list]                 the standing tasks of the orchestrator: all, or with --in SHARD those of its thread
  shardbridge tasks cancel ID              drop one
  shardbridge tasks go-on --in SHARD       let the orchestrator go on there, after it was held
  shardbridge usage [--in SHARD]           what the orchestrator's model has used, and what that cost
  shardbridge policy [ask|allow]           whether the orchestrator needs a person's button in a thread; set it
       --in SHARD                          in the thread of this shard
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
