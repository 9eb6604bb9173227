import type { Mode } from "../shards/host.ts";
import type { VerbFacts } from "./facts.ts";

/** Modes of an agent, in the order of what it may do without asking. */
export const modes = ["ask", "edits", "all"] as const satisfies Mode[];

const looks = { right: "viewer", does: "looks" } as const;
const changes = { right: "operator", does: "changes" } as const;
const named = { name: "text" } as const;

/**
 * All verbs, in the order of the command line's help. The rights, the actions of chat and tools, the control protocol and the command line
 * derive from it: a verb is its entry here, the function that does it, and, where it has one, its form in chat.
 */
export const verbs = {
  help: { ...looks, chat: true },
  list: {
    ...looks,
    takes: {},
    host: "list",
    chat: true,
    tool: "list_shards",
    line: {
      help: [["list [--watch]", "the shards and their states; --watch goes on and shows each change (ctrl-c ends it)"]],
    },
  },
  spawn: {
    ...changes,
    raised: { flag: "mode all", right: "admin", option: "mode", is: "all" },
    by: "given",
    takes: {
      name: "text",
      "repo?": "text",
      "agent?": "text",
      "base?": "text",
      "mode?": modes,
      "prompt?": "text",
      "orchestrator?": "flag",
    },
    host: "spawn",
    chat: true,
    tool: "spawn_shard",
    line: {
      help: [
        ["spawn NAME [PROMPT…]", "a new shard: worktree, branch shard/NAME, a running agent"],
        ['[--agent KIND|"COMMAND LINE"] [--repo NAME] [--base BRANCH] [--mode ask|edits|all]'],
        ["[--orchestrator]", "with the orchestrator's tools, so that it starts and prompts other shards"],
      ],
    },
  },
  send: {
    ...changes,
    by: "given",
    takes: { name: "text", text: "text", "when?": ["queue", "steer", "interrupt"], "anyway?": "flag" },
    host: "send",
    chat: true,
    tool: "send_to_shard",
    line: {
      wants: "a text",
      help: [
        ["send NAME TEXT…", 'prompt the agent; "-" reads the text from standard input'],
        [
          "[--steer | --interrupt | --anyway]",
          "into its running turn; after stopping that; or although nothing shows where it goes",
        ],
        ["[--wait] [--timeout S]", "and print its answer, when it is there; no longer than S seconds"],
      ],
    },
  },
  wait: {
    ...looks,
    as: "read",
    takes: { name: "text", "turn?": "number", seconds: "seconds" },
    host: "wait",
    tool: "wait_for_shard",
    line: {
      help: [
        ["wait NAME", "until its turn is over, then print the answer; also of one that is over already"],
        ["[--timeout S]", "no longer than S seconds"],
      ],
    },
  },
  cmd: {
    ...changes,
    by: "asker",
    takes: { name: "text", text: "text" },
    host: "command",
    chat: true,
    line: {
      wants: "a command of the agent, such as /compact",
      help: [["cmd NAME /COMMAND…", "one of the agent's own slash commands"]],
    },
  },
  queue: {
    ...looks,
    takes: named,
    host: "queue",
    chat: true,
    line: { help: [["queue NAME", "the prompts that wait, with their ids"]] },
  },
  unqueue: {
    ...changes,
    by: "asker",
    takes: { name: "text", id: "id" },
    host: "unqueue",
    chat: true,
    line: {
      wants: "the id of a prompt, as queue shows it",
      done: "removed",
      help: [["unqueue NAME ID", "take one away"]],
    },
  },
  read: {
    ...looks,
    takes: { name: "text", "lines?": "number", "tools?": "flag" },
    host: "read",
    chat: true,
    tool: "read_shard",
    line: {
      help: [
        ["read NAME [LINES]", "its last cleaned lines (1 to 500, 40 by default); --lines N is the same"],
        ["[--tools]", "the tool calls of its turn instead"],
      ],
    },
  },
  screen: {
    ...looks,
    takes: named,
    host: "screen",
    chat: true,
    line: { help: [["screen NAME", "its screen as it is"]] },
  },
  explain: {
    ...looks,
    takes: named,
    host: "explain",
    chat: true,
    line: { help: [["explain NAME", "how its state is known"]] },
  },
  diff: {
    ...looks,
    as: "read",
    takes: named,
    host: "diff",
    tool: "diff_shard",
    line: { help: [["diff NAME", "what it has changed since it started, uncommitted work too"]] },
  },
  overlap: {
    ...looks,
    as: "read",
    takes: { "repo?": "text" },
    host: "overlap",
    tool: "overlap",
    line: {
      help: [
        ["overlap [--repo NAME]", "which shards change the same files, and what would conflict if they were merged"],
      ],
    },
  },
  history: {
    ...looks,
    as: "read",
    takes: { name: "text", "since?": "mark" },
    host: "history",
    tool: "shard_history",
    line: {
      help: [
        ["history NAME [--since MARK]", "what it has answered and asked; --since goes on where the last look ended"],
      ],
    },
  },
  answer: {
    ...changes,
    by: "asker",
    takes: { name: "text", option: "text", "text?": "text", "secret?": "flag" },
    host: "answer",
    chat: true,
    tool: "answer_shard",
    line: {
      done: "answered",
      help: [
        ["answer NAME OPTION [TEXT…]", "choose an option of its question; TEXT is a reason, or your own words"],
        ["answer NAME", "enter the secret that it asks for: typed unseen, or on standard input"],
      ],
    },
  },
  press: {
    ...changes,
    by: "asker",
    takes: { name: "text", keys: "keys" },
    host: "press",
    chat: true,
    line: {
      wants: "keys, such as: down enter",
      help: [["press NAME KEY…", "press keys: down down enter; esc; ctrl-c; y"]],
    },
  },
  stop: {
    ...changes,
    by: "asker",
    takes: named,
    host: "stop",
    chat: true,
    tool: "stop_shard",
    line: { help: [["stop NAME", "interrupt its running turn"]] },
  },
  close: {
    ...changes,
    by: "asker",
    takes: named,
    host: "close",
    chat: true,
    line: { help: [["close NAME", "end the agent, keep the worktree"]] },
  },
  resume: {
    ...changes,
    raised: { flag: "mode all", right: "admin", option: "mode", is: "all" },
    by: "asker",
    takes: { name: "text", "mode?": modes },
    host: "resume",
    chat: true,
    line: { help: [["resume NAME", "start it again with its conversation"], ["[--mode ask|edits|all]"]] },
  },
  destroy: {
    ...changes,
    raised: { flag: "force", right: "admin", option: "force", is: "true" },
    takes: { name: "text", "force?": "flag" },
    host: "destroy",
    chat: true,
    tool: "destroy_shard",
    line: {
      help: [["destroy NAME [--force]", "end the agent, remove worktree and branch; --force loses unsaved work"]],
    },
  },
  // Of a thread, not of a terminal: the command line's own attach goes to the holder.
  attach: { right: "admin", does: "changes", chat: true },
  detach: { right: "admin", does: "changes", chat: true },
  tasks: {
    ...looks,
    raised: { flag: "change", right: "operator", option: "do", not: "list" },
    takes: { do: ["list", "cancel", "go-on"], "id?": "text", "in?": "text" },
    chat: true,
    line: {
      help: [
        ["tasks [list]", "the standing tasks of the orchestrator: all, or with --in SHARD those of its thread"],
        ["tasks cancel ID", "drop one"],
        ["tasks go-on --in SHARD", "let the orchestrator go on there, after it was held"],
      ],
    },
  },
  usage: {
    ...looks,
    raised: { flag: "extend", right: "admin" },
    takes: { "in?": "text" },
    chat: true,
    line: { help: [["usage [--in SHARD]", "what the orchestrator's model has used, and what that cost"]] },
  },
  policy: {
    ...looks,
    raised: { flag: "set", right: "admin", option: "set" },
    takes: { "in?": "text", "set?": ["ask", "allow"] },
    chat: true,
    line: {
      help: [
        ["policy [ask|allow]", "whether the orchestrator needs a person's button in a thread; set it"],
        ["--in SHARD", "in the thread of this shard"],
      ],
    },
  },
} as const satisfies Record<string, VerbFacts>;

export type VerbTable = typeof verbs;
export type Verb = keyof VerbTable;

/** The facts of every verb, with its name. */
export const verbFacts: readonly (readonly [verb: Verb, facts: VerbFacts])[] = Object.entries(verbs).map(
  ([verb, facts]) => [verb as Verb, facts],
);
