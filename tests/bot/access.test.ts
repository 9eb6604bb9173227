import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Person, Place } from "../../src/adapters/adapter.ts";
import { rightAt, Refusals } from "../../src/bot/access/access.ts";
import type { ShardbridgeError } from "../../src/errors.ts";
import { ann, channel } from "../fakes/fake-adapter.ts";
import { access, operator, TestBot, stranger, viewer } from "./test-bot.ts";

const bot: Person = { ...ann, outsider: "bot" };
const guest: Person = { ...ann, outsider: "guest" };
const external: Person = { ...ann, outsider: "external" };
const unknown: Person = { ...ann, outsider: "unknown" };
const byRole: Person = { id: "X9", name: "Rolf", roles: ["R-OPS"] };
const elsewhere: Place = { ...channel, channel: "C2" };
const direct: Place = { ...channel, direct: true };

describe("the right of a person", () => {
  it.each<[string, Person, Place, string, boolean]>([
    ["an admin", ann, channel, "admin", false],
    ["an operator", operator, channel, "operator", false],
    ["an operator by role", byRole, channel, "operator", false],
    ["a viewer", viewer, channel, "viewer", false],
    ["a stranger", stranger, channel, "none", false],
    ["a guest on the list", guest, channel, "none", false],
    ["an external on the list", external, channel, "none", false],
    ["an unknown on the list", unknown, channel, "none", false],
    ["a bot on the list", bot, channel, "none", true],
    ["an admin elsewhere", ann, elsewhere, "none", true],
    ["an admin in a thread elsewhere", ann, { ...elsewhere, thread: "T1" }, "none", true],
    ["an admin in a thread", ann, { ...channel, thread: "T1" }, "admin", false],
    ["an admin in a direct message", ann, direct, "none", true],
  ])("%s", (_name, by, place, right, silent) => {
    expect(rightAt(access, place, by)).toEqual({ right, silent });
  });

  it("is everything where the list says so, but not for bots", () => {
    expect(rightAt("everything", elsewhere, stranger)).toEqual({ right: "admin", silent: false });
    expect(rightAt("everything", elsewhere, bot)).toEqual({ right: "none", silent: true });
  });

  it("is nobody's with empty lists", () => {
    const empty = { viewers: [], operators: [], admins: [], channels: [] };
    expect(rightAt(empty, channel, ann)).toEqual({ right: "none", silent: true });
  });
});

describe("refusals", () => {
  afterEach(() => vi.useRealTimers());
  it("are said once per person and hour", () => {
    vi.useFakeTimers();
    const refusals = new Refusals();
    expect([refusals.first("chat", "a"), refusals.first("chat", "a"), refusals.first("chat", "b")]).toEqual([
      true,
      false,
      true,
    ]);
    vi.advanceTimersByTime(3_600_000);
    expect(refusals.first("chat", "a")).toBe(true);
  });
});

