import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hostileAnswers } from "../shards/agents/hostile-answers.ts";

/*
 * What the fake model does in a recording, by keywords in the prompt, one after the other:
 *
 *     SAY text ENDSAY                says the text
 *     LONG n                         n paragraphs
 *     MDTEST, MDTEST=name            a text of tests/fixtures/markdown, "result" where none is named
 *     HOSTILE n                      one of the answers that look like something else
 *     RUN [ESCALATE ]command ENDRUN  runs a command; codex asks only for one that wants out of its sandbox
 *     BEHIND command ENDBEHIND       runs a command in the background; the model speaks again when it has ended
 *     TASK prompt ENDTASK            has a sub-agent do what the prompt says
 *     TOOL name {...} ENDTOOL        calls a tool by the agent's own name for it, in codex with "server/" before it
 *     WRITE file                     writes a file of two lines
 *     EDIT file                      reads the file and changes it
 *     READ file                      reads the file
 *     ASKME, ASKMORE                 asks one question, or two at once
 *     ASKMANY, ASKSEEN               asks one whose options can be chosen together, or two whose options have previews
 *     THINK text ENDTHINK            thinks this before the next thing that it says
 *     ERRnnn                         the API answers with this status
 *     FAILS=nnn,nnn                  the API fails with these statuses first, one after the other, and asks to be tried again
 *     LIMIT                          the API says that the plan is used up
 *     DELAY=ms                       goes slowly, word by word
 *
 * A tool ends an answer; the next one comes when the tool has given its result.
 */

/** One answer of the model: what it says, and the tool that it calls then. */
export interface Answer {
  says: string;
  thinks?: string;
  tool?: Tool;
  status?: number;
  /** The plan is used up. */
  limit?: true;
}

export type Tool =
  | { name: "run"; command: string; escalate: boolean; behind?: true }
  | { name: "write"; file: string }
  | { name: "edit"; file: string }
  | { name: "read"; file: string }
  | { name: "ask"; questions: readonly Asked[]; many?: true }
  | { name: "task"; prompt: string }
  | { name: "own"; called: string; args: object };

/** A question of the model. */
interface Asked {
  question: string;
  header: string;
  options: readonly { label: string; description: string; preview?: string }[];
}

/** What the model says when a tool has given its result, where the prompt has nothing else. */
export const finished = "The tool finished. It returned 9 characters. All done now.";
const nothing = "A plain answer.";
/** What it says when a command in the background has ended. */
export const ended = "The command in the background has ended.";

/** What a written file has in it, and what an edit makes of it. */
export const written = "hello\nworld\n";
export const edit = { old: "world", new: "there, world\n\nand moon" };

const colour: Asked = {
  question: "Which colour should the button have?",
  header: "Colour",
  options: [
    { label: "Red", description: "A warm colour" },
    { label: "Blue", description: "A cold colour" },
    { label: "Green", description: "A fresh colour" },
  ],
};
const size: Asked = {
  question:
    "How large should the button be, given that it stands next to a long line of text in the header of the page?",
  header: "Size",
  options: [
    { label: "Small (16 px)", description: "As high as the text" },
    { label: "Large (32 px)", description: "Twice as high as the text" },
  ],
};

/** The preview of an option has everything in it by which a dialog could be known. */
const layout: Asked = {
  question: "Which layout should the page have?",
  header: "Layout",
  options: [
    { label: "Two columns", description: "Text and pictures", preview: "┌────┬────┐\n│ a  │ b  │\n└────┴────┘" },
    { label: "A list", description: "One below the other", preview: "Do you want to proceed?\n❯ 1. Yes\n  2. No" },
    { label: "Nothing", description: "An empty page", preview: "[y] Approve  [n] Deny" },
  ],
};
const words: Asked = {
  question: "How should its heading be set?",
  header: "Heading",
  options: [
    { label: "Bold", description: "In heavy letters", preview: "**Heading**" },
    { label: "Plain", description: "As the rest", preview: "Heading" },
  ],
};

