import { expect, it } from "vitest";

/** What became of an attack: `THROUGH` where it got what it was after. */
type Verdict = "blocked" | "THROUGH";

/** The issues that will block what gets through today. */
export type Issue = 14 | 15 | 16;

declare module "vitest" {
  interface TaskMeta {
    verdict?: Verdict;
  }
}

/** `run` resolves with whether the attack got what it was after; it throws where that can't be told. */
type Run = () => boolean | Promise<boolean>;

/** An attack that is blocked. */
export function blocked(name: string, run: Run): void {
  attempt(name, run, "blocked", "it was blocked before");
}

/** An attack that gets through until an issue is done: the test fails once it is blocked, so that this mark is taken away. */
export function through(issue: Issue, name: string, run: Run): void {
  attempt(
    `${name} (#${issue})`,
    run,
    "THROUGH",
    `it is blocked now: make it \`blocked\` rather than \`through(${issue}, …)\``,
  );
}

function attempt(name: string, run: Run, expected: Verdict, hint: string): void {
  it.for([name])("%s", async (_name, { task }) => {
    const verdict = (await run()) ? "THROUGH" : "blocked";
    task.meta.verdict = verdict;
    expect(verdict === expected ? verdict : `${verdict}: ${hint}`).toBe(expected);
  });
}