describe("every inbound kind", () => {
  let testBot: TestBot;
  beforeEach(async () => {
    testBot = await new TestBot().open();
    await testBot.shard();
  });
  afterEach(() => testBot.dispose());

  const kinds = {
    mention: { type: "message", text: "send demo say hi", toBot: true },
    plain: { type: "message", text: "send demo say hi", toBot: false },
    command: { type: "command", command: "send demo say hi" },
    parsed: { type: "command", command: { verb: "send", options: { shard: "demo", text: "say hi" } } },
    action: { type: "action", action: "stop", value: "demo" },
    words: { type: "action", action: "press", value: "demo", text: "enter" },
    completion: { type: "completion", field: "shard", typed: "" },
    stop: { type: "stop" },
  } as const;
  type Kind = keyof typeof kinds;
  const all = Object.keys(kinds) as Kind[];

  it.each<[string, Person, Partial<Place>, Kind[]]>([
    ["stranger", stranger, {}, ["mention", "command", "parsed", "action", "words"]],
    ["guest", guest, {}, ["mention", "command", "parsed", "action", "words"]],
    ["external", external, {}, ["mention", "command", "parsed", "action", "words"]],
    ["bot", bot, {}, []],
    ["direct message", ann, { direct: true }, []],
    ["unlisted channel", ann, { channel: "C2" }, []],
  ])("is denied to a %s", async (_name, by, where, told) => {
    const home = testBot.adapter.opened[0]!.thread;
    const posts = testBot.adapter.shown.length;
    for (const kind of all) {
      const reply = await testBot.adapter.emit(kinds[kind], { by, place: { ...home, ...where } });
      const quiet = { post: { kind: "notice", text: "You may not do that here." } };
      expect({ kind, reply }).toEqual({ kind, reply: told.includes(kind) ? quiet : {} });
    }
    expect(testBot.host.sent).toEqual([]);
    expect(testBot.adapter.shown).toHaveLength(posts);
    const denied = testBot.log.map((line) => JSON.parse(line)).filter(({ verdict }) => verdict === "denied");
    // A plain message in a thread that is not ours is none of our business.
    expect(denied).toHaveLength(where.channel ? all.length - 1 : all.length);
    expect(denied[0]).toMatchObject({ who: { id: by.id }, where: { thread: home.thread }, what: "message" });
    expect(JSON.stringify(denied)).not.toContain("say hi");
  });

  it.each<[string, Person, string, RegExp]>([
    ["viewer", viewer, "list", /demo/],
    ["viewer", viewer, "read demo", /nothing to read/],
    ["viewer", viewer, "help", /spawn NAME/],
    ["viewer", viewer, "send demo say hi", /You may not/],
    ["viewer", viewer, "spawn other", /You may not/],
    ["viewer", viewer, "stop demo", /You may not/],
    ["viewer", viewer, "answer demo 1", /You may not/],
    ["viewer", viewer, "destroy demo", /You may not/],
    ["viewer", viewer, "queue demo", /No prompt waits/],
    ["viewer", viewer, "screen demo", /screen of demo/],
    ["viewer", viewer, "explain demo", /demo is idle/],
    ["viewer", viewer, "cmd demo /compact", /You may not/],
    ["viewer", viewer, "press demo enter", /You may not/],
    ["viewer", viewer, "unqueue demo 1", /You may not/],
    ["viewer", viewer, "close demo", /You may not/],
    ["viewer", viewer, "resume demo", /You may not/],
    ["operator", operator, "cmd demo /compact", /submitted to demo/],
    ["operator", operator, "press demo enter", /screen of demo/],
    ["operator", operator, "unqueue demo 1", /No prompt 1/],
    ["operator", operator, "send demo --interrupt say hi", /submitted to demo/],
    ["operator", operator, "close demo", /Closed demo/],
    ["operator", operator, "resume demo", /agent runs/],
    ["operator", operator, "resume demo --mode all", /You may not/],
    ["operator", operator, "spawn other --mode all", /You may not/],
    ["operator", operator, "spawn other --mode edits", /Started shard other/],
    ["admin", ann, "spawn other --mode all", /Started shard other/],
    ["admin", ann, "resume demo --mode all", /agent runs/],
    ["operator", operator, "send demo say hi", /submitted to demo/],
    ["operator", operator, "destroy demo --force", /You may not/],
    ["operator", operator, "attach demo", /You may not/],
    ["operator", operator, "detach", /You may not/],
    ["operator", operator, "destroy demo", /Destroyed demo/],
    ["operator by role", byRole, "stop demo", /demo is not working/],
    ["admin", ann, "destroy demo --force", /Destroyed demo/],
  ])("lets a %s (%o) do %s or not", async (_name, by, line, reply) => {
    expect(await testBot.command(line, channel, by)).toMatch(reply);
  });

  it.each([
    ["viewer", "viewer", ["spawn", "send", "destroy", "bold", "force"]],
    ["operator", "operator", ["bold", "force"]],
    ["admin", "admin", []],
  ] as const)("holds for the orchestrator, too: %s", async (_name, right, denied) => {
    const actions = testBot.bot.actionsFor({ person: viewer, right });
    const calls = {
      list: () => actions.list(),
      read: () => actions.read({ name: "demo" }),
      spawn: () => actions.spawn({ name: "other" }),
      send: () => actions.send({ name: "demo", text: "say hi" }),
      bold: () => actions.spawn({ name: "bold", mode: "all" }),
      force: () => actions.destroy({ name: "demo", force: true }),
      destroy: () => actions.destroy({ name: right === "admin" ? "other" : "demo" }),
    };
    const refused: string[] = [];
    for (const [name, call] of Object.entries(calls)) {
      await call().catch((error: ShardbridgeError) => error.code === "not_allowed" && refused.push(name));
    }
    expect(refused.sort()).toEqual([...denied].sort());
  });

  it("lets a viewer talk in a thread without a word, and tells one who asks once", async () => {
    const home = testBot.adapter.opened[0]!.thread;
    const posts = testBot.adapter.shown.length;
    for (const said of ["I think so too", "close but no", "read this"])
      expect(await testBot.adapter.say(said, home, { by: viewer })).toEqual({});
    expect(testBot.adapter.shown).toHaveLength(posts);
    expect(await testBot.adapter.say("do it", home, { by: viewer, toBot: true })).toHaveProperty("post");
    expect(await testBot.adapter.say("do it", home, { by: viewer, toBot: true })).toEqual({});
    expect(testBot.orchestrator.asked).toEqual([]);
  });

  it("completes names for those who may see them", async () => {
    const complete = async (field: "shard" | "repo" | "agent", typed: string) =>
      testBot.adapter.emit({ type: "completion", field, typed }, { by: viewer });
    expect(await complete("shard", "d")).toEqual({ choices: ["demo"] });
    expect(await complete("repo", "")).toEqual({ choices: ["web", "api"] });
    expect(await complete("agent", "SH")).toEqual({ choices: ["shell"] });
  });
});
