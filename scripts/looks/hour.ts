import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { vi } from "vitest";
import type { ApiRequest, Reply } from "../../tests/fakes/messages-api.ts";
import type { Machine, Program } from "../../tests/e2e/program.ts";
import type { Recorder } from "./recorder.ts";

/** A platform as a person uses it. Threads are named as the platform names them. */
export interface Chat {
  recorder: Recorder;
  /** Use the slash command: the options in `plain` are given by their place, the others by their names. */
  command(verb: string, options?: Record<string, string>, plain?: readonly string[]): Promise<void>;
  /** Say something in the channel, with a mention of the bot, or in a thread. */
  say(text: string, thread?: string): Promise<void>;
  /** Press a button under the last post in a thread that has it, and fill in the modal that it opens. */
  press(thread: string, label: RegExp, words?: string): Promise<void>;
  /** Where the requests from this one on (its index in what was captured) have a post with a text. */
  posted(text: string, from: number): string | undefined;
}

const rich = `SAY # The session store

Sessions are kept in **signed cookies** now, in \`src/session.ts\`:

\`\`\`ts
export class SessionStore {
  read(cookie: string): Session | undefined { return verify(cookie, this.#key); }
}
\`\`\`

| file | lines | tests |
| --- | ---: | --- |
| src/session.ts | 142 | 14 passed |
| src/cookie.ts | 38 | 6 passed |

1. Read the [notes](https://example.org/notes) first.
2. Then:
   - [x] rotate the key
   - [ ] remove the table

> Nothing is kept on the server. ENDSAY`;

/** A model for the hour. */
export function model(request: ApiRequest): Reply {
  const last = request.body.messages.at(-1)?.content ?? [];
  const words = last.flatMap(({ text }) => text ?? []).join("\n");
  const results = last.filter(({ type }) => type === "tool_result").map(({ content }) => JSON.stringify(content));
  if (results.some((text) => text.includes("asked_human"))) return { text: "Please decide below." };
  if (results.some((text) => /asked\b/.test(text))) return { text: "I have asked you above." };
  if (results.length > 0) {
    const table =
      "| shard | state | doing |\n| --- | --- | --- |\n| auth | working | JWT validation |\n| routes | idle | waits for you |";
    return { text: `Done. **auth** works on the login form and **routes** waits.\n\n${table}\n` };
  }
  if (words.includes("Woken by events")) return { tools: [{ name: "stay_silent", input: {} }] };
  if (/start a shard for auth/i.test(words)) {
    const spawn = (name: string, prompt?: string) => ({
      name: "spawn_shard",
      input: { name, ...(prompt && { prompt }) },
    });
    return { text: "I start two shards.", tools: [spawn("auth", "SLOW 20"), spawn("routes")] };
  }
  if (/clean up/i.test(words))
    return { text: "That needs your word.", tools: [{ name: "destroy_shard", input: { name: "routes" } }] };
  if (/which one/i.test(words)) {
    const input = { question: "Which of the two shall go first?", options: ["auth", "routes", "neither"] };
    return { tools: [{ name: "ask_human", input }] };
  }
  return { text: `You said: ${words.slice(-200)}` };
}

