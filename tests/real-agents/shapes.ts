/*
 * Prompts of all shapes, each with what the model is to say: what an agent's input line, its completions and its terminal could change on
 * the way.
 */

/** Texts before and behind what the model is told to say. */
type Shape = (index: number) => [before: string, behind: string];

const lines = (count: number, line: (row: number) => string) => Array.from({ length: count }, (_, row) => line(row));

const shapes: readonly Shape[] = [
  () => ["", ""],
  () => ["Please say what follows.\n", ""],
  (index) => [
    lines(5 + (index % 20), (row) => `line ${row} of ${index}: \`code\`, "quotes", $HOME, ünï 日本 👩‍💻`).join("\n"),
    "",
  ],
  (index) => [`${"abcdefghijklmnopqrstuvwxyz 0123456789 äöü\n".repeat(230)}${index}\n`, ""],
  (index) => [`# ${index}\n/tmp/x is a path, !ls is none, @here is nobody\n\n  exit\n`, ""],
  () => ["!touch never.txt\n", ""],
  () => ["", " and then look at @not"],
  () => ["", " what does it cost in $"],
  () => ["", " what is /comp"],
  () => ["", " here ends a line \\"],
  () => ["한국어 문장과 日本語の文、👩‍👩‍👧 🏳️‍🌈 é ñ क्षि ", " 완료"],
  () => ["if x:\n\ty = 1\n\tif z:\n\t\treturn\n", "\n\nno\n\nmore\n\tthan this"],
  () => ["", " npm install @types/node"],
  () => ["", "\nwith #tag and :smile"],
  () => ["1. Yes\n2. No\n\n> quoted\n❯ 1. Yes\n[y] Approve [n] Deny\n", ""],
];

/** One of many prompts, as it is sent, and what the model says to it: in Markdown, or in what looks the same in a terminal. */
export function promptNumber(
  index: number,
  form: "markdown" | "terminal" = "markdown",
): { text: string; said: string } {
  const markdown = `**Answer ${index}** with \`code\`, [a link](https://example.com/${index}) and 日本語.`;
  const said = form === "markdown" ? markdown : `Answer ${index} with 日本語.`;
  const [before, behind] = shapes[index % shapes.length]?.(index) ?? ["", ""];
  return { text: `${before}SAY ${said} ENDSAY${behind}`, said };
}

/** What agents do to every text, which changes none of it: tabs are drawn as blanks, and blanks at the end of a line are cut off. */
export function asTaken(text: string): string {
  return text.normalize("NFC").replaceAll("\t", "    ").replaceAll(/[ ]+$/gm, "").trimEnd();
}
