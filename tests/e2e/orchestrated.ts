import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startMessagesApi, type ApiRequest, type MessagesApi, type Reply } from "../fakes/messages-api.ts";
import { Machine } from "./program.ts";
import { installFakeAgent, withoutPrompts } from "./vision.ts";

const patience = { timeout: 90_000 };

/** A post in a thread. */
interface Seen {
  thread: string;
  /** The text that it was found by. */
  id: string;
  /** All of it. */
  whole: string;
}

/** A platform with one person in it, as these tests need it. */
export interface Platform {
  name: string;
  /** Settings of the bot for it. */
  env: Record<string, string>;
  /** Say something to the bot, or in a thread; resolves with the thread where it is known. */
  say(text: string, thread?: string): Promise<void>;
  /** Posts with this text so far. */
  posts(text: string): Seen[];
  press(post: Seen, label: string): Promise<void>;
  /** Before each test, and after it. */
  reset(): void;
  check(): void;
  stop(): Promise<void>;
}

/** What stands between the last message and what a script looks at. */
const lastOf = ({ body }: ApiRequest) => body.messages.at(-1)?.content ?? [];
const said = (request: ApiRequest) =>
  lastOf(request)
    .flatMap(({ text }) => text ?? [])
    .join("\n");
const results = (request: ApiRequest) =>
  lastOf(request)
    .flatMap(({ content }) => content ?? [])
    .join("\n");
const silent: Reply = { tools: [{ name: "stay_silent", input: {} }] };
const send = (name: string, text: string) => ({ name: "send_to_shard", input: { name, text } });

