import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startModelApi, type Script } from "../../tests/real-agents/model-api.ts";
import { programs, seeds } from "../../tests/real-agents/seeds.ts";

const main = join(import.meta.dirname, "../../src/main.ts");
const patience = 60_000;

/** What is said to the agent in the pictures, and what its model does then: a command that has to be approved, then an answer. */
const turns: Record<string, { first: string; command: string; does: string; answer: string }> = {
  "the login test fails": {
    first: "I'll run the test first.",
    command: "npm test -- login",
    does: "Run the login tests",
    answer: [
      "The test was right: `login()` compared the **hash** with the plain password.",
      "",
      "- `src/login.ts` hashes what is typed before it compares",
      "- all 12 tests pass",
      "",
      "```ts",
      "return timingSafeEqual(hash(typed), user.hash);",
      "```",
    ].join("\n"),
  },
  "push it": {
    first: "One commit, on the shard's own branch.",
    command: "git push origin HEAD",
    does: "Push the branch",
    answer: "Pushed.",
  },
};

const script: Script = (entries) => {
  const at = entries.findLastIndex(({ by }) => by === "user");
  const prompt = entries[at]?.text ?? "";
  const turn = Object.entries(turns).find(([said]) => prompt.toLowerCase().includes(said))?.[1];
  const ran = entries.slice(at).some(({ by }) => by === "tool");
  if (!turn) return { prompt, pieces: ["Yes."] };
  if (ran) return { prompt, pieces: [turn.answer] };
  return {
    prompt,
    pieces: [turn.first],
    calls: [{ name: "Bash", args: { command: turn.command, description: turn.does } }],
  };
};

/** A machine with a repo and Claude Code on it, whose model is played. */
export interface Stage {
  repo: string;
  env: Record<string, string>;
  /** Arguments for Node that run the program. */
  program(...args: string[]): string[];
  /** Resolves once a shard is idle. */
  idle(name: string): Promise<void>;
  /** Destroys the shards, and removes all. */
  close(): Promise<void>;
}

/** Throws where Claude Code is not installed: `npm run test:agents` installs it. */
export async function openStage(): Promise<Stage> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "pictures-")));
  const [home, repo, bin] = ["home", "shop", "bin"].map((name) => join(folder, name)) as [string, string, string];
  for (const path of [home, repo, bin]) mkdirSync(path);
  symlinkSync(realpathSync(join(programs, "claude")), join(bin, "claude"));
  writeFileSync(
    join(home, ".gitconfig"),
    "[user]\n\tname = Ann\n\temail = ann@example.org\n[init]\n\tdefaultBranch = main\n",
  );
  const api = await startModelApi(script);
  const seed = seeds.claude({ home, repo, url: api.url, known: true });
  const { ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL, ...others } = seed.env;
  // The bot would take these for its orchestrator's.
  const settings = { env: { ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL } };
  mkdirSync(join(home, ".claude"));
  writeFileSync(join(home, ".claude", "settings.json"), JSON.stringify(settings));
  const env = {
    ...others,
    HOME: home,
    USER: "ann",
    PATH: [bin, dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"].join(":"),
    SHELL: "/bin/bash",
    LANG: "C.UTF-8",
    SHARDBRIDGE_HOME: join(folder, "state"),
    SHARDBRIDGE_AGENT_ENV: Object.keys(others).join(","),
  };
  const git = (...args: string[]) => execFileSync("git", args, { cwd: repo, env });
  git("init", "--quiet");
  for (const subject of ["Start the shop", "Add a basket", "Add the login"]) {
    writeFileSync(join(repo, "notes.txt"), `${subject}\n`);
    git("add", ".");
    git("commit", "--quiet", "--message", subject);
  }
  const program = (...args: string[]) => [main, ...args];
  const run = (...args: string[]) =>
    execFileSync(process.execPath, program(...args), { cwd: repo, env, encoding: "utf8" });
  const shards = () =>
    JSON.parse(run("list", "--json")) as { name: string; queued: number; status: { state: string } }[];
  const idle = async (name: string) => {
    const is = () => shards().some((one) => one.name === name && one.status.state === "idle" && one.queued === 0);
    await until(() => (is() ? true : undefined), shards);
  };
  const close = async () => {
    for (const { name } of shards()) run("destroy", name, "--force");
    await api.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { repo, env, program, idle, close };
}

/** What `look` finds, once it does. Throws after a minute, with what is there instead. */
export async function until<T>(look: () => Promise<T | undefined> | T | undefined, instead: () => unknown): Promise<T> {
  const end = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`It does not come; there is:\n${JSON.stringify(await instead(), null, 2)}`);
    await delay(50);
  }
}
