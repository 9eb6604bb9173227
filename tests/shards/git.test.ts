import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GitFailure, gitIn } from "../../src/shards/worktree/git.ts";

/** A program in git's place. */
let folder: string;

function standIn(lines: string): ReturnType<typeof gitIn> {
  writeFileSync(join(folder, "git"), `#!/bin/sh\n${lines}\n`);
  chmodSync(join(folder, "git"), 0o755);
  return gitIn(folder, { PATH: `${folder}:/usr/bin:/bin` });
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "git-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("git", () => {
  it("resolves with what was printed", async () => {
    expect(await standIn("echo said")(["status"])).toBe("said\n");
  });

  it.each([
    ["with a word", "echo fatal: no >&2; exit 128", "fatal: no"],
    ["without a word", "exit 1", "it ended with 1"],
    ["by a signal", "kill -9 $$", "it ended with a signal"],
  ])("that fails %s is a failure", async (_, lines, said) => {
    const failed = standIn(lines)(["status"]);
    await expect(failed).rejects.toBeInstanceOf(GitFailure);
    await expect(failed).rejects.toMatchObject({ said });
  });

  it("that does not end is ended", async () => {
    const stuck = standIn("exec sleep 60")(["worktree", "list"], 100);
    await expect(stuck).rejects.toMatchObject({
      code: "failed",
      message: expect.stringContaining("git worktree took too long"),
    });
  });

  it("of another user's repo says what allows it", async () => {
    const refused = standIn("echo \"fatal: detected dubious ownership in repository at '/x'\" >&2; exit 128")([
      "status",
    ]);
    await expect(refused).rejects.toMatchObject({ code: "config", message: expect.stringContaining("safe.directory") });
  });
});