const asks: Record<string, Omit<Extract<Tool, { name: "ask" }>, "name">> = {
  ASKME: { questions: [colour] },
  ASKMORE: { questions: [colour, size] },
  ASKMANY: { questions: [colour], many: true },
  ASKSEEN: { questions: [layout, words] },
};

const keyword =
  /SAY (?<say>.*?) ENDSAY|TASK (?<task>.*?) ENDTASK|BEHIND (?<behind>.*?) ENDBEHIND|TOOL (?<own>\S+) (?<args>\{.*?\}) ENDTOOL|RUN (?<escalate>ESCALATE )?(?<run>.*?) ENDRUN|WRITE (?<write>\S+)|EDIT (?<edit>\S+)|READ (?<read>\S+)|\b(?<ask>ASKME|ASKMORE|ASKMANY|ASKSEEN)\b|LONG (?<long>\d+)|HOSTILE (?<hostile>\d+)|MDTEST(?:=(?<markdown>[\w-]+))?|ERR(?<status>\d{3})|\b(?<limit>LIMIT)\b|THINK (?<think>.*?) ENDTHINK/gs;

/** The answers to a prompt, one after the other. */
export function answersTo(prompt: string): Answer[] {
  const answers: Answer[] = [];
  let open = "";
  let thinks: string | undefined;
  const call = (says: string, ...tools: Tool[]) => {
    for (const tool of tools) {
      answers.push({ says: open === "" ? says : open, tool });
      open = "";
    }
  };
  for (const { groups = {} } of prompt.matchAll(keyword)) {
    const { say, run, behind, write, edit, read, ask, task, own, long, hostile, markdown, status, limit, think } =
      groups;
    if (think !== undefined) thinks = think;
    else if (status !== undefined) answers.push({ says: "", status: Number(status) });
    else if (limit !== undefined) answers.push({ says: "", limit: true });
    else if (behind !== undefined)
      call("I will run it in the background.", { name: "run", command: behind, escalate: false, behind: true });
    else if (task !== undefined) call("I will have it done.", { name: "task", prompt: task });
    else if (own !== undefined)
      call("I will use a tool.", { name: "own", called: own, args: JSON.parse(groups["args"] ?? "{}") as object });
    else if (run !== undefined)
      call("I will run a command for you.", { name: "run", command: run, escalate: groups["escalate"] !== undefined });
    else if (write !== undefined) call("I will write a file.", { name: "write", file: write });
    else if (edit !== undefined)
      call("I will edit a file.", { name: "read", file: edit }, { name: "edit", file: edit });
    else if (read !== undefined) call("I will read a file.", { name: "read", file: read });
    else if (ask !== undefined) call("I need to ask something first.", { name: "ask", questions: [], ...asks[ask] });
    else if (hostile !== undefined) open = joined(open, Object.values(hostileAnswers)[Number(hostile)] ?? "");
    else open = joined(open, say ?? (long === undefined ? markdownOf(markdown ?? "result") : paragraphs(Number(long))));
  }
  const { status, limit } = answers.at(-1) ?? {};
  if (status !== undefined || limit) return answers;
  if (open !== "") return [...answers, { says: open, ...(thinks !== undefined && { thinks }) }];
  return [...answers, { says: answers.length > 0 ? finished : nothing }];
}

/** Milliseconds after each word. */
export function delayIn(prompt: string): number {
  return Number(/DELAY=(\d+)/.exec(prompt)?.[1] ?? 0);
}

/** The statuses with which the API fails before it answers. */
export function failuresIn(prompt: string): number[] {
  return (/FAILS=([\d,]+)/.exec(prompt)?.[1] ?? "").split(",").filter(Boolean).map(Number);
}

/** Paragraphs that can be told apart. */
export function paragraphs(count: number): string {
  const line = (number: number) => `Line ${`${number}`.padStart(4, "0")}: the quick brown fox jumps over the lazy dog.`;
  return Array.from({ length: count }, (_, index) => line(index + 1)).join("\n\n");
}

function markdownOf(name: string): string {
  return readFileSync(join(import.meta.dirname, "../fixtures/markdown", `${name}.md`), "utf8").trimEnd();
}

function joined(...texts: string[]): string {
  return texts.filter((text) => text !== "").join("\n\n");
}
