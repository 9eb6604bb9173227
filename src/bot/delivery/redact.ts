import { KnownValues } from "../../redaction/known.ts";
import { settledUpTo } from "../../redaction/pieces.ts";
import { findSecrets, redact } from "../../redaction/redact.ts";
import type { Redact } from "../../redaction/shown.ts";

/** A function that takes known secrets, and what looks like one, out of a text. Best effort: a safety net, and no wall. */
export function redactor(secrets: readonly string[]): Redact {
  const known = new KnownValues(secrets.map((value) => ({ value, kind: "" })));
  return redactWith(() => known);
}

/** The same for secrets that may become more. */
export function redactWith(known: () => KnownValues): Redact {
  return Object.assign((text: string) => redact(text, known()).text, {
    settledUpTo: (text: string) => settledUpTo(text, known()),
    find: (text: string) => findSecrets(text, known()),
  });
}