/** The orchestrator over a scripted model, on one platform, with the real program and agents in real terminals. */
export function orchestrated(open: () => Promise<Platform>): void {
  let platform: Platform;
  let api: MessagesApi;
  let machine: Machine;
  let earlier = 0;
  /** What the model says in this test. */
  let model: (request: ApiRequest) => Reply;
  beforeAll(async () => {
    platform = await open();
    api = await startMessagesApi((request) => model(request));
  });
  afterAll(async () => {
    await platform.stop();
    await api.stop();
  });
  beforeEach(() => {
    platform.reset();
    earlier = api.requests.length;
    machine = new Machine({ ...platform.env, ANTHROPIC_BASE_URL: api.url });
    installFakeAgent(machine);
  });
  afterEach(async () => {
    await machine.dispose();
    platform.check();
  });

  /** What agents and the orchestrator have said, rather than what repeats a prompt: titles, and lines of calls. */
  const posts = (text: string) => platform.posts(text).filter(({ whole }) => withoutPrompts(whole).includes(text));
  async function posted(text: string, look = posts): Promise<Seen> {
    await expect
      .poll(() => look(text).length, { ...patience, message: `waiting for a post of ${text}` })
      .toBeGreaterThan(0);
    return look(text)[0]!;
  }
  /** Requests to the model in this test. */
  const requests = () => api.requests.slice(earlier);
  const start = async () => {
    const bot = machine.run(["start"]);
    await bot.prints(`Shardbridge on ${platform.name}`);
    return bot;
  };

  describe("the orchestrator, woken", { timeout: 240_000 }, () => {
    it("is told that the first of two shards is done, prompts the second, and reports", async () => {
      model = (request) => {
        const words = said(request);
        if (words.includes("<instruction>\nTell api to rebase."))
          return { tools: [send("api", "SAY api is rebased ENDSAY")] };
        if (words.includes("in parallel")) {
          const auth = { name: "auth", prompt: "SAY auth is finished ENDSAY" };
          const tools = [auth, { name: "api", prompt: "SLOW 20" }].map((input) => ({ name: "spawn_shard", input }));
          return { tools };
        }
        if (results(request).includes('"name":"api"'))
          return {
            tools: [
              { name: "watch_shard", input: { name: "auth", until: "done", instruction: "Tell api to rebase." } },
            ],
          };
        if (words.includes("pressed the button")) return { text: "Auth is done, so api was asked to rebase." };
        if (results(request).includes("asked_human")) return { text: "Auth is done: may I go on?" };
        if (results(request).includes('"already"')) return { tools: [send("api", "SAY api is rebased ENDSAY")] };
        if (/"(submitted|queued)"/.test(results(request))) return { text: "Auth is done, so api was asked to rebase." };
        if (results(request).includes('"saved"')) return { text: "Both are at work." };
        return silent;
      };
      await start();
      await platform.say("Start auth and api in parallel; when auth is done, tell api to rebase");
      // Where auth is done before the task is saved, api is prompted in the person's own turn.
      const wanted = () => [...posts("The orchestrator would tell api"), ...posts("Auth is done, so api")];
      await expect.poll(() => wanted().length, patience).toBeGreaterThan(0);
      for (const question of posts("The orchestrator would tell api").slice(0, 1))
        await platform.press(question, "Send it");
      const report = await posted("Auth is done, so api was asked to rebase.");
      const rebased = await posted("api is rebased");
      const finished = await posted("auth is finished");
      expect(new Set([report.thread, rebased.thread, finished.thread]).size).toBe(3);
      const asked = await posted("api: SAY api is rebased ENDSAY · ", platform.posts);
      expect(asked.thread).toBe(report.thread);
      const events = requests()
        .map(said)
        .filter((words) => words.includes("<event"));
      expect(events.join("\n")).toContain("people have it in that shard's own thread");
      expect(posts("auth is finished")).toHaveLength(1);
    });

    it("puts an agent's permission before a person, whose button answers it", async () => {
      model = (request) => {
        const words = said(request);
        if (words.includes("pressed the button")) return { text: "It was allowed." };
        if (words.includes("waits for an approval"))
          return { tools: [{ name: "answer_shard", input: { name: "auth", option: "1" } }] };
        if (words.includes("clean up")) {
          return { tools: [{ name: "spawn_shard", input: { name: "auth", prompt: "RUN echo cleaned-up ENDRUN" } }] };
        }
        if (results(request).includes("asked_human")) return { text: "Auth wants to run something: please decide." };
        if (results(request).includes('"name":"auth"')) return { text: "On it." };
        return silent;
      };
      await start();
      await platform.say("Let auth clean up");
      await posted("Auth wants to run something: please decide.");
      const question = await posted("the orchestrator would answer: ");
      await platform.press(question, "Yes");
      const outcome = await posted("It was allowed.");
      expect(outcome.thread).toBe(question.thread);
      const ran = await posted("cleaned-up");
      expect(ran).toBeDefined();
    });

    it("is held when shards keep each other busy, until a person lets it go on", async () => {
      let wakes = 0;
      let over = false;
      model = (request) => {
        if (said(request).includes("Woken by events")) {
          wakes += 1;
          return over
            ? { text: "Enough of it." }
            : { tools: [send("auth", `SAY ping ${wakes} ENDSAY`), silent.tools![0]!] };
        }
        if (results(request) !== "") return { text: "Begun." };
        if (said(request).includes("hello")) return { text: "Good day." };
        return { tools: [{ name: "spawn_shard", input: { name: "auth", prompt: "SAY ping 0 ENDSAY" } }] };
      };
      await start();
      await platform.say("hello");
      const { thread } = await posted("Good day.");
      await platform.say("!policy allow", thread);
      await posted("Here the orchestrator may");
      await platform.say("Play ping pong", thread);
      const held = await posted("eight times in a row with nobody asking");
      expect(wakes).toBe(8);
      over = true;
      await platform.press(held, "Go on");
      expect((await posted("Enough of it.")).thread).toBe(held.thread);
      expect(wakes).toBe(9);
    });

    it("goes on after kill -9 in the middle of a turn: no call is repeated, no task forgotten", async () => {
      let back = false;
      model = (request) => {
        const words = said(request);
        if (words.includes("<instruction>\nSay good morning.")) return { text: "Good morning." };
        if (words.includes("do it")) {
          const watch = {
            name: "watch_shard",
            input: { name: "auth", until: "end", instruction: "Say good morning." },
          };
          const started = { name: "spawn_shard", input: { name: "auth", prompt: "SAY done once ENDSAY" } };
          return {
            tools: [
              started,
              { name: "schedule", input: { in_minutes: 90, instruction: "Look." } },
              ...(back ? [watch] : []),
            ],
          };
        }
        if (results(request).includes('"name":"auth"')) {
          if (!back) return { text: "Well", broken: "hang" };
          return {
            tools: [{ name: "watch_shard", input: { name: "auth", until: "end", instruction: "Say good morning." } }],
          };
        }
        if (results(request).includes('"saved"')) return { text: "I went on where I was." };
        return silent;
      };
      const first = await start();
      await platform.say("Please do it");
      const once = await posted("done once");
      await expect.poll(() => requests().some((request) => results(request) !== ""), patience).toBe(true);
      await first.kill("SIGKILL");
      back = true;
      await start();
      const report = await posted("I went on where I was.");
      expect(report.thread).not.toBe(once.thread);
      expect(
        requests().filter((request) => said(request).includes("do it") && lastOf(request).length === 2),
      ).toHaveLength(1);
      expect(posts("done once")).toHaveLength(1);
      expect(report.whole).toContain("started auth · starting");
      await platform.say("!tasks", report.thread);
      await posted("t1: at ");
      await platform.say("!send auth CRASH 1", once.thread);
      expect((await posted("Good morning.")).thread).toBe(report.thread);
      expect(posts("I went on where I was.")).toHaveLength(1);
    });
  });
}
