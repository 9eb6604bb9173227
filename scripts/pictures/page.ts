import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SlackBlock } from "../../tests/fakes/slack-blocks.ts";
import type { SlackMessage } from "../../tests/fakes/slack-front.ts";

/** Signs of states, which no font of Debian's has in colour. */
const dots: Record<string, string> = {
  "🔵": "#539bf5",
  "🟠": "#e8912d",
  "🟢": "#57ab5a",
  "🔴": "#e5534b",
  "🟡": "#d6a13d",
};

/** Text as HTML. */
export function escaped(text: string): string {
  const safe = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
  return safe.replaceAll(/[🔵🟠🟢🔴🟡⚪]/gu, (dot) => {
    const look = `background:${dots[dot] ?? "#c9d1d9"};border-radius:50%;display:inline-block;height:.8em;margin:0 .2em;width:.8em`;
    return `<span style="${look}"></span>`;
  });
}

/** A part of rich text, as Slack has it. */
interface Part extends SlackBlock {
  elements?: Part[];
  style?: { bold?: true; code?: true } | string;
  name?: string;
  timestamp?: number;
}

/** A thread of Slack as HTML. `names` are those of people by their ids. */
export function threadPage(
  posts: readonly SlackMessage[],
  names: Readonly<Record<string, string>>,
  bot: string,
): string {
  const shown = posts.map(({ user = "", ts, text = "", blocks }) => {
    const own = user === bot;
    const name = own ? "Shardbridge" : (names[user] ?? user);
    const app = own ? "<small>APP</small>" : "";
    const body = blocks === undefined ? `<p>${escaped(text)}</p>` : blocks.map((block) => blockOf(block)).join("");
    const face = `<div class="face ${own ? "own" : ""}">${escaped(name.slice(0, 1))}</div>`;
    return `<article>${face}<div><b class="name">${escaped(name)}</b>${app}<time>${clock(Number(ts))}</time>${body}</div></article>`;
  });
  return `<style>${style}</style><main>${shown.join("")}</main>`;
}

function clock(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(11, 16);
}

function blockOf(block: Part): string {
  const { type, text, elements = [] } = block;
  switch (type) {
    case "rich_text":
      return elements.map(partOf).join("");
    case "markdown":
      return markdown(typeof text === "string" ? text : "");
    case "context":
      return `<p class="context">${elements.map(inline).join(" ")}</p>`;
    case "actions":
      return `<p class="buttons">${elements.map(button).join("")}</p>`;
    default:
      return `<p>${inline(block)}</p>`;
  }
}

function partOf({ type, elements = [] }: Part): string {
  const words = elements.map(inline).join("");
  return type === "rich_text_preformatted" ? `<pre>${words}</pre>` : `<p>${words}</p>`;
}

function inline({ type, text, style: look, name, timestamp }: Part): string {
  if (type === "emoji") return name === "warning" ? "⚠ " : "";
  if (type === "date") return clock(timestamp ?? 0);
  const words = escaped(typeof text === "object" ? text.text : (text ?? ""));
  if (type === "link") return `<a>${words}</a>`;
  const { bold, code } = typeof look === "object" ? look : {};
  const marked = code ? `<code>${words}</code>` : words;
  return bold ? `<b>${marked}</b>` : marked;
}

function button({ text, style: look }: Part): string {
  const label = typeof text === "object" ? text.text : "";
  return `<span class="button ${typeof look === "string" ? look : ""}">${escaped(label)}</span>`;
}

/** As much of Markdown as answers in the picture have. */
function markdown(text: string): string {
  return text
    .split(/(```\w*\n[^]*?\n```)/)
    .map((part) => {
      const code = /^```\w*\n([^]*?)\n```$/.exec(part)?.[1];
      if (code !== undefined) return `<pre>${escaped(code)}</pre>`;
      return part
        .trim()
        .split(/\n{2,}/)
        .map((lines) => {
          const words = escaped(lines)
            .replaceAll(/\*\*(.+?)\*\*/g, "<b>$1</b>")
            .replaceAll(/`(.+?)`/g, "<code>$1</code>")
            .replaceAll(/^[-*] (.+)$/gm, "<li>$1</li>");
          return words.includes("<li>") ? `<ul>${words}</ul>` : `<p>${words.replaceAll("\n", "<br>")}</p>`;
        })
        .join("");
    })
    .join("");
}

const style = `
  body { margin: 0; background: #1a1d21; color: #d1d2d3; font: 15px/1.46 "Liberation Sans", sans-serif; }
  main { padding: 12px 18px; }
  article { display: flex; gap: 10px; margin: 9px 0; }
  article > div:last-child { min-width: 0; flex: 1; }
  .face { width: 34px; height: 34px; border-radius: 8px; background: #4a6b8a; color: #fff; font-weight: bold; flex: none; line-height: 34px; text-align: center; }
  .face.own { background: #4a154b; }
  .name { color: #fff; } small { background: #3a3d42; border-radius: 3px; font-size: 10px; margin-left: 5px; padding: 1px 4px; }
  time { color: #9a9b9d; font-size: 12px; margin-left: 6px; }
  p { margin: 2px 0; overflow-wrap: anywhere; } .context { color: #9a9b9d; font-size: 13px; }
  ul { margin: 2px 0; padding-left: 22px; }
  pre, code { font: 12.5px/1.5 "DejaVu Sans Mono", monospace; background: #22252a; border: 1px solid #3a3d42; border-radius: 4px; }
  pre { margin: 4px 0; padding: 7px 9px; white-space: pre-wrap; overflow-wrap: anywhere; } code { color: #e8912d; padding: 1px 3px; } pre code { color: inherit; border: 0; padding: 0; }
  .buttons { display: flex; flex-wrap: wrap; gap: 7px; margin: 6px 0; }
  .button { border: 1px solid #5a5d61; border-radius: 4px; color: #fff; font-size: 13px; font-weight: bold; padding: 4px 10px; }
  .button.primary { background: #007a5a; border-color: #007a5a; } .button.danger { background: #e01e5a; border-color: #e01e5a; }
  a { color: #1d9bd1; }
`;

/** A page of HTML as a PNG with as many pixels, drawn by Debian's chromium. What is below the page's end is cut off. */
export function draw(html: string, to: string, width: number): void {
  const folder = mkdtempSync(join(tmpdir(), "page-"));
  try {
    const file = join(folder, "page.html");
    const chromium = (...more: string[]) =>
      execFileSync(
        "chromium",
        [
          "--headless",
          "--no-sandbox",
          "--disable-gpu",
          "--hide-scrollbars",
          `--user-data-dir=${folder}`,
          ...more,
          `file://${file}`,
        ],
        { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
      );
    const measure =
      '<script>document.title = "height " + Math.ceil(document.querySelector("main").getBoundingClientRect().bottom)</script>';
    writeFileSync(file, `<!doctype html><meta charset="utf-8">${html}${measure}`);
    const [, height] = /<title>height (\d+)<\/title>/.exec(chromium(`--window-size=${width},4000`, "--dump-dom")) ?? [];
    if (height === undefined) throw new Error("chromium has not drawn the page");
    chromium(`--window-size=${width},${height}`, `--screenshot=${to}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
