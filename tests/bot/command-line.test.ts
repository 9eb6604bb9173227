import { describe, expect, it } from "vitest";
import {
  commandIn,
  completeCall,
  parseCommand,
  usage,
  type Surroundings,
} from "../../src/bot/commands/command-line.ts";
import { commandSpecs } from "../../src/bot/commands/commands.ts";

const free: Surroundings = { shards: ["demo", "auth"] };
const bound: Surroundings = { shards: ["demo", "auth"], bound: "demo" };

describe("a typed command", () => {
  it.each<[string, Surroundings, string, Record<string, string>]>([
    ["list", free, "list", {}],
    ["List", free, "list", {}],
    ["help", free, "help", {}],
    ["send demo fix the tests", free, "send", { shard: "demo", text: "fix the tests" }],
    ["send demo don't --stop 'now'", free, "send", { shard: "demo", text: "don't --stop 'now'" }],
    ['send demo "git log --oneline | head -3"', free, "send", { shard: "demo", text: "git log --oneline | head -3" }],
    ['send demo "a" and "b"', free, "send", { shard: "demo", text: '"a" and "b"' }],
    ['send demo "say \\"hi\\" now"', free, "send", { shard: "demo", text: 'say "hi" now' }],
    ["send demo “curly quotes”", free, "send", { shard: "demo", text: "curly quotes" }],
    ["send demo 'single quotes'", free, "send", { shard: "demo", text: "single quotes" }],
    ['send demo "not closed', free, "send", { shard: "demo", text: '"not closed' }],
    ["send demo two\n  lines", free, "send", { shard: "demo", text: "two\n  lines" }],
    ["send fix the tests", bound, "send", { shard: "demo", text: "fix the tests" }],
    ["send auth fix the tests", bound, "send", { shard: "auth", text: "fix the tests" }],
    ["read", bound, "read", { shard: "demo" }],
    ["read 100", bound, "read", { shard: "demo", lines: "100" }],
    ["read auth 7", bound, "read", { shard: "auth", lines: "7" }],
    ["read demo", free, "read", { shard: "demo" }],
    ["destroy --force", bound, "destroy", { shard: "demo", force: "true" }],
    ["destroy auth —force", free, "destroy", { shard: "auth", force: "true" }],
    ["answer 2", bound, "answer", { shard: "demo", option: "2" }],
    ["answer demo Yes, and always", free, "answer", { shard: "demo", option: "Yes,", text: "and always" }],
    ['answer "Yes, and always"', bound, "answer", { shard: "demo", option: "Yes, and always" }],
    ["answer 2 use yarn, please", bound, "answer", { shard: "demo", option: "2", text: "use yarn, please" }],
    ["send --steer use yarn", bound, "send", { shard: "demo", steer: "true", text: "use yarn" }],
    ["send demo —interrupt stop that", free, "send", { shard: "demo", interrupt: "true", text: "stop that" }],
    ['send demo "use yarn" --steer', free, "send", { shard: "demo", steer: "true", text: "use yarn" }],
    ["send --stop it now", bound, "send", { shard: "demo", text: "--stop it now" }],
    ['send "a" --b "c"', bound, "send", { shard: "demo", text: '"a" --b "c"' }],
    ['send demo "--steer is a flag"', free, "send", { shard: "demo", text: "--steer is a flag" }],
    ["send demo use --steer there", free, "send", { shard: "demo", text: "use --steer there" }],
    ["cmd /compact keep --all", bound, "cmd", { shard: "demo", command: "/compact keep --all" }],
    ["cmd auth /model opus", bound, "cmd", { shard: "auth", command: "/model opus" }],
    ["press down down enter", bound, "press", { shard: "demo", keys: "down down enter" }],
    ["press auth y", bound, "press", { shard: "auth", keys: "y" }],
    ["queue", bound, "queue", { shard: "demo" }],
    ["unqueue 12", bound, "unqueue", { shard: "demo", id: "12" }],
    ["unqueue auth 3", bound, "unqueue", { shard: "auth", id: "3" }],
    ["screen auth", free, "screen", { shard: "auth" }],
    ["explain", bound, "explain", { shard: "demo" }],
    ["close demo", free, "close", { shard: "demo" }],
    ["resume --mode all", bound, "resume", { shard: "demo", mode: "all" }],
    ["resume auth --mode=edits", bound, "resume", { shard: "auth", mode: "edits" }],
    ["read --tools", bound, "read", { shard: "demo", tools: "true" }],
    ["read auth 20 --tools", free, "read", { shard: "auth", lines: "20", tools: "true" }],
    ['spawn py --agent "python3 -i" --mode edits', free, "spawn", { name: "py", agent: "python3 -i", mode: "edits" }],
    ["stop", free, "stop", {}],
    ["spawn demo", free, "spawn", { name: "demo" }],
    [
      'spawn web-1 --agent shell --repo=web --base main --here "first prompt"',
      free,
      "spawn",
      { name: "web-1", agent: "shell", repo: "web", base: "main", here: "true", prompt: "first prompt" },
    ],
    ['spawn a "first prompt" --agent shell', free, "spawn", { name: "a", agent: "shell", prompt: "first prompt" }],
    ["spawn a --agent shell fix all of it", free, "spawn", { name: "a", agent: "shell", prompt: "fix all of it" }],
    ['spawn a --base "my branch"', free, "spawn", { name: "a", base: "my branch" }],
  ])("%s", (line, around, verb, options) => {
    expect(parseCommand(line, commandSpecs, around)).toEqual({ verb, options });
  });

  it.each<[string, Surroundings, RegExp]>([
    [
      "sned demo x",
      free,
      /no command "sned": did you mean send\? It is typed: send \[SHARD\] \[--steer\] \[--interrupt\] \[--anyway\] TEXT/,
    ],
    ["frobnicate", free, /no command "frobnicate": help shows all/],
    ["", free, /Which command/],
    ["send demo", free, /text is missing\. Usage: send/],
    ["send", bound, /text is missing/],
    ["spawn", free, /name is missing/],
    ["spawn a --colour red", free, /no --colour\. Usage: spawn/],
    ["spawn a --agent", free, /--agent has no value/],
    ["spawn a --here=yes", free, /--here takes no value/],
    ["read demo many", free, /lines is a number, not "many"/],
    ["list the open bugs", free, /"the" is too much/],
    ["spawn a --mode everything", free, /mode is ask, edits, all, not "everything"\. Usage: spawn/],
    ["unqueue soon", bound, /id is a number, not "soon"/],
    ["press", bound, /keys is missing/],
    ["send --steer", bound, /text is missing/],
    ['send "a" --steer b', bound, /"b" is too much/],
    ["close the ticket", bound, /no shard "the"/],
    ["destroy demoo", bound, /no shard "demoo"\. Usage: destroy/],
  ])("%s is wrong", (line, around, message) => {
    expect(() => parseCommand(line, commandSpecs, around)).toThrow(message);
  });

  it("shows how a command is typed", () => {
    const spawn = commandSpecs.find(({ verb }) => verb === "spawn")!;
    expect(usage(spawn)).toBe(
      "spawn NAME [--agent AGENT] [--repo REPO] [--base BASE] [--mode ask|edits|all] [--here] [--orchestrator] [PROMPT]",
    );
  });

  it("completes a call that the platform parsed", () => {
    const call = { verb: "read", options: { lines: "5" } };
    expect(completeCall(call, commandSpecs, bound).options).toEqual({ shard: "demo", lines: "5" });
    expect(() => completeCall({ verb: "read", options: { lines: "-5" } }, commandSpecs, bound)).toThrow(
      "lines is a number",
    );
  });

  it("is within what platforms take", () => {
    expect(commandSpecs.length).toBeLessThanOrEqual(25);
    for (const { verb, summary, options } of commandSpecs) {
      expect(verb).toMatch(/^[a-z]{1,32}$/);
      expect(summary.length).toBeLessThanOrEqual(100);
      expect(options.length).toBeLessThanOrEqual(25);
      for (const option of options) {
        expect(option.name).toMatch(/^[a-z]{1,32}$/);
        expect(option.summary.length).toBeLessThanOrEqual(100);
        expect((option.choices ?? []).length).toBeLessThanOrEqual(25);
      }
    }
  });
});

