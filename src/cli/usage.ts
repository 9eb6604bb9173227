/** What `shardbridge help` prints. */
export const usage = `shardbridge: start, prompt, read and stop coding agents from Slack, Discord or this terminal

  shardbridge start [--console]            run the bot; without tokens, or with --console, also in this terminal
  shardbridge list                         the shards and their states
  shardbridge spawn NAME [PROMPT…]         a new shard: worktree, branch shard/NAME, a running agent
       [--agent KIND] [--repo NAME] [--base BRANCH]
  shardbridge send NAME TEXT…              prompt the agent; "-" reads the text from standard input
  shardbridge read NAME [--lines N]        its last cleaned lines (1 to 500, 40 by default)
  shardbridge destroy NAME [--force]       end the agent, remove worktree and branch; --force loses unsaved work
  shardbridge manifest [PLATFORM]          the app manifest to paste when you create the app
  shardbridge help | version

list, spawn, send, read and destroy reach the running bot, or work by themselves when none runs. With --json they print one JSON value.
Settings come from the environment and from .env in the current folder; .env.example explains each.

Exit codes: 0 done · 1 a bug · 2 wrong usage · 3 wrong settings · 4 not allowed · 5 no such shard, repo or agent · 6 exists already ·
7 would lose unsaved work · 8 refused (a question is open, or the agent has ended) · 9 stalled (typed, no reaction) ·
10 can't be reached · 11 the state folder is in use · 12 failed
`;
