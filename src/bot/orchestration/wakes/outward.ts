const commands =
  /\b(?:git\s+(?:-\S+\s+)*push|gh\s+(?:pr|release)\s+(?:create|merge|edit|close)|(?:npm|pnpm|yarn|cargo|gem|twine)\s+(?:publish|upload)|docker\s+push|kubectl\s+(?:apply|delete)|terraform\s+(?:apply|destroy))\b/i;
const words =
  /\b(?:force-?push|push|publish|deploy)\b(?=[^.!?\n]{0,60}\b(?:branch(?:es)?|commits?|changes|work|origin|upstream|remote|main|master|package|registry|production|staging|it|this|that|them|everything)\b)|\b(?:open|create|merge|submit|file)\s+(?:(?:a|an|the|your|its)\s+)?(?:pull|merge)\s+request\b|\b(?:commit|rebase|test)\s+and\s+(?:push|deploy|publish)\b/i;
const denied =
  /\b(?:do not|don['’]?t|never|without|rather than|instead of)\s+(?:\w+\s+)?(?:and\s+)?(?:force-?)?(?:push|publish|deploy)\w*[^.!?\n]*/gi;

/**
 * Whether a prompt asks for something that leaves the machine: a push, a pull request, a release. It goes by the words, so it finds what
 * is said plainly, and now and then what is not meant; whoever wants to hide it can. It is there against steps that nobody has thought of.
 */
export function goesOutside(prompt: string): boolean {
  return commands.test(prompt) || words.test(prompt.replaceAll(denied, ""));
}