/** An hour of work in chat, in a few minutes: each kind of message that people see. The bot has been started on the machine. */
export async function hour(chat: Chat, machine: Machine, bot: Program): Promise<void> {
  const { recorder } = chat;
  let from = 0;
  const step = (name: string) => {
    recorder.step = name;
    from = recorder.captured.length;
  };
  const shows = async (text: string): Promise<string> =>
    vi.waitFor(
      () => {
        const thread = chat.posted(text, from);
        if (thread === undefined)
          throw new Error(`nothing shows "${text}" at "${recorder.step}"; the bot said:\n${bot.err.slice(-2000)}`);
        return thread;
      },
      { timeout: 60_000, interval: 50 },
    );
  const command = async (verb: string, options: Record<string, string> = {}, plain: readonly string[] = ["shard"]) => {
    step(`/shard ${[verb, ...Object.values(options)].join(" ")}`.slice(0, 60));
    await chat.command(verb, options, plain);
  };

  await command("spawn", { name: "demo", agent: "claude" }, ["name"]);
  const home = await shows("Prompt it here with");
  await command("list");
  await command("help");
  const send = async (name: string, prompt: string, shown: string) => {
    step(name);
    await chat.say(`!send ${prompt}`, home);
    await shows(shown);
  };

  await send("a prompt that takes its time", "SLOW 200", "slow and steady");
  await send("a prompt that waits", "SAY Renewed. ENDSAY", "queued");
  for (const verb of ["explain", "screen", "read", "queue"]) await command(verb, { shard: "demo" });
  step("a short answer");
  await shows("submitted to demo: SAY Renewed");
  await send("an answer with all sorts of Markdown", rich, "Nothing is kept on the server");
  await send("a long answer", "LONG 30", "Line 0030");
  await send("a very long answer", "LONG 1000", "is in this file");

  await send("an edit", "EDIT src/session.ts", "Do you want to make this edit");
  step("an edit is allowed");
  await chat.press(home, /Yes/);
  await shows("The edit is made");
  await send("a permission", "RUN npm test -- --runInBand ENDRUN", "Do you want to proceed");
  step("a permission is given");
  await chat.press(home, /Yes/);
  await shows("The command ran");
  await send("another permission", "RUN rm -rf node_modules && npm ci ENDRUN", "Do you want to proceed");
  step("a permission is refused");
  await chat.press(home, /No$/);
  await shows("I did not run the command");
  await send("a question", "ASKFREE", "Which colour");
  step("an answer in own words");
  await chat.press(home, /Type something/, "Teal, as in the logo");
  await shows("You chose Teal");

  await command("send", { shard: "nosuch", text: "hi" }, ["shard", "text"]);
  await command("spawn", { name: "Demo" }, ["name"]);
  step("a slip of the keyboard");
  await chat.say("!snd hi", home);
  await shows("did you mean send");

  await send("a turn that is stopped", "SLOW 600", "slow and steady");
  step("stop");
  await chat.press(home, /^Stop$/);
  await shows("finished");
  await send("a flood", "FLOOD", "floods its terminal");
  step("the flood is stopped");
  await chat.say("!stop", home);
  await shows("finished");

  step("work that would be lost");
  await chat.say("!destroy demo", home);
  await shows("would be lost");
  await send("a crash", "CRASH 3", "crashed with");
  step("resume");
  await chat.press(home, /^Resume$/);
  await shows("Resumed demo");
  step("a lost shard");
  const ofDemo = (pid: string) => /shards\/demo\/.*\.spec/.test(readFileSync(`/proc/${pid}/cmdline`, "utf8"));
  for (const holder of machine.processes().filter(ofDemo)) process.kill(Number(holder), "SIGKILL");
  await shows("is lost");

  const setup = { copy: [".env"], setup: ["npm ci", "npx prisma generate"], teardown: ["docker compose down"] };
  writeFileSync(join(machine.repo, ".shardbridge.json"), JSON.stringify(setup));
  machine.git("add", ".");
  machine.git("commit", "--quiet", "--message", "setup");
  await command("spawn", { name: "withsetup", agent: "shell" }, ["name"]);
  await shows("no admin has approved");
  await command("send", { shard: "withsetup", text: "git log --oneline; seq 1 100" }, ["shard", "text"]);
  await shows("99");

  step("the orchestrator");
  await chat.say("Start a shard for auth and one for the routes");
  const asking = await shows("JWT validation");
  step("the orchestrator would destroy");
  await chat.say("Clean up please", asking);
  await shows("would destroy");
  step("the orchestrator asks");
  await chat.say("Which one goes first?", asking);
  await shows("Which of the two");
  for (const verb of ["usage", "tasks", "policy"]) await command(verb);
  for (const name of ["payments", "checkout-flow", "search-index", "i18n"]) {
    await command("spawn", { name, agent: "shell" }, ["name"]);
    await shows(name);
  }
  await command("list");
  step("the list in a thread");
  await chat.say("!list", asking);
  await shows("checkout-flow");
}

/** Put the fake agent on the machine's PATH in the place of Claude Code, with a transcript as that writes. */
export function installClaude(machine: Machine): void {
  const bin = join(machine.folder, "bin");
  mkdirSync(bin, { recursive: true });
  const program = join(import.meta.dirname, "claude.ts");
  writeFileSync(join(bin, "claude"), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
  chmodSync(join(bin, "claude"), 0o755);
  machine.env["PATH"] = `${bin}:${machine.env["PATH"] ?? ""}`;
}
