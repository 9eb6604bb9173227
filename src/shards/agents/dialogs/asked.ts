import type { Question, QuestionOption } from "../../host.ts";
import type { ScreenView } from "../agent.ts";
import { asksForSecret } from "./deciding.ts";
import { asQuestion } from "./menu.ts";
import { isTyped, rowAt } from "../prompts.ts";

/**
 * A program's question in the row of the cursor:
 *
 *     Do you want to continue? [Y/n]                                         choices in brackets
 *     Are you sure you want to continue connecting (yes/no/[fingerprint])?
 *     [sudo] password for me:                                                a secret
 */
export function askedAt(view: ScreenView): Question | undefined {
  const row = rowAt(view);
  if (isTyped(row)) return undefined;
  if (asksForSecret(row)) return asQuestion(row.trim(), "", [secretOption]);
  const { text = "", choices = "", typed = "" } = confirm.exec(row)?.groups ?? {};
  const keys = choices
    .split(/[/,|]/)
    .map((choice) => choice.trim().toLowerCase())
    .filter((choice) => /^[a-z]+$/.test(choice));
  const both = [
    ["y", "n"],
    ["yes", "no"],
  ].find(([yes]) => yes !== undefined && keys.includes(yes));
  // Keys that were typed already are not part of the question.
  if (!both || !both.concat(keys).some((key) => key.startsWith(typed.toLowerCase()))) return undefined;
  const all = [...new Set([...both, ...keys])];
  return asQuestion(
    text.trim(),
    "",
    all.map((key) => ({ key, label: labels[key] ?? key })),
  );
}

/** The answer is typed and nothing else: see `QuestionOption.takes`. */
export const secretOption: QuestionOption = { key: "secret", label: "Enter it", takes: "secret" };

const labels: Readonly<Record<string, string>> = { y: "Yes", n: "No", yes: "Yes", no: "No" };
const confirm = /^(?<text>.*\S\s*[[(](?<choices>(?:y|n|yes|no)(?:[/,|].*)?)[\])]\s?[?:>❯›»]?)\s?(?<typed>\w{0,5})$/i;
