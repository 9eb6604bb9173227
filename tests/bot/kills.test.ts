import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { kinds } from "../../src/shards/agents/registry.ts";
import { HolderClient } from "../../src/shards/holder/client.ts";
import { openRecords } from "../../src/shards/saved/records.ts";
import { Store } from "../../src/store/store.ts";
import { fakeKind } from "../fakes/fake-kind.ts";
import { SpoolAdapter } from "../fakes/spool-adapter.ts";
import { clear, type TestFolders, makeFolders, openTestHost } from "../shards/test-host.ts";

const kills = 50;
const linesOfLife = 2000;
const patient = { timeout: 60_000, interval: 50 };
const program = join(import.meta.dirname, "bot-process.ts");

let folders: TestFolders;
let spool: string;
let chat: SpoolAdapter;
let bot: ChildProcess | undefined;

beforeEach(() => {
  folders = makeFolders();
  spool = join(folders.home, "spool");
  mkdirSync(spool, { recursive: true });
  chat = new SpoolAdapter(spool);
});

afterEach(async () => {
  await kill();
  await clear(await openTestHost(folders, { shell: kinds["shell"]!, fake: fakeKind }), folders);
});

/** Start the bot; resolves when it is connected. */
async function start(): Promise<void> {
  bot = fork(program, [folders.home, folders.repo, spool], {
    execArgv: [],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  await Promise.race([once(bot, "message"), once(bot, "exit")]);
}

async function kill(): Promise<void> {
  if (!bot || bot.exitCode !== null || bot.signalCode !== null) return;
  const gone = once(bot, "exit");
  bot.kill("SIGKILL");
  await gone;
}

const texts = () => chat.posted.filter(({ key }) => key !== undefined).map(({ post }) => JSON.stringify(post));
const has = async (text: string) => expect.poll(() => texts().some((post) => post.includes(text)), patient).toBe(true);

/** Prints 100,000 numbered lines, a part of them in each life of the bot. */
function printer(): string {
  const script = join(spool, "lines.sh");
  writeFileSync(
    script,
    `touch ${spool}/running
     for life in $(seq ${kills}); do
       until [ -e ${spool}/life-$life ]; do sleep 0.02; done
       for part in 0 1 2 3 4 5 6 7 8 9; do
         from=$(((life - 1) * ${linesOfLife} + part * ${linesOfLife / 10}))
         seq -f 'line %06.0f' $((from + 1)) $((from + ${linesOfLife / 10}))
         sleep 0.02
       done
     done\n`,
  );
  return script;
}

/** The whole raw output of a shard. */
async function logOf(name: string): Promise<string> {
  const store = await Store.open(folders.home);
  const { socket, secret } = openRecords(store).shards.get(name)!;
  await store.close();
  const handlers = { view: () => undefined, exit: () => undefined, closed: () => undefined };
  const client = await HolderClient.connect({ socket, secret, handlers });
  const { offset, data, end } = await client.log(0, 4_000_000);
  client.close();
  expect([offset, data.length]).toEqual([0, end]);
  return data.toString();
}

it("loses and doubles nothing when the bot is killed fifty times", { timeout: 300_000 }, async () => {
  const began = performance.now();
  await start();
  const life = performance.now() - began;
  chat.say("spawn-lines", "spawn lines --agent shell --here", "lines");
  chat.say("spawn-fake", "spawn fake --agent fake --here", "fake");
  chat.say("send-lines", `send lines sh ${printer()}`, "lines");
  await expect.poll(() => existsSync(join(spool, "running")), patient).toBe(true);
  const asked = Array.from({ length: kills / 2 }, (_, index) => `answer ${index + 1}.`);

  for (let number = 1; number <= kills; number++) {
    // Half of the kills come while it starts or soon after, the others when it has been given something to do.
    const busy = number % 2 === 0;
    if (busy) chat.say(`ask-${number}`, `send fake SAY ${asked[number / 2 - 1]} ENDSAY`, "fake");
    writeFileSync(join(spool, `life-${number}`), "");
    const connected = number === 1 ? undefined : start();
    if (busy) await connected;
    await sleep(Math.random() * (busy ? 700 : life * 1.2));
    await kill();
  }

  await start();
  chat.say("ask-last", "send fake SAY that was all ENDSAY", "fake");
  await has("that was all");
  await has("That answer of lines is not whole");
  await kill();

  const lines = [...(await logOf("lines")).matchAll(/line (\d{6})\r\n/g)].map((match) => Number(match[1]));
  expect(lines).toEqual(Array.from({ length: kills * linesOfLife }, (_, index) => index + 1));

  const keys = chat.posted.flatMap(({ key, thread }) => (key === undefined ? [] : [`${thread} ${key}`]));
  expect(new Set(keys).size).toBe(keys.length);
  const answers = chat.posted.flatMap(({ post, key }) =>
    post.kind === "answer" && key !== undefined ? [post.markdown] : [],
  );
  expect(new Set(answers).size).toBe(answers.length);
  expect(answers.filter((answer) => ![...asked, "that was all"].includes(answer))).toEqual([]);
  // A prompt that was being typed is never typed again, and the thread is told.
  const missing = asked.filter((answer) => !answers.includes(answer));
  const told = texts().filter((post) =>
    /The bot was restarted while it handled|stalled: typed into fake|was this prompt taken/.test(post),
  );
  expect(told.length).toBeGreaterThanOrEqual(missing.length);
  expect(answers.length).toBeGreaterThan(kills / 5);
  expect(chat.posted.filter(({ post, key }) => post.kind === "file" && key !== undefined)).toHaveLength(1);
});
