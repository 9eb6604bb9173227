import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Machine } from "./machine.ts";
import type { AgentName } from "./seeds.ts";

/*
 * Many prompts of all shapes to each real CLI: every one must end in the right receipt, arrive as it was sent, and be answered once, in
 * the model's own Markdown. `PROMPTS=50 npm run test:agents -- prompts` is the long run.
 */
const count = Number(process.env["PROMPTS"] ?? 12);
const names: AgentName[] = ["claude", "codex", "gemini", "opencode"];

const shapes: ((index: number) => string)[] = [
  () => "",
  () => "Please say what follows.\n",
  (index) =>
    Array.from(
      { length: 5 + (index % 20) },
      (_, row) => `line ${row} of ${index}: \`code\`, "quotes", $HOME, ünï 日本 👩‍💻`,
    ).join("\n"),
  (index) => `${"abcdefghijklmnopqrstuvwxyz 0123456789 äöü\n".repeat(230)}${index}\n`,
  (index) => `# ${index}\n/tmp/x is a path, !ls is none, @here is nobody\n\n  exit\n`,
  () => "!touch never.txt\n",
];

describe.each(names)("%s", (name) => {
  let machine: Machine;

  beforeAll(async () => {
    machine = await Machine.open(name);
    await machine.ready();
  });
  afterAll(() => machine?.close());

  it(`answers ${count} prompts, each with one right receipt`, { timeout: count * 20_000 }, async () => {
    const wrong: string[] = [];
    for (let index = 0; index < count; index++) {
      const said = `**Answer ${index}** with \`code\`, [a link](https://example.com/${index}) and 日本語.`;
      const text = `${shapes[index % shapes.length]!(index)}SAY ${said} ENDSAY`;
      const { receipt, answer } = await machine.ask(text);
      const arrived = machine.api.requests.at(-1)?.prompt.trimEnd();
      const right =
        receipt.outcome === "submitted" &&
        receipt.turn === answer.turn &&
        arrived === machine.kind.encode(text, "anna").trimEnd() &&
        answer.text === said &&
        !answer.truncated;
      if (!right)
        wrong.push(
          `${index}: ${JSON.stringify({ receipt, text: answer.text.slice(0, 200), arrived: arrived?.slice(-200) })}`,
        );
    }
    expect(wrong).toEqual([]);
    expect(machine.events("answer")).toHaveLength(count);
    console.log(`${name}: ${count - wrong.length} of ${count} prompts with a right receipt and an exact answer`);
  });
});
