import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ApiRequest, Block, Reply } from "../fakes/messages-api.ts";
import type { Machine } from "./program.ts";

/** What people say to the orchestrator, and the tool calls that a model makes of it. */
const sentences: [RegExp, Reply["tools"] & {}][] = [
  [
    /start a shard for auth and one for the api refactor/i,
    [
      { name: "spawn_shard", input: { name: "auth" } },
      { name: "spawn_shard", input: { name: "api-refactor" } },
    ],
  ],
  [
    /tell auth to add jwt validation/i,
    [{ name: "send_to_shard", input: { name: "auth", text: "SAY JWT validation is added. ENDSAY" } }],
  ],
  [/what is the status of api-refactor/i, [{ name: "read_shard", input: { name: "api-refactor" } }]],
  [/tell api-refactor to count/i, [{ name: "send_to_shard", input: { name: "api-refactor", text: "LONG 60" } }]],
];

/** A model that knows the three sentences of the vision, and reports what its tools said. */
export function visionModel(request: ApiRequest): Reply {
  const last = request.body.messages.at(-1)?.content ?? [];
  const results = last.filter((block) => block.type === "tool_result");
  if (results.length > 0) return { text: `The tools say: ${results.map(resultText).join(" | ")}` };
  const said = last.map((block) => block.text ?? "").join("\n");
  if (said.includes("Woken by events")) return { tools: [{ name: "stay_silent", input: {} }] };
  const tools = sentences.find(([sentence]) => sentence.test(said))?.[1];
  return tools ? { text: "Let me see.", tools } : { text: `You said: ${last.at(-1)?.text ?? ""}` };
}

/** A post's text less what repeats a prompt to the fake agent: the line of a call. */
export function withoutPrompts(text: string): string {
  return text.replaceAll(/(?:SAY|RUN) .*? END(?:SAY|RUN)/g, "");
}

function resultText({ content }: Block): string {
  return typeof content === "string" ? content : JSON.stringify(content);
}

/** Put the fake agent on the machine's PATH under the name of a real one, whose screen it paints. */
export function installFakeAgent(machine: Machine): void {
  const bin = join(machine.folder, "bin");
  mkdirSync(bin, { recursive: true });
  const program = join(import.meta.dirname, "..", "fakes", "fake-agent.ts");
  writeFileSync(join(bin, "claude"), `#!/bin/sh\nexec "${process.execPath}" "${program}"\n`);
  chmodSync(join(bin, "claude"), 0o755);
  machine.env["PATH"] = `${bin}:${machine.env["PATH"] ?? ""}`;
}
