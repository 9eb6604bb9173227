import type { Entry, Journal, JournalContext, JournalPlace } from "../agent.ts";
import { textAt } from "../json.ts";

/** File of the shard's folder that the plugin writes to, and the plugin's own. */
const signals = "signals.jsonl";
export const pluginFile = "opencode-plugin.js";

/**
 * opencode keeps its conversations in a database, so a plugin of ours writes down what happens, as entries. It reports the first
 * conversation that no other one has started: those of sub-agents have a parent.
 */
export function opencodePlugin(folder: string): string {
  return String.raw`// Written by Shardbridge for this shard alone.
import { appendFileSync } from "node:fs";
const file = ${JSON.stringify(`${folder}/${signals}`)};
const children = new Set();
const roles = new Map();
let own;
let given = "";
const heard = new Set();
let busy = false;
const write = (entry) => {
  try {
    appendFileSync(file, JSON.stringify({ at: new Date().toISOString(), ...entry }) + "\n");
  } catch {}
};
const telling = ["command", "filePath", "path", "pattern", "query", "url", "description", "prompt"];
const line = (name, input = {}) => {
  const what = telling.map((key) => input[key]).find((value) => typeof value === "string" && value.trim());
  return (what ? name + ": " + what : name).replace(/\s+/g, " ").trim().slice(0, 160);
};
// The file's presence says that the plugin is loaded.
write({ type: "loaded" });
export const Shardbridge = async () => ({
  event: async ({ event }) => {
    const { type, properties = {} } = event;
    const { info, part, status } = properties;
    if (type === "session.created" && info && info.parentID) children.add(info.id);
    const session = properties.sessionID ?? (type.startsWith("session.") && info ? info.id : undefined) ?? (info ?? part ?? {}).sessionID;
    if (!session || children.has(session)) return;
    if (type === "message.updated" && info) roles.set(info.id, info.role);
    // Text that opencode adds of itself, such as a file that was named, is synthetic.
    const theirs = type === "message.part.updated" && part && part.type === "text" && roles.get(part.messageID) === "user";
    const words = theirs && !part.synthetic && !heard.has(part.id) ? part.text : "";
    if (words) heard.add(part.id);
    if (words && own !== session) given = words;
    const begins = type === "session.created" || (type === "session.status" && status && status.type !== "idle");
    if (begins && own !== session) {
      own = session;
      write({ type: "conversation", id: session });
    }
    if (own !== session) return;
    if (type === "session.status" && status && status.type !== "idle" && !busy) {
      busy = true;
      write({ type: "prompt", text: given });
      given = "";
    }
    if (words) write({ type: "prompt", text: words });
    if (type === "session.idle" && busy) {
      busy = false;
      write({ type: "end", how: "done" });
    }
    if (type === "session.error") {
      const error = properties.error ?? {};
      const text = (error.data && error.data.message) || error.message || error.name || "error";
      const aborted = error.name === "MessageAbortedError";
      busy = false;
      write(aborted ? { type: "end", how: "interrupted" } : { type: "end", how: "failed", text: String(text) });
    }
    if (type === "permission.asked") {
      const { command, diff, ...others } = properties.metadata ?? {};
      const subject = [command, diff].filter((text) => typeof text === "string" && text);
      const shown = subject.length ? subject : [(properties.patterns ?? []).join("\n")];
      const fields = Object.entries(others).map(([name, value]) => name + ": " + (typeof value === "string" ? value : JSON.stringify(value)));
      write({ type: "asking", detail: [...shown, ...fields].join("\n") });
    }
    if (type === "question.asked") write({ type: "asking", detail: "" });
    if (type === "permission.replied" || type === "question.replied" || type === "question.rejected") write({ type: "answered" });
    if (type !== "message.part.updated" || !part || roles.get(part.messageID) !== "assistant") return;
    const { id, text, time, tool, state } = part;
    if (part.type === "text" && text && text.trim() && time && time.end) write({ type: "said", text, id });
    if (part.type === "tool" && state && state.status !== "pending") write({ type: "tool", text: line(tool, state.input), id });
  },
});
`;
}

export const opencodeJournal: Journal = { tells: "turns", places, read };

function places({ folder }: JournalContext): JournalPlace[] {
  return [{ folder, depth: 0, file: new RegExp(`^${signals}$`), owns: () => true }];
}

const known = new Set(["conversation", "prompt", "said", "tool", "asking", "answered", "end"]);

/** The plugin writes entries as they are. */
function read(line: unknown): Entry[] {
  return known.has(textAt(line, "type") ?? "") ? [line as Entry] : [];
}
