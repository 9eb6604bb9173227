import { modes } from "../verbs/verbs.ts";
import { ShardbridgeError } from "../errors.ts";
import { programFile } from "../installation.ts";
import { flagsOf, isValued, isVerb, namesShard, verbs } from "./arguments.ts";
import type { LineVerb } from "../verbs/types.ts";
import { callControl } from "../control/client.ts";
import { controlSocket } from "../control/protocol.ts";
import { pause } from "../bot/intake/pause.ts";

/** Candidates after a word of the command line. */
interface Form {
  flags: readonly string[];
  /** The word after it: one of these, or the name of a shard. */
  first: "shard" | readonly string[];
}

const shells = ["bash", "zsh", "fish"] as const;

/** The words that are no verbs of a shard host. */
const others: Readonly<Record<string, Form>> = {
  start: { flags: ["console", "verbose"], first: [] },
  attach: { flags: ["view", "resize", "detach-key", "as"], first: "shard" },
  manifest: { flags: [], first: [] },
  mcp: { flags: ["http", "port"], first: [] },
  service: { flags: ["print", "linger", "json"], first: ["install", "uninstall", "status"] },
  completion: { flags: [], first: shells },
  help: { flags: [], first: [] },
  version: { flags: [], first: [] },
};

/** Milliseconds that a bot has to name its shards: somebody has pressed Tab. */
const patience = 1_000;

/**
 * `shardbridge completion SHELL`: the script that a shell reads. `shardbridge completion -- WORD…`: what the last of these words may
 * become, which is what that script asks. Resolves with what to print; throws ShardbridgeError "usage".
 */
export async function completion(args: string[], home: string): Promise<string> {
  const [first, ...words] = args;
  if (first === "--") return (await complete(words, async () => shardNames(home))).join("\n");
  const shell = shells.find((name) => name === first);
  if (!shell || words.length > 0)
    throw new ShardbridgeError("usage", `completion takes ${shells.join(", ")}; see shardbridge help.`);
  return scripts[shell];
}

/**
 * Candidates for the last word, in no order.
 * @param typed the words after `shardbridge`, up to the one with the cursor, which may be empty
 * @param shards names them
 */
export async function complete(typed: readonly string[], shards: () => Promise<string[]>): Promise<string[]> {
  // Bash takes --mode=ask apart into three words.
  const words = typed.at(-1) === "=" ? [...typed, ""] : typed;
  const [verb = "", ...more] = words.filter((word) => word !== "=");
  const now = more.at(-1);
  if (now === undefined) return begun([...verbs, ...Object.keys(others)], verb);
  const form = formOf(verb);
  if (!form) return [];
  const before = more.slice(0, -1);
  const [, joined] = /^--([a-z-]+)=/.exec(now) ?? [];
  if (joined !== undefined) {
    const values = await valuesOf(joined);
    return begun(
      values.map((value) => `--${joined}=${value}`),
      now,
    );
  }
  const flag = valued(before.at(-1));
  if (flag === "in") return begun(await shards(), now);
  if (flag !== undefined) return begun(await valuesOf(flag), now);
  if (now.startsWith("-")) {
    const unused = form.flags.map((name) => `--${name}`).filter((name) => !before.includes(name));
    return begun(unused, now);
  }
  const given = before.filter((word, index) => !word.startsWith("-") && valued(before[index - 1]) === undefined);
  if (given.length > 0) return [];
  return begun(form.first === "shard" ? await shards() : form.first, now);
}

function formOf(verb: string): Form | undefined {
  if (!isVerb(verb)) return Object.hasOwn(others, verb) ? others[verb] : undefined;
  return { flags: flagsOf(verb), first: firstOf(verb) };
}

function firstOf(verb: LineVerb): Form["first"] {
  if (verb === "tasks") return ["list", "cancel", "go-on"];
  if (verb === "policy") return ["ask", "allow"];
  return namesShard(verb) ? "shard" : [];
}

/** The name of the flag, when this word is one that a value follows. */
function valued(word: string | undefined): string | undefined {
  const name = word?.startsWith("--") === true ? word.slice(2) : undefined;
  return name !== undefined && (isValued(name) || name === "detach-key" || name === "as") ? name : undefined;
}

async function valuesOf(flag: string): Promise<readonly string[]> {
  if (flag === "mode") return modes;
  if (flag !== "agent") return [];
  return Object.keys((await import("../shards/agents/registry.ts")).kinds);
}

function begun(candidates: readonly string[], word: string): string[] {
  return candidates.filter((candidate) => candidate.startsWith(word));
}

/** Of the running bot; none when none runs, or does not answer: a line that is being typed is no place to complain. */
async function shardNames(home: string): Promise<string[]> {
  const asked = callControl(controlSocket(home), "list", {}).catch(() => undefined);
  const answered = await Promise.race([asked, pause(patience)]);
  return ((answered?.result ?? []) as { name: string }[]).map(({ name }) => name);
}

/** Runs this program whatever it is called in the shell: by an alias, a function, a link. */
const ask = [process.execPath, programFile].map(quoted).join(" ");

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'"'"'`)}'`;
}

const scripts: Readonly<Record<(typeof shells)[number], string>> = {
  bash: `_shardbridge() {
  local IFS=$'\\n'
  COMPREPLY=($(${ask} completion -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -F _shardbridge shardbridge
`,
  zsh: `#compdef shardbridge
_shardbridge() {
  local -a offered
  offered=(\${(f)"$(${ask} completion -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  compadd -a offered
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _shardbridge shardbridge
`,
  fish: `function __shardbridge
  set -l words (commandline -opc)
  set -l now (commandline -ct)
  ${ask} completion -- $words[2..] "$now" 2>/dev/null
end
complete -c shardbridge -f -a '(__shardbridge)'
`,
};
