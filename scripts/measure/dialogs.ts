import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Machine } from "../../tests/real-agents/machine.ts";
import type { OtherName } from "../../tests/real-agents/others.ts";
import type { AgentName } from "../../tests/real-agents/seeds.ts";

/** A dialog, or several that follow each other: how they come up, what each is to say, and what is chosen. */
export interface Dialogs {
  /** Brings them up; without one they come at the very first start. */
  prompt?: string;
  /** Keys before it, and again behind it. */
  keys?: string[];
  asks: { text: RegExp; options: RegExp[]; choose: RegExp }[];
  /** Whether what was chosen came to be. */
  proof(machine: Machine): boolean;
}

const made = (file: string) => (machine: Machine) => existsSync(join(machine.shard.worktree, file));
const heard =
  (...words: string[]) =>
  ({ api }: Machine) =>
    words.every((word) => api.requests.at(-1)?.result?.includes(word));
const works = ({ api }: Machine) => api.requests.length >= 0;

const yes = /^(?:yes|allow|approve|proceed)/i;
const no = /^(?:no|reject|deny)/i;
const allow = (prompt: string, text: RegExp, file: string): Dialogs => ({
  prompt,
  asks: [{ text, options: [yes, no], choose: yes }],
  proof: made(file),
});

const colour = { text: /Which colour should the button have/, options: [/Red/, /Blue/, /Green/], choose: /Blue/ };
const size = { text: /How large should the button be/, options: [/Small/, /Large/], choose: /Large/ };
const submit = { text: /./, options: [/submit|confirm|yes/i], choose: /submit|confirm|yes/i };
const layout = { text: /Which layout/, options: [/Two columns/, /A list/, /Nothing/], choose: /A list/ };
const heading = { text: /How should its heading/, options: [/Bold/, /Plain/], choose: /Plain/ };

const run = allow("RUN ESCALATE touch allowed.txt ENDRUN", /touch allowed\.txt/, "allowed.txt");
const write = allow("WRITE hello.txt", /hello\.txt/, "hello.txt");
const ask: Dialogs = { prompt: "ASKME", asks: [colour], proof: heard("Blue") };
const more: Dialogs = { prompt: "ASKMORE", asks: [colour, size, submit], proof: heard("Blue", "Large") };
const many: Dialogs = {
  prompt: "ASKMANY",
  asks: [{ ...colour, choose: /Red/ }, { ...colour, choose: /Green/ }, { ...colour, choose: /^Submit/ }, submit],
  proof: heard("Red", "Green"),
};
const previews: Dialogs = { prompt: "ASKSEEN", asks: [layout, heading, submit], proof: heard("A list", "Plain") };
const plan = { keys: ["shift-tab"] };

const trust = (text: RegExp, choose: RegExp): Dialogs => ({
  asks: [{ text, options: [choose], choose }],
  proof: works,
});

export const dialogs: Record<AgentName | OtherName, Dialogs[]> = {
  claude: [
    run,
    write,
    ask,
    more,
    many,
    previews,
    {
      asks: [
        { text: /trust/i, options: [/^Yes/, /^No/], choose: /^Yes/ },
        { text: /API key/i, options: [/^Yes/, /^No/], choose: /^Yes/ },
      ],
      proof: works,
    },
  ],
  codex: [run, { ...ask, ...plan }, { ...more, asks: [colour, size], ...plan }, trust(/trust/i, /^Trust/)],
  gemini: [run, write, ask, more, trust(/trust/i, /^Trust folder/)],
  opencode: [run, write, ask, more, many],
  cline: [allow('TOOL run_commands {"commands":["touch allowed.txt"]} ENDTOOL', /run_commands|touch/, "allowed.txt")],
  pi: [],
  qwen: [
    allow(
      'TOOL run_shell_command {"command":"touch allowed.txt","description":"Do it","is_background":false} ENDTOOL',
      /touch allowed\.txt/,
      "allowed.txt",
    ),
  ],
};
