import type { Redact } from "../../redaction/shown.ts";
import { revealed } from "./revealed.ts";

/** A text that people decide by. `sure`: it hides nothing that could be anything but a secret. */
export interface ApprovedText {
  text: string;
  sure: boolean;
}

/** No shell, and nothing that reads what is typed, takes one of these for anything but a part of a word. */
const literal = /^[A-Za-z0-9_+/=.-]+$/;

/** What stands before a word that a shell would run: nothing in its line, or what ends or opens a command. */
const beforeProgram = /(?:^|[;&|(){}`!])\s*(?:run(?: before it is destroyed)?: )?$/;

/** Another's mark: nobody knows what it stands for. */
const foreign = /\[redacted(?:: (?:(?!, \d+ characters\])[^\]])*)?\]/;

/**
 * A text to decide by: secrets are marked with their kind and length, and what can't be seen is shown as its code point. It is not sure where
 * a secret is anything but one literal, or where a program's name would stand: what is hidden there may be what runs.
 */
export function approvedText(text: string, redact: Redact): ApprovedText {
  const secrets = redact.find?.(text);
  if (!secrets) {
    const clean = redact(text);
    return { text: revealed(clean), sure: clean === text && !foreign.test(text) };
  }
  let shown = "";
  let kept = 0;
  let sure = !foreign.test(text);
  for (const { start, end, kind } of secrets) {
    const hidden = text.slice(start, end);
    const before = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
    sure &&= literal.test(hidden) && !beforeProgram.test(before);
    shown += `${revealed(text.slice(kept, start))}[redacted: ${kind || "a secret"}, ${hidden.length} characters]`;
    kept = end;
  }
  return { text: shown + revealed(text.slice(kept)), sure };
}
