import type { StandingTask } from "../orchestrator/orchestrator.ts";
import type { RepoOverlap, ShardDiff, ShardHistory } from "../shards/compare.ts";

/** What `tasks` brings, by what was asked for. */
export type TasksResult = { tasks: StandingTask[]; held: boolean } | { cancelled: StandingTask } | { held: boolean };

export function presentDiff({ base, commits, uncommitted, stat, patch, truncated }: ShardDiff): string {
  const head = `since ${base}: ${commits} commits, ${uncommitted} uncommitted files`;
  if (stat === "") return `${head}\nNothing differs.`;
  return [head, stat.trimEnd(), "", patch.trimEnd(), ...(truncated ? ["… the patch goes on"] : [])].join("\n");
}

export function presentOverlap(repos: RepoOverlap[]): string {
  if (repos.length === 0) return "No repo has two shards.";
  const texts = repos.map(({ repo, files, conflicts, problems }) =>
    [
      `${repo}:`,
      ...(conflicts.length === 0 ? ["  no pair conflicts"] : []),
      ...conflicts.map((pair) => `  ${pair.shards.join(" and ")} conflict in ${pair.files.join(", ")}`),
      ...files.map(({ path, shards }) => `  ${path} is changed by ${shards.join(", ")}`),
      ...problems.map((problem) => `  ${problem}`),
    ].join("\n"),
  );
  return texts.join("\n");
}

export function presentHistory({ entries, mark, gaps }: ShardHistory): string {
  const texts = entries.map(({ mark: at, at: when, type, by, text }) =>
    [
      `${at}  ${when}  ${type}${by === undefined ? "" : `, for ${by}`}`,
      ...text.split("\n").map((line) => `    ${line}`),
    ]
      .map((line) => line.trimEnd())
      .join("\n"),
  );
  const lost = gaps ? ["(what is older is not kept)"] : [];
  return [...lost, ...(texts.length === 0 ? ["Nothing new."] : texts), `go on with --since ${mark}`].join("\n");
}

export function presentTasks(result: TasksResult): string {
  if ("cancelled" in result) return `cancelled ${result.cancelled.id}: ${result.cancelled.instruction}`;
  if (!("tasks" in result)) return result.held ? "it goes on" : "nothing was held; what has waited is handled now";
  const { tasks, held } = result;
  const head = held ? ["The orchestrator is held there: tasks go-on lets it go on."] : [];
  if (tasks.length === 0) return [...head, "No standing tasks."].join("\n");
  return [...head, ...tasks.map(({ id, when, instruction, by }) => `${id}: ${when} → ${instruction} (for ${by})`)].join(
    "\n",
  );
}
