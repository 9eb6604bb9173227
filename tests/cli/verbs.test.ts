import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { userInfo } from "node:os";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isVerb, readCall, verbs } from "../../src/cli/arguments.ts";
import { callControl } from "../../src/control/client.ts";
import { controlSocket } from "../../src/control/protocol.ts";
import { runVerb, serveControl } from "../../src/control/server.ts";
import type { LineVerb as Verb } from "../../src/verbs/types.ts";
import { hostVerbs, localActor } from "../../src/control/local.ts";
import { present } from "../../src/cli/present.ts";
import { TestBot } from "../bot/test-bot.ts";
import { random } from "../random.ts";

const by = userInfo().username;

describe("what is typed", () => {
  it.each<[Verb, string[], object]>([
    ["list", [], {}],
    ["spawn", ["demo"], { name: "demo", by }],
    [
      "spawn",
      ["demo", "--agent", "python3 -i", "--mode", "all", "print(1)", "--repo", "web", "--base", "main"],
      { name: "demo", agent: "python3 -i", mode: "all", repo: "web", base: "main", prompt: "print(1)", by },
    ],
    ["send", ["demo", "fix", "it"], { name: "demo", text: "fix it", by }],
    ["send", ["demo", "--steer", "use yarn"], { name: "demo", text: "use yarn", when: "steer", by }],
    ["send", ["--interrupt", "demo", "stop that"], { name: "demo", text: "stop that", when: "interrupt", by }],
    ["send", ["--anyway", "demo", "q"], { name: "demo", text: "q", anyway: true, by }],
    ["cmd", ["demo", "/model", "opus"], { name: "demo", text: "/model opus" }],
    ["queue", ["demo"], { name: "demo" }],
    ["unqueue", ["demo", "7"], { name: "demo", id: 7 }],
    ["read", ["demo", "--lines", "7", "--tools"], { name: "demo", lines: 7, tools: true }],
    ["read", ["demo", "500"], { name: "demo", lines: 500 }],
    ["screen", ["demo"], { name: "demo" }],
    ["explain", ["demo"], { name: "demo" }],
    ["answer", ["demo"], { name: "demo", option: "" }],
    ["answer", ["demo", "2"], { name: "demo", option: "2" }],
    ["answer", ["demo", "no", "use", "yarn"], { name: "demo", option: "no", text: "use yarn" }],
    ["press", ["demo", "Down", "down", "enter"], { name: "demo", keys: ["down", "down", "enter"] }],
    ["press", ["demo", "esc y"], { name: "demo", keys: ["esc", "y"] }],
    ["stop", ["demo"], { name: "demo" }],
    ["close", ["demo"], { name: "demo" }],
    ["resume", ["demo", "--mode", "edits"], { name: "demo", mode: "edits" }],
    ["destroy", ["demo", "--force"], { name: "demo", force: true }],
    ["diff", ["demo"], { name: "demo" }],
    ["overlap", [], {}],
    ["overlap", ["--repo", "web"], { repo: "web" }],
    ["history", ["demo", "--since", "0"], { name: "demo", since: 0 }],
    ["tasks", [], { do: "list" }],
    ["tasks", ["cancel", "t1"], { do: "cancel", id: "t1" }],
    ["tasks", ["go-on", "--in", "demo"], { do: "go-on", in: "demo" }],
    ["usage", ["--in=demo"], { in: "demo" }],
    ["policy", ["allow", "--in", "demo"], { set: "allow", in: "demo" }],
    ["send", ["demo", "--", "--force", "it"], { name: "demo", text: "--force it", by }],
  ])("%s %j", async (verb, args, request) => {
    expect(await readCall(verb, args)).toEqual({ request, json: false });
    expect(await readCall(verb, ["--json", ...args])).toEqual({ request, json: true });
  });

  it.each<[Verb, string[], string]>([
    ["list", ["demo"], 'list does not take "demo"'],
    ["queue", [], "queue needs the name of a shard"],
    ["send", ["demo"], "send needs a text"],
    ["send", ["demo", " "], "send needs a text"],
    ["send", ["demo", "x", "--steer", "--interrupt"], "one of --steer, --interrupt and --anyway"],
    ["cmd", ["demo"], "cmd needs a command of the agent"],
    ["cmd", ["demo", "/x", "--steer"], "cmd takes no --steer"],
    ["unqueue", ["demo"], "unqueue needs the id"],
    ["unqueue", ["demo", "soon"], "unqueue takes an id"],
    ["unqueue", ["demo", "1", "2"], 'unqueue does not take "2"'],
    ["read", ["demo", "--lines", "501"], "--lines take a whole number from 1 to 500"],
    ["read", ["demo", "all"], "take a whole number from 1 to 500"],
    ["read", ["demo", "5", "6"], 'read does not take "6"'],
    ["press", ["demo"], "press needs keys"],
    ["close", ["demo", "--force"], "close takes no --force"],
    ["resume", ["demo", "--mode", "everything"], "--mode takes ask, edits, all"],
    ["spawn", ["demo", "--mode", ""], "--mode takes ask, edits, all"],
    ["destroy", ["demo", "now"], 'destroy does not take "now"'],
    ["list", ["-x"], "list takes no -x: put -- before words that begin with a dash"],
    ["list", ["--no-watch"], "list takes no --no-watch"],
    ["list", ["--watch=yes"], "--watch takes no value"],
    ["spawn", ["demo", "--mode"], "--mode needs a value"],
    ["spawn", ["demo", "--agent", "--json"], "--agent needs a value"],
    ["list", ["--constructor"], "list takes no --constructor"],
    ["wait", [], "wait needs the name of a shard"],
    ["wait", ["demo", "--timeout", "soon"], "--timeout takes seconds"],
    ["wait", ["demo", "--timeout="], "--timeout takes seconds"],
    ["send", ["demo", "x", "--timeout", "3"], "--timeout goes with --wait"],
    ["history", ["demo", "--since", "yesterday"], "--since takes a mark"],
    ["tasks", ["drop"], "tasks takes list, cancel or go-on"],
    ["tasks", ["cancel"], "tasks cancel needs the id"],
    ["tasks", ["list", "t1"], 'tasks list does not take "t1"'],
    ["policy", ["maybe", "--in", "demo"], "policy takes ask or allow"],
    ["policy", [], "policy needs --in SHARD"],
  ])("%s %j is wrong", async (verb, args, message) => {
    await expect(readCall(verb, args)).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining(message),
    });
  });

  it("says what is to be waited for, and how long", async () => {
    expect(await readCall("wait", ["demo"])).toMatchObject({ request: { name: "demo" }, wait: {} });
    expect(await readCall("wait", ["demo", "--timeout", "0.5"])).toMatchObject({ wait: { timeout: 0.5 } });
    expect(await readCall("send", ["demo", "--wait", "--timeout=3", "hi"])).toEqual({
      request: { name: "demo", text: "hi", by },
      json: false,
      wait: { timeout: 3 },
    });
  });

  it("never gives a message of Node's, whatever is typed", async () => {
    const pieces = [
      "--",
      "--mode",
      "--mode=",
      "--json",
      "-abc",
      "--a=b",
      "--timeout",
      "1",
      "x",
      "",
      "--__proto__",
      "-😀",
      "\n",
    ];
    for (let seed = 0; seed < 2000; seed += 1) {
      const below = random(seed);
      const pick = (from: readonly string[]) => from[below(from.length)] ?? "";
      const verb = pick(verbs) as Verb;
      const words = Array.from({ length: below(6) }, () => pick(pieces) + (below(5) === 0 ? pick(pieces) : ""));
      const failed: unknown = await readCall(verb, words).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failed === undefined) continue;
      expect(failed, `${verb} ${JSON.stringify(words)}`).toMatchObject({
        code: "usage",
        message: expect.not.stringMatching(/ERR_|positional|argument|undefined/) as string,
      });
    }
  });

  it("is no verb by the name of a property", () => {
    expect(["list", "cmd", "start", "constructor", "toString"].map(isVerb)).toEqual([true, true, false, false, false]);
  });
});

