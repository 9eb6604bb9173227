/** A part of a text that is not to be shown. */
export interface Span {
  /** Index of its first character (UTF-16 unit). */
  start: number;
  /** Index behind its last one. */
  end: number;
  /** What kind of secret it is, in a few words; "" where nothing is known of it but that it is one. */
  kind: string;
}

/** The text with a mark instead of each span. */
export function marked(text: string, spans: readonly Span[]): string {
  let shown = "";
  let kept = 0;
  for (const { start, end, kind } of spans) {
    shown += `${text.slice(kept, start)}${kind === "" ? "[redacted]" : `[redacted: ${kind}]`}`;
    kept = end;
  }
  return shown + text.slice(kept);
}