describe("a message", () => {
  const attached = { ...bound, attached: true };
  it.each<[string, boolean, Surroundings, string | undefined]>([
    ["!list", false, free, "list"],
    ["!send demo x", false, free, "send"],
    ["!send x", false, bound, "send"],
    ["!important: do not", false, free, undefined],
    ["!sendit", false, free, undefined],
    ["/send demo x", true, free, "send"],
    ["/shard send demo x", true, free, "send"],
    ["/etc/passwd is readable", true, free, undefined],
    ["list", true, free, "list"],
    ["help", true, free, "help"],
    ["list", false, free, undefined],
    ["send demo x", false, free, undefined],
    ["send demo x", true, free, "send"],
    ["send the report to Bob", true, free, undefined],
    ["send run the tests", true, bound, "send"],
    ["list the open bugs", true, free, undefined],
    ["read the README and tell me", true, free, undefined],
    ["read the README", true, bound, undefined],
    ["read demo", true, free, "read"],
    ["read nothing", true, free, undefined],
    ["read", true, bound, "read"],
    ["stop", true, free, "stop"],
    ["stop demo", true, free, "stop"],
    ["stop talking about it", true, free, undefined],
    ["help me with the build", true, free, undefined],
    ["destroy all of it", true, bound, undefined],
    ["spawn demo2", true, free, "spawn"],
    ['spawn demo2 --agent shell "go on"', true, free, "spawn"],
    ["spawn a shard for auth", true, free, undefined],
    ["spawn Something", true, free, undefined],
    ["answer 1", true, bound, "answer"],
    ["answer the question about auth", true, bound, undefined],
    ["answer 1 because I say so", true, bound, "answer"],
    ['answer no "because I say so"', true, bound, "answer"],
    ["answer no, they should not", true, bound, undefined],
    ["answer demo no, use yarn", true, free, "answer"],
    ["press enter", true, bound, "press"],
    ["press Down down enter", true, bound, "press"],
    ["press demo y", true, free, "press"],
    ["press enter", true, free, undefined],
    ["press enter to go on", true, bound, undefined],
    ["press the button", true, bound, undefined],
    ["press demo into service", true, free, undefined],
    ["press enter", false, bound, undefined],
    ["!press enter", false, bound, "press"],
    ["close", true, bound, "close"],
    ["close", true, free, undefined],
    ["close demo", true, free, "close"],
    ["close the ticket", true, bound, undefined],
    ["close the ticket", true, free, undefined],
    ["close demo when it is done", true, free, undefined],
    ["resume", true, bound, "resume"],
    ["resume demo --mode ask", true, free, "resume"],
    ["resume the work on auth", true, bound, undefined],
    ["queue", true, bound, "queue"],
    ["queue a test run for auth", true, bound, undefined],
    ["unqueue 3", true, bound, "unqueue"],
    ["screen", true, bound, "screen"],
    ["screen all applicants", true, bound, undefined],
    ["explain", true, bound, "explain"],
    ["explain what you did", true, bound, undefined],
    ["explain demo", true, free, "explain"],
    ["cmd /compact", true, bound, "cmd"],
    ["cmd demo /compact", true, free, "cmd"],
    ["cmd line tools are missing", true, bound, undefined],
    ["Start a shard for auth and one for the API refactor", true, free, undefined],
    ["tell auth to add JWT validation", true, free, undefined],
    ["what is the status of api-refactor?", true, free, undefined],
    ["send run the tests", true, attached, undefined],
    ["close", true, attached, undefined],
    ["press enter", true, attached, undefined],
    ["close demo", true, attached, "close"],
    ["detach", true, attached, "detach"],
    ["stop", true, attached, "stop"],
    ["", true, free, undefined],
  ])("%s (to the bot: %s)", (text, toBot, around, verb) => {
    expect(commandIn(text, toBot, commandSpecs, around)?.verb).toBe(verb);
  });

  it("with a mark is told what is wrong", () => {
    expect(() => commandIn("!read demo many", false, commandSpecs, free)).toThrow("lines is a number");
    expect(() => commandIn("/shard sned demo", false, commandSpecs, free)).toThrow("did you mean send");
  });
});

