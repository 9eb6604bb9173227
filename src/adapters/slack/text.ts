/** Text between people, us and Slack. Slack has two languages: its own mrkdwn, and Markdown in markdown blocks. */

/** Text that a person typed, from the mrkdwn that Slack sends: control sequences resolved, entities undone. */
export function readMrkdwn(mrkdwn: string): string {
  return mrkdwn
    .split(/<([^<>]*)>/)
    .map((part, index) => (index % 2 === 0 ? readEntities(part) : readControl(part)))
    .join("");
}

/** Text as it is, in mrkdwn: with these three escaped nothing in it is a mention, a link or a date. */
export function escapeMrkdwn(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** The plain text beside blocks, for notifications: at most 3,000 characters of mrkdwn, no entity cut through. */
export function fallbackText(text: string): string {
  const escaped = escapeMrkdwn(text.trim() === "" ? "(no text)" : text);
  return escaped.length <= 3_000 ? escaped : `${escaped.slice(0, 2_990).replace(/(&[a-z]*|[\uD800-\uDBFF])$/, "")} …`;
}

/**
 * Markdown in which nobody is mentioned and every link shows where it goes. Mentions are live in Slack's Markdown too, also inside code, so
 * a word joiner comes between `<` and what makes it a control sequence. Images and masked links become text with their address:
 * one that is hidden, or fetched unasked, can carry a secret out.
 */
export function inertMarkdown(markdown: string): string {
  return markdown
    .replace(/<(?=[!@#]|[a-z][a-z0-9+.-]*:[^<>\s]*\|)/gi, `<${wordJoiner}`)
    .replace(
      /(```[\s\S]*?(?:```|(?![\s\S]))|`[^`\n]*`)|!?\[([^\]\n]*)\]\(\s*<?([^)\s>]+)>?[^)\n]*\)|^( {0,3})\[([^\]\n]+)\]:/gm,
      (_whole, code?: string, label?: string, url?: string, indent?: string, reference?: string) => {
        if (code !== undefined) return code;
        if (reference !== undefined) return `${indent}\\[${reference}\\]:`;
        return label === "" || label === url ? String(url) : `${label} (${url})`;
      },
    );
}

const wordJoiner = "\u2060";

function readEntities(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** `@U123|ann` · `#C123|general` · `!here` · `!subteam^S123|@devs` · `!date^…|today` · `https://a.b|label` */
function readControl(sequence: string): string {
  const [target, label] = split(sequence);
  const name = label === undefined ? undefined : readEntities(label);
  if (/^[@#]/.test(target)) return name === undefined ? target : target.charAt(0) + name.replace(/^[@#]/, "");
  if (target.startsWith("!date^")) return name ?? "";
  if (target.startsWith("!")) return name ?? `@${target.slice(1)}`;
  const url = readEntities(target);
  // Slack makes links of what looks like one: then the label is what was typed.
  return name !== undefined && [`http://${name}`, `https://${name}`, `mailto:${name}`, `tel:${name}`].includes(url)
    ? name
    : url;
}

function split(sequence: string): [string, string?] {
  const bar = sequence.indexOf("|");
  return bar < 0 ? [sequence] : [sequence.slice(0, bar), sequence.slice(bar + 1)];
}
