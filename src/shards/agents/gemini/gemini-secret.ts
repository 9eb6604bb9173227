import type { Question } from "../../host.ts";
import { asQuestion, unframed } from "../dialogs/menu.ts";

/** The option that is the field, and what empties it: a key that is stored, or in the environment, is in it already. */
export const secretKey = "secret";
export const secretKeys = ["\u0005", "\u0015"];

const help = /^\(Press Enter to submit, Esc to cancel\b/;
const hint = /^Paste your API key here$/;

/**
 * The field for the API key, in a box in the dialog's box. What is in it is nobody's to see.
 *
 *     ╭───────────────────────────────────────────────────────────────────╮
 *     │ Enter Gemini API Key                                              │
 *     │                                                                   │
 *     │ Please enter your Gemini API key. It will be securely stored in … │
 *     │                                                                   │
 *     │ ╭───────────────────────────────────────────────────────────────╮ │
 *     │ │ Paste your API key here                                       │ │
 *     │ ╰───────────────────────────────────────────────────────────────╯ │
 *     │                                                                   │
 *     │ (Press Enter to submit, Esc to cancel, Ctrl+C to clear stored key)│
 *     ╰───────────────────────────────────────────────────────────────────╯
 */
export function secretAsked(rows: readonly string[]): Question | undefined {
  const plain = rows.map(unframed);
  const end = plain.findLastIndex((row) => help.test(row));
  if (end < 0 || rows.slice(end + 1).some((row) => !/^[\s│╰─╯]*$/.test(row))) return undefined;
  const field = rows.slice(0, end).findLastIndex((row) => /^ ?│\s*╭/.test(row));
  const top = rows.slice(0, Math.max(0, field)).findLastIndex((row) => /^ ?╭/.test(row)) + 1;
  if (field < 0 || top === 0) return undefined;
  const [title = "", ...about] = plain.slice(top, field).filter((row) => row !== "");
  const below = plain.slice(field, end).findIndex((row) => row.startsWith("╰")) + field;
  const errors = plain.slice(below + 1, end).filter((row) => row !== "");
  const inside = plain.slice(field + 1, below).filter((row) => row !== "" && !hint.test(row));
  const stored = inside.length > 0 ? [{ key: "enter", label: "Use the key that is stored" }] : [];
  return asQuestion(title, [...about, ...errors].join("\n"), [
    { key: secretKey, label: "Enter the key", takes: "secret" },
    ...stored,
    { key: "esc", label: "Cancel" },
  ]);
}