describe("a slip in a marked command", () => {
  const attached = { ...free, bound: "demo", attached: true };
  it.each([
    ["/spwan", "spawn"],
    ["!snd demo x", "send"],
    ["/lsit", "list"],
    ["!detsroy demo", "destroy"],
    ["/hlep", "help"],
    ["/des demo", "destroy"],
  ])("%s is told, and nothing else happens", (text, verb) => {
    expect(() => commandIn(text, false, commandSpecs, free)).toThrow(`did you mean ${verb}?`);
  });

  it.each(["/tmp/x is a path", "/etc holds it", "!important", "! no", "/compact", "!wow that works", "spwan demo"])(
    "%s is none",
    (text) => expect(commandIn(text, false, commandSpecs, free)).toBeUndefined(),
  );

  it.each(["/cost", "/clear", "/model opus", "/init", "/agents", "/mcp", "/rename x", "/compact"])(
    "%s is the agent's own in an attached thread",
    (text) => expect(commandIn(text, false, commandSpecs, attached)).toBeUndefined(),
  );
});

it.each(["/help spawn", "/spawn --help", "!spawn -h", "/shard spawn x --help", "/spawn —help"])(
  "%s asks for help with a verb",
  (text) => expect(commandIn(text, false, commandSpecs, free)).toEqual({ verb: "help", options: { verb: "spawn" } }),
);
