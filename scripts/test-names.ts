import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { lost, type Named, namedAfter } from "./lost-names.ts";

// Says which tests a commit has, or a list that was written of them, and this working tree has not: `npm run names -- COMMIT`. Two to five
// minutes, since each test file has to run for its names.

const usage = `npm run names -- COMMIT        names of tests that COMMIT has and the working tree has not
npm run names -- LIST.json     the same for a list
npm run names -- --write LIST.json`;

const root = join(import.meta.dirname, "..");
const listed = z.array(z.object({ name: z.string(), file: z.string() }));

/** Every test of a working tree, in all projects; a file is named from its root. */
function namesIn(folder: string): Named[] {
  const scratch = mkdtempSync(join(tmpdir(), "test-names-"));
  try {
    const file = join(scratch, "list.json");
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    // Names that a loop or a function makes are only known once the file has run.
    const args = [
      vitest,
      "list",
      "--no-static-parse",
      `--json=${file}`,
      "--root",
      folder,
      "--config",
      join(folder, "vitest.config.ts"),
    ];
    execFileSync(process.execPath, args, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
    const all = listed.parse(JSON.parse(readFileSync(file, "utf8")));
    return all.map(({ name, file: path }) => ({ name, file: path.replace(`${folder}/`, "") }));
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** The same for a commit, in a worktree that is removed again. */
function namesAt(commit: string): Named[] {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  const scratch = mkdtempSync(join(tmpdir(), "test-names-"));
  const folder = join(scratch, "tree");
  git("worktree", "add", "--quiet", "--detach", folder, commit);
  try {
    // Tests of another day are listed with the packages of today.
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    return namesIn(folder);
  } finally {
    git("worktree", "remove", "--force", folder);
    rmSync(scratch, { recursive: true });
  }
}

/** Sources that a commit has and the working tree has not, named from `src/`. */
function goneSince(commit: string): string[] {
  const args = ["ls-tree", "-r", "--name-only", commit, "src"];
  const then = execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim().split("\n");
  return then.filter((path) => !existsSync(join(root, path))).map((path) => path.replace("src/", ""));
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { write: { type: "string" } } });
const [before] = positionals;
if (values.write !== undefined) {
  const names = namesIn(root);
  writeFileSync(values.write, `${JSON.stringify(names, undefined, 1)}\n`);
  console.log(`${names.length} names are in ${values.write}`);
} else if (before === undefined) {
  console.error(usage);
  process.exitCode = 2;
} else {
  const list = existsSync(before);
  const then = list ? listed.parse(JSON.parse(readFileSync(before, "utf8"))) : namesAt(before);
  const now = namesIn(root);
  const files = list ? [] : goneSince(before);
  const all = lost(then, now);
  // A file that was renamed or merged into another has taken the tests that were named after it along.
  const moved = all.filter((test) => namedAfter(test, files));
  const gone = all.filter((test) => !namedAfter(test, files));
  for (const { name, file } of moved) console.log(`named after a file that is no more: ${file}: ${name}`);
  for (const { name, file } of gone) console.log(`lost: ${file}: ${name}`);
  console.log(
    `${then.length} tests then, ${now.length} now, ${gone.length} names lost, ${moved.length} of files that are no more`,
  );
  process.exitCode = gone.length > 0 ? 1 : 0;
}
