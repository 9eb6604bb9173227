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
 *     WRITE file                     writes a file of two lines
 *     EDIT file                      reads the file and changes it
 *     READ file                      reads the file
 *     ASKME, ASKMORE                 asks one question, or two at once
 *     THINK text ENDTHINK            thinks this before the next thing that it says
 *     ERRnnn                         the API answers with this status
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
}

export type Tool =
  | { name: "run"; command: string; escalate: boolean }
  | { name: "write"; file: string }
  | { name: "edit"; file: string }
  | { name: "read"; file: string }
  | { name: "ask"; questions: readonly Asked[] };

/** A question of the model. */
interface Asked {
  question: string;
  header: string;
  options: readonly { label: string; description: string }[];
}

/** What the model says when a tool has given its result, where the prompt has nothing else. */
const finished = "The tool finished. It returned 9 characters. All done now.";
const nothing = "A plain answer.";

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

const keyword =
  /SAY (?<say>.*?) ENDSAY|RUN (?<escalate>ESCALATE )?(?<run>.*?) ENDRUN|WRITE (?<write>\S+)|EDIT (?<edit>\S+)|READ (?<read>\S+)|(?<ask>ASKME|ASKMORE)|LONG (?<long>\d+)|HOSTILE (?<hostile>\d+)|MDTEST(?:=(?<markdown>[\w-]+))?|ERR(?<status>\d{3})|THINK (?<think>.*?) ENDTHINK/gs;

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
    const { say, run, write, edit, read, ask, long, hostile, markdown, status, think } = groups;
    if (think !== undefined) thinks = think;
    else if (status !== undefined) answers.push({ says: "", status: Number(status) });
    else if (run !== undefined)
      call("I will run a command for you.", { name: "run", command: run, escalate: groups["escalate"] !== undefined });
    else if (write !== undefined) call("I will write a file.", { name: "write", file: write });
    else if (edit !== undefined)
      call("I will edit a file.", { name: "read", file: edit }, { name: "edit", file: edit });
    else if (read !== undefined) call("I will read a file.", { name: "read", file: read });
    else if (ask !== undefined)
      call("I need to ask something first.", { name: "ask", questions: ask === "ASKME" ? [colour] : [colour, size] });
    else if (hostile !== undefined) open = joined(open, Object.values(hostileAnswers)[Number(hostile)] ?? "");
    else open = joined(open, say ?? (long === undefined ? markdownOf(markdown ?? "result") : paragraphs(Number(long))));
  }
  if (answers.at(-1)?.status !== undefined) return answers;
  if (open !== "") return [...answers, { says: open, ...(thinks !== undefined && { thinks }) }];
  return [...answers, { says: answers.length > 0 ? finished : nothing }];
}

/** Milliseconds after each word. */
export function delayIn(prompt: string): number {
  return Number(/DELAY=(\d+)/.exec(prompt)?.[1] ?? 0);
}

/** Paragraphs that can be told apart. */
function paragraphs(count: number): string {
  const line = (number: number) => `Line ${`${number}`.padStart(4, "0")}: the quick brown fox jumps over the lazy dog.`;
  return Array.from({ length: count }, (_, index) => line(index + 1)).join("\n\n");
}

function markdownOf(name: string): string {
  return readFileSync(join(import.meta.dirname, "../fixtures/markdown", `${name}.md`), "utf8").trimEnd();
}

function joined(...texts: string[]): string {
  return texts.filter((text) => text !== "").join("\n\n");
}
