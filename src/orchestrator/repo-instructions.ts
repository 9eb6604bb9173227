import type { RepoInstructions } from "../shards/repo-says.ts";
import type { Turn } from "./history.ts";
import { capped, inert } from "./shard-text.ts";

/** Characters of one repo's notes, and how many repos have theirs in one message. */
const longest = 4_000;
const mostRepos = 5;

/**
 * The notes that a conversation does not have as they are now, as texts for its next message: those that an admin has approved as notes, and
 * others as a file that is no more than data. There rather than in the system prompt, so
 * that what stands in front, and is cached, stays the same; and once rather than in each turn. After a compaction they come again.
 */
export function freshNotes(notes: readonly RepoInstructions[], turns: readonly Turn[]): string[] {
  const said = turns
    .flat()
    .flatMap(({ role, content }) => (role === "user" ? content : []))
    .flatMap((block) => (block.type === "text" && /^<repo_(?:notes|file) /.test(block.text) ? [block.text] : []));
  return notes.slice(0, mostRepos).flatMap(({ repo, text, unapproved }) => {
    const named = ` repo="${repo.replaceAll(/["<>\s]+/g, " ")}">\n`;
    const tag = unapproved === undefined ? "repo_notes" : "repo_file";
    const now = `<${tag}${named}${capped(inert(text), longest)}\n</${tag}>`;
    const heads = [`<repo_notes${named}`, `<repo_file${named}`];
    const before = said.findLast((one) => heads.some((head) => one.startsWith(head)));
    return before === now ? [] : [now];
  });
}

/** Instructions of the repos that are worked in; of the only one in any case. */
export function notesInUse(
  notes: readonly RepoInstructions[],
  repos: readonly string[],
  shards: readonly { repo: string }[],
): RepoInstructions[] {
  return notes.filter(({ repo }) => repos.length === 1 || shards.some((shard) => shard.repo === repo));
}
