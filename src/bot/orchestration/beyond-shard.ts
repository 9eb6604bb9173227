/** Names of a repo's side that is not a shard's own, whatever the repo. */
const ofEveryRepo = ["git", "origin", "upstream", "main", "master"];

/** Addresses and places that are not the worktree: `https://x`, `me@host`, `host:/path`, `~/x`, `/x`, `../x`. */
const places =
  /[a-z][a-z0-9+.-]*:\/\/\S+|[\w.+-]+@[\w.-]+|[\w.-]+:[/~]\S*|(?<=^|[\s=(<>|;&,])(?:~(?:\/\S*)?(?=\s|$)|~?\/[^\s/]\S*|(?:\.\.\/)+\S*)/gi;

/** Quotes and escapes that a shell takes out of words, and a reader reads over: `g''it`, `pu\sh`. */
const readOver = /["'`´‘’“”\\]/g;

/**
 * What a text names that is beyond its shard and that the person has not named: the repo itself, its branches and remotes, addresses, and
 * places outside of the worktree. `repoNames`: more names of that kind.
 */
export function beyondShard(text: string, said: string, repoNames: readonly string[]): string[] {
  const plain = folded(text);
  const known = folded(said);
  const names = new Set([...ofEveryRepo, ...repoNames.map(folded)].filter((name) => name !== ""));
  const named = [...names].filter((name) => hasWord(plain, name));
  const found = [...named, ...(plain.match(places) ?? []).map((place) => place.replace(/[.,;:!?)>\]]+$/, ""))];
  return found.filter((name) => !hasWord(known, name));
}

/** Whether a text is, word for word, in what the person has said. */
export function saysSame(said: string, text: string): boolean {
  const plain = folded(text);
  return plain !== "" && hasWord(folded(said), plain);
}

function hasWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!isWordish(text[at - 1]) && !isWordish(text[at + word.length])) return true;
  }
  return false;
}

function isWordish(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character);
}

/** As one reads it: compatible forms, no invisible characters, no case, no quotes, single spaces. */
function folded(text: string): string {
  return text
    .normalize("NFKC")
    .replaceAll(/\p{Default_Ignorable_Code_Point}|(?!\s)\p{Cc}/gu, "")
    .toLowerCase()
    .replaceAll(readOver, "")
    .replaceAll(/\s+/g, " ")
    .trim();
}
