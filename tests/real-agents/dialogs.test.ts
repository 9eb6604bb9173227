import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { Machine } from "./machine.ts";

/* Dialogs of Claude Code in which a digit only moves the pointer, or which have no digits. */
let machine: Machine;
afterEach(() => machine.close());

/** Choose an option by its label in the nth question; resolves with what is told of it. */
async function choose(nth: number, label: string): Promise<string | undefined> {
  const { question } = await machine.event("question", nth);
  const option = question.options.find((one) => one.label === label);
  expect(question.options).toContainEqual(option);
  const { name } = machine.shard;
  await machine.host.answer({ name, question: question.id, option: option!.key, by: "anna" });
  return (await machine.event("question-closed", nth)).answer;
}

it("two questions with previews, and a page to submit them", async () => {
  machine = await Machine.open("claude");
  await machine.ready();
  const ask = (question: string, header: string, previews: Record<string, string>) => {
    const options = Object.entries(previews).map(([label, preview]) => ({
      label,
      preview,
      description: `As ${label}`,
    }));
    return { question, header, options, multiSelect: false };
  };
  const questions = [
    ask("Which layout?", "Layout", { "Single flag": "1. Yes\n2. No", "Two flags": "--name x\n--flag y", None: "x" }),
    ask("And which size?", "Size", { Small: "x", Large: "❯ 1. Yes\n  2. No" }),
  ];
  await machine.send(`TOOL AskUserQuestion ${JSON.stringify({ questions })} ENDTOOL`);
  expect((await machine.event("question")).question).toMatchObject({ kind: "question", text: "Which layout?" });
  expect(await choose(1, "Two flags")).toBe("Two flags");
  expect(await choose(2, "Large")).toBe("Large");
  expect(await choose(3, "Submit answers")).toBe("Submit answers");
  await machine.event("answer");
  expect(machine.events("question")).toHaveLength(3);
  const { result } = machine.api.requests.at(-1)!;
  expect(result).toContain("Two flags");
  expect(result).toContain("Large");
});

it("a list with check marks and no numbers", async () => {
  machine = await Machine.open("claude");
  const server = { command: "true", args: [] };
  const { repo } = machine.folders;
  writeFileSync(join(repo, ".mcp.json"), JSON.stringify({ mcpServers: { demo: server, other: server } }));
  const git = (...args: string[]) => execFileSync("git", args, { cwd: repo });
  git("add", ".mcp.json");
  git("-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", "--quiet", "-m", "Servers");
  await machine.spawn({ mode: "ask" });
  expect(await choose(1, "[✔] other")).toBe("[ ] other");
  expect(await choose(2, "Enable selected")).toBe("Enable selected");
  await machine.reaches("idle");
});
