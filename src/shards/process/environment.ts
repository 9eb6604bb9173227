type Source = Readonly<Record<string, string | undefined>>;

/** Variables that every agent may have. `*` at the end stands for any rest. */
const forAgents = [
  "HOME",
  "PATH",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LC_*",
  "TZ",
  "TMPDIR",
  "XDG_CONFIG_HOME",
  "XDG_DATA_HOME",
  "XDG_CACHE_HOME",
  "XDG_STATE_HOME",
  "XDG_RUNTIME_DIR",
  "SSH_AUTH_SOCK",
];

/** Variables by which git finds its configuration, its helpers and the user's keys. */
const forGit = ["HOME", "PATH", "USER", "LOGNAME", "LANG", "TMPDIR", "XDG_CONFIG_HOME", "SSH_AUTH_SOCK"];

const plainPath = "/usr/local/bin:/usr/bin:/bin";

/**
 * The environment of an agent: what is listed above and in `allowed` (names; `*` at the end stands for any rest), less every variable
 * whose value has one of `secrets` in it, under whatever name. The terminal is always xterm with all colours.
 */
export function agentEnvironment(
  from: Source,
  allowed: readonly string[],
  secrets: readonly string[],
): Record<string, string> {
  const known = secrets.filter((secret) => secret !== "");
  const harmless = Object.entries(from).filter(([, value]) => !known.some((secret) => value?.includes(secret)));
  const env = pick(Object.fromEntries(harmless), [...forAgents, ...allowed]);
  return { LANG: "C.UTF-8", ...env, TERM: "xterm-256color", COLORTERM: "truecolor" };
}

/** The environment of the git that we run ourselves. */
export function gitEnvironment(from: Source): Record<string, string> {
  return pick(from, forGit);
}

function pick(from: Source, allowed: readonly string[]): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(from)) {
    if (value !== undefined && allowed.some((pattern) => matches(name, pattern))) env[name] = value;
  }
  env["PATH"] = ownPath(from["PATH"] ?? "");
  return env;
}

function matches(name: string, pattern: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** The user's PATH: without what npm put in front of it for us, and without entries that mean another program in every folder. */
function ownPath(path: string): string {
  const entries = path
    .split(":")
    .filter((entry) => entry.startsWith("/") && !/\/node_modules\/\.bin\/?$|node-gyp-bin/.test(entry));
  return entries.length === 0 ? plainPath : entries.join(":");
}
