/** What Discord makes of a message: the addresses that hide behind words, what stands for somebody or something, and code. */
export interface Understood {
  masked: string[];
  mentions: string[];
  code: string[];
}

interface Place {
  lineStart: boolean;
  quoted: boolean;
}

type Taken = { rest: string; inside?: string; quoted?: boolean };
type Rule = (text: string, found: Understood, place: Place) => Taken | undefined;

/** A rule for what a pattern matches at the beginning; its first group, where there is one, is read on. */
function rule(pattern: RegExp, note?: (match: RegExpExecArray, found: Understood) => void, line = false): Rule {
  return (text, found, place) => {
    const match = !line || place.lineStart ? pattern.exec(text) : null;
    if (!match) return undefined;
    note?.(match, found);
    return { rest: text.slice(match[0].length), ...(!note && { inside: match[1] ?? "" }) };
  };
}

/** Its client's rules, in their order: each is tried at each character, and the first that matches takes what it matches. */
const rules: Rule[] = [
  (text, _found, { lineStart, quoted }) => {
    const match =
      lineStart && !quoted ? /^( *>>> +([^]*))|^( *>(?!>>) +[^\n]*(\n *>(?!>>) +[^\n]*)*\n?)/.exec(text) : null;
    if (!match) return undefined;
    const inside = match[2] ?? match[0].replaceAll(/^ *> ?/gm, "");
    return { rest: text.slice(match[0].length), inside, quoted: true };
  },
  rule(/^```(?:([a-z0-9_+\-.#]+?)\n)?\n*([^\n][^]*?)\n*```/i, (match, found) => found.code.push(match[2] ?? "")),
  rule(/^(?:#{1,3}|-#) +([^\n]+)/, undefined, true),
  rule(/^\\([^0-9A-Za-z\s])/, () => undefined),
  rule(/^<(?:mailto:[^ >]+|[^: >]+:\/\/[^ >]+)>/, () => undefined),
  rule(/^<(?:@[!&]?\d+|#\d+|\/[^:>]+:\d+|a?:\w+:\d+|t:-?\d+(?::\w)?|id:\w+|sound:\d+:\d+)>/, (match, found) =>
    found.mentions.push(match[0]),
  ),
  rule(/^https?:\/\/[^\s<]+[^<.,:;"')\]\s]/, () => undefined),
  (text, found) => {
    const match =
      /^\[((?:\[[^\]]*\]|[^[\]]|\](?=[^[]*\]))*)\]\(\s*<?((?:\([^)]*\)|[^\s\\]|\\.)*?)>?(?:\s+['"]([^]*?)['"])?\s*\)/.exec(
        text,
      );
    if (!match) return undefined;
    found.masked.push(match[0]);
    return { rest: text.slice(match[0].length) };
  },
  rule(/^\*(?=\S)((?:\*\*|\s+(?:[^*\s]|\*\*)|[^\s*])+?)\*(?!\*)/),
  rule(/^_((?:__|\\[^]|[^\\_])+?)_\b/),
  rule(/^\*\*((?:\\[^]|[^\\])+?)\*\*(?!\*)/),
  rule(/^__((?:\\[^]|[^\\])+?)__(?!_)/),
  rule(/^~~([^]+?)~~(?!_)/),
  rule(/^\|\|([^]+?)\|\|/),
  rule(/^(`+)([^]*?[^`])\1(?!`)/, (match, found) => found.code.push(match[2] ?? "")),
];

/** Read a message as Discord's clients do (after the rules that they have been seen to go by; the order of these is theirs). */
export function readDiscord(text: string): Understood {
  const found: Understood = { masked: [], mentions: [], code: [] };
  read(text, found, { lineStart: true, quoted: false });
  return found;
}

function read(text: string, found: Understood, place: Place): void {
  for (let rest = text, lineStart = true; rest !== "";) {
    let taken: Taken | undefined;
    for (const one of rules) if ((taken = one(rest, found, { lineStart, quoted: place.quoted }))) break;
    const next = taken?.rest ?? rest.slice(1);
    lineStart = rest.charAt(rest.length - next.length - 1) === "\n";
    if (taken?.inside) read(taken.inside, found, { lineStart: true, quoted: place.quoted || taken.quoted === true });
    rest = next;
  }
}
