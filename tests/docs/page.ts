import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

const root = join(import.meta.dirname, "..", "..");

/** A block of code in a page, with the words above it. */
interface CodeBlock {
  language: string;
  text: string;
  /** The paragraph that stands right above it. */
  above: string;
}

/** The blocks of code in a page, in order. */
function codeBlocks(page: string): CodeBlock[] {
  const fences = /(?:^|\n)(?<above>(?:[^\n]+\n)*)\n?```(?<language>\w*)\n(?<text>[^]*?\n)```(?=\n|$)/g;
  return [...page.matchAll(fences)].map(({ groups = {} }) => ({
    language: groups["language"] ?? "",
    text: groups["text"] ?? "",
    above: groups["above"]?.trim() ?? "",
  }));
}

/**
 * Do what a page says, in a folder: a block below "`PATH`:" is that file, one below "At the end of `PATH`" is added to it, and a diff below
 * "In `PATH`" is made there, as are the diffs that follow it. Throws where the page says something that can't be done.
 * @returns the lines of the other blocks, which are commands for a shell
 */
export function follow(page: string, folder: string): string[] {
  const commands: string[] = [];
  let edited = "";
  for (const { language, text, above } of codeBlocks(page)) {
    const whole = /^`([^`]+)`:$/.exec(above)?.[1];
    const longer = /^At the end of `([^`]+)`/.exec(above)?.[1];
    edited = /^In `([^`]+)`/.exec(above)?.[1] ?? edited;
    if (whole !== undefined) write(join(folder, whole), text);
    else if (longer !== undefined) appendFileSync(join(folder, longer), text);
    else if (language === "diff") patch(join(folder, edited), text);
    else if (language === "sh") commands.push(...text.trim().split("\n"));
    else throw new Error(`What is this block for? ${above}`);
  }
  return commands;
}

/** The repository as it is here, in a folder of its own, less what it takes long to copy; packages are shared. */
export function copyOfRepository(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "page-"));
  const left = /^(?:\.git|dist|docs\/pictures|tests\/fixtures\/(?:holders|journals|recordings)|(?:.*\/)?node_modules)$/;
  const filter = (path: string) => !left.test(relative(root, path));
  for (const entry of readdirSync(root)) {
    if (filter(join(root, entry))) cpSync(join(root, entry), join(folder, entry), { recursive: true, filter });
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A script can be run. */
function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  if (text.startsWith("#!")) chmodSync(path, 0o755);
}

function patch(path: string, diff: string): void {
  const lines = diff.trimEnd().split("\n");
  const side = (dropped: string) =>
    lines
      .filter((line) => !line.startsWith(dropped))
      .map((line) => line.slice(1))
      .join("\n");
  const [before, text] = [side("+"), readFileSync(path, "utf8")];
  if (text.split(before).length !== 2) throw new Error(`This is not once in ${path}:\n${before}`);
  writeFileSync(
    path,
    text.replace(before, () => side("-")),
  );
}