describe.each(["with a bot", "alone"])("the verbs, %s", (how) => {
  let testBot: TestBot;
  let server: Server | undefined;
  const folder = () => mkdtempSync(join(tmpdir(), "verbs-"));
  let home: string;

  beforeEach(async () => {
    home = folder();
    testBot = await new TestBot().open();
    await testBot.shard();
    const noAddress = () => expect.fail("no verb goes to a holder by itself");
    if (how === "with a bot")
      server = await serveControl(controlSocket(home), testBot.bot.actionsFor(localActor()), noAddress);
  });
  afterEach(async () => {
    server?.close();
    await testBot.dispose();
    rmSync(home, { recursive: true });
  });

  /** The result as people are shown it. */
  async function run(line: string): Promise<string> {
    const [verb = "", ...args] = line.split(" ");
    if (!isVerb(verb)) throw new Error(`no verb ${verb}`);
    const { request } = await readCall(verb, args);
    const { result } =
      how === "with a bot"
        ? (await callControl(controlSocket(home), verb, request))!
        : { result: await runVerb(hostVerbs(testBot.host), verb, request) };
    return present(verb, result);
  }

  it("queue, steer, interrupt and remove prompts", async () => {
    expect(await run("queue demo")).toBe("No prompt waits.");
    expect(await run("send demo use Bash")).toBe("submitted");
    expect(await run("send demo --steer faster")).toBe("submitted");
    expect(await run("send demo say later")).toBe("queued #1: it is typed when the agent is idle");
    expect(await run("cmd demo /compact")).toBe("queued #2: it is typed when the agent is idle");
    const [first] = await testBot.host.queue({ name: "demo" });
    const table = (await run("queue demo")).split("\n").map((row) => row.split(/ {2,}/));
    expect(table).toEqual([
      ["ID", "BY", "PROMPT"],
      [`${first?.id}`, by, "say later"],
      [`${first!.id + 1}`, by, "/compact"],
    ]);
    expect(await run(`unqueue demo ${first?.id}`)).toBe("removed: say later");
    await expect(run(`unqueue demo ${first?.id}`)).rejects.toMatchObject({ code: "not_found" });
    expect(await run("read demo --tools")).toBe("Bash");
    expect(await run("stop demo")).toBe("interrupted");
    await expect(run("cmd demo compact")).rejects.toMatchObject({ code: "usage" });
    expect(testBot.host.sent.map(({ by: author }) => author)).toEqual([by, by, by, by]);
  });

  it("tell of a prompt that is refused each option of the open question once", async () => {
    await run("send demo ask rm");
    expect((await run("send demo more")).match(/^ {2}\d+\. .*$/gm)).toEqual(["  1. Yes", "  2. No"]);
  });

  it("look, press and answer", async () => {
    await run("send demo ask rm");
    expect(await run("explain demo")).toMatch(
      /^demo is waiting\ndecided by script: it is waiting\nfor \d+ s: script\n\nscript {2}waiting, turn 1\nscreen {2}a dialog/,
    );
    await expect(run("answer demo maybe")).rejects.toMatchObject({ code: "usage" });
    expect(await run("answer demo no use yarn")).toBe("answered");
    expect(await run("screen demo")).toBe("> ask rm\nYou chose No: use yarn\n\n>");
    await expect(run("answer demo 1")).rejects.toMatchObject({ code: "refused" });
    expect(await run("press demo Esc y")).toContain("You chose No");
    expect(testBot.host.pressed).toEqual([{ name: "demo", keys: ["esc", "y"], by }]);
    await expect(run("press demo Escape")).rejects.toMatchObject({ code: "usage" });
  });

  it("close and resume", async () => {
    await run("send demo say hi");
    expect(await run("close demo")).toBe("demo is closed; its worktree is kept.");
    await expect(run("close demo")).rejects.toMatchObject({ code: "refused" });
    expect(await run("resume demo --mode all")).toBe("demo is starting: fake on branch shard/demo in /nowhere/demo");
    expect(testBot.host.started.at(-1)).toMatchObject({ mode: "all" });
    await expect(run("resume demo")).rejects.toMatchObject({ code: "refused" });
    testBot.host.survivors.set("demo", [42]);
    expect(await run("close demo")).toBe(
      "demo is closed; its worktree is kept, but these processes of it could not be ended: 42.",
    );
    expect(await run("destroy demo")).toBe("demo is gone.");
  });
});
