import type { Git } from "./git.ts";

/** A key of git's configuration, as `git config --list` has it, and its value. */
export type Setting = readonly [key: string, value: string];

const bool = /^(?:true|false|yes|no|on|off|0|1)$/i;

/** What decides how files are compared and written, and names neither a program nor a file: taken from a repo itself. */
const ofRepo: Readonly<Record<string, RegExp>> = {
  "core.autocrlf": /^(?:true|false|input)$/i,
  "core.checkstat": /^(?:default|minimal)$/i,
  "core.eol": /^(?:lf|crlf|native)$/i,
  "core.filemode": bool,
  "core.ignorecase": bool,
  "core.precomposeunicode": bool,
  "core.safecrlf": /^(?:true|false|warn)$/i,
  "core.sharedrepository": /^(?:umask|group|all|world|everybody|true|false|0|1|2|0[0-7]{3})$/i,
  "core.sparsecheckout": bool,
  "core.sparsecheckoutcone": bool,
  "core.symlinks": bool,
  "core.trustctime": bool,
};

/** How a repo is stored. */
const formats: Readonly<Record<string, RegExp>> = {
  "extensions.objectformat": /^sha(?:1|256)$/i,
  "extensions.refstorage": /^(?:files|reftable)$/i,
};

/** What is taken from the user's own and the system's configuration besides: what to leave out, and who it is. */
const ofUser = /^(?:core\.excludesfile|user\.(?:name|email))$/;

/** What the download of large files needs besides: the login, the way there. The programs among it are those of the user's own choice. */
const forDownload = /^(?:credential\..+|core\.sshcommand|http\..+|url\..+\.(?:push)?insteadof)$/i;

/** Where large files may be downloaded from: an address that git and its helpers take for no program and no option. */
const address = /^(?:https?:\/\/|ssh:\/\/(?!-)|git:\/\/|[A-Za-z0-9_][\w.-]*@[A-Za-z0-9][\w.-]*:(?!:))[^\p{Cc}]*$/u;

/** What is taken of a repo's configuration, and of the user's. */
export interface RepoSettings {
  /** How its objects and refs are stored. */
  format: Setting[];
  /** What is harmless. */
  plain: Setting[];
  /** What the download of large files needs besides. */
  download: Setting[];
  /** Each worktree has a configuration of its own too. */
  perWorktree: boolean;
  /** Objects may be missing, which git would fetch. */
  partial: boolean;
}

/** The settings of a repo. `git` runs in it. */
export async function settingsOf(git: Git): Promise<RepoSettings> {
  const found: RepoSettings = { format: [], plain: [], download: [], perWorktree: false, partial: false };
  const parts = (await git(["config", "--list", "--null", "--show-scope"])).split("\0");
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const [scope, entry = ""] = [parts[index], parts[index + 1]];
    const cut = entry.indexOf("\n");
    // A key without a value is switched on.
    const [key, value] = cut < 0 ? [entry, "true"] : [entry.slice(0, cut), entry.slice(cut + 1)];
    if (/\p{Cc}/u.test(key + value)) continue;
    const users = scope === "global" || scope === "system";
    if (formats[key]?.test(value)) found.format.push([key, value]);
    else if (ofRepo[key]?.test(value) || (users && ofUser.test(key))) found.plain.push([key, value]);
    else if (users ? forDownload.test(key) : /^remote\..+\.url$/.test(key) && address.test(value))
      found.download.push([key, value]);
    else if (key === "extensions.worktreeconfig") found.perWorktree = isOn(value);
    else if (key === "extensions.partialclone" || /^remote\..+\.promisor$/.test(key)) found.partial = true;
  }
  return found;
}

function isOn(value: string): boolean {
  return /^(?:true|yes|on|1)$/i.test(value);
}

/** Settings as a configuration file has them. */
export function configText(settings: readonly Setting[]): string {
  return settings
    .map(([key, value]) => {
      const [first, last] = [key.indexOf("."), key.lastIndexOf(".")];
      const part = first === last ? "" : ` ${quoted(key.slice(first + 1, last))}`;
      return `[${key.slice(0, first)}${part}]\n\t${key.slice(last + 1)} = ${quoted(value)}\n`;
    })
    .join("");
}

/** Neither a line break nor another control character is in it. */
function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
