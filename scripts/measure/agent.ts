import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Machine } from "../../tests/real-agents/machine.ts";
import { type OtherName, otherPrograms, others } from "../../tests/real-agents/others.ts";
import { type AgentName, packages, programs } from "../../tests/real-agents/seeds.ts";
import { asTaken, promptNumber } from "../../tests/real-agents/shapes.ts";
import { StateClock, type Wrong } from "./clock.ts";
import { type Dialogs, dialogs } from "./dialogs.ts";

/** Numbers of one agent: of how many, how many were right. */
export interface Measured {
  agent: string;
  version: string;
  prompts: number;
  /** What arrived at the model is what was sent, and the receipt says so. */
  trueReceipts: number;
  /** What the receipt says is so, even where it says that the prompt was not taken, or was changed. */
  honestReceipts: number;
  answersEqual: number;
  /** The answer has what the model said, and more. */
  answersHave: number;
  wrongState: Wrong;
  dialogs: { read: number; of: number };
  /** What was not right, in a line each. */
  faults: string[];
}

/** Milliseconds that an agent gets for anything; one that does not know when it has ended would need them for each prompt. */
const patience = 30_000;

export async function measure(agent: AgentName | OtherName, prompts: number): Promise<Measured> {
  const measured: Measured = {
    agent,
    version: versionOf(agent),
    prompts,
    trueReceipts: 0,
    honestReceipts: 0,
    answersEqual: 0,
    answersHave: 0,
    wrongState: { milliseconds: 0, told: "", was: "" },
    dialogs: { read: 0, of: 0 },
    faults: [],
  };
  const machine = await Machine.open(agent);
  machine.patience = patience;
  try {
    for (let index = 0; index < prompts; index++) await prompt(machine, index, measured);
    await slowly(machine, measured);
    for (const one of dialogs[agent]) if (one.prompt !== undefined) await dialog(machine, one, measured);
  } finally {
    await machine.close();
  }
  for (const one of dialogs[agent]) if (one.prompt === undefined) await firstRun(agent, one, measured);
  return measured;
}

async function prompt(machine: Machine, index: number, measured: Measured): Promise<void> {
  const { text, said } = promptNumber(index, machine.kind.form);
  await attempt(measured, `prompt ${index}`, async () => {
    await machine.ready();
    const { requests } = machine.api;
    const before = requests.length;
    const wrong = await StateClock.during(machine, async () => {
      let receipt = await machine.send(text);
      // A person who has looked at the screen types it anyway.
      if (receipt.outcome === "refused" && receipt.screen !== undefined)
        receipt = await machine.host.send({ name: machine.shard.name, text, by: "anna", anyway: true });
      const answer = receipt.outcome === "submitted" ? await machine.event("answer") : undefined;
      const arrived = requests.slice(before).map((request) => asTaken(request.prompt));
      const sent = asTaken(machine.kind.encode(text, "anna"));
      const same = arrived.length === 1 && arrived[0] === sent;
      const submitted = receipt.outcome === "submitted";
      const took = receipt.outcome === "submitted" ? receipt.took : undefined;
      const right = submitted && took === undefined && same;
      measured.trueReceipts += right ? 1 : 0;
      measured.honestReceipts += right || (submitted ? took !== undefined && !same : arrived.length === 0) ? 1 : 0;
      measured.answersEqual += answer?.text === said ? 1 : 0;
      measured.answersHave += answer?.text.includes(said) ? 1 : 0;
      if (!right || answer?.text !== said)
        measured.faults.push(
          `prompt ${index}: ${JSON.stringify({ receipt, arrived: arrived.map((one) => one.slice(-80)), answer: answer?.text.slice(0, 160) })}`,
        );
      await machine.reaches("idle");
    });
    worse(measured, wrong, `prompt ${index}`);
  });
}

/** States of what takes a while: an answer word by word, an API that fails first. */
async function slowly(machine: Machine, measured: Measured): Promise<void> {
  const words = Array.from({ length: 30 }, (_, index) => `word${index}`).join(" ");
  for (const text of [`SAY ${words} ENDSAY DELAY=150`, "LONG 60 DELAY=40", "FAILS=500,503 SAY At last. ENDSAY"]) {
    await attempt(measured, text.slice(0, 20), async () => {
      await machine.ready();
      const wrong = await StateClock.during(machine, async () => {
        await machine.send(text);
        await machine.event("answer");
        await machine.reaches("idle");
      });
      worse(measured, wrong, text.slice(0, 20));
    });
  }
}

async function dialog(machine: Machine, { prompt: text = "", keys, asks, proof }: Dialogs, measured: Measured) {
  measured.dialogs.of += asks.length;
  await attempt(measured, `dialog ${text}`, async () => {
    await machine.ready();
    if (keys) await machine.press(...keys);
    const wrong = await StateClock.during(machine, async (clock) => {
      clock.asks();
      await machine.send(text);
      await answer(machine, asks, measured, clock);
      await machine.event("answer");
      await machine.reaches("idle");
    });
    if (!proof(machine)) measured.faults.push(`dialog ${text}: what was chosen did not come to be`);
    worse(measured, wrong, `dialog ${text}`);
    if (keys) await machine.press(...keys);
  });
}

async function firstRun(agent: AgentName | OtherName, { asks }: Dialogs, measured: Measured): Promise<void> {
  measured.dialogs.of += asks.length;
  const machine = await Machine.open(agent, false);
  machine.patience = patience;
  try {
    await attempt(measured, "first run", async () => {
      await machine.spawn();
      await answer(machine, asks, measured);
      await machine.reaches("idle");
    });
  } finally {
    await machine.close();
  }
}

async function answer(machine: Machine, asks: Dialogs["asks"], measured: Measured, clock?: StateClock): Promise<void> {
  for (const [index, { text, options, choose }] of asks.entries()) {
    const { question } = await machine.event("question", index + 1);
    const labels = question.options.map(({ label }) => label.replace(/^\[.\] /, ""));
    const chosen = question.options[labels.findIndex((label) => choose.test(label))];
    const all = options.every((option) => labels.some((label) => option.test(label)));
    if (!text.test(`${question.text}\n${question.detail}`) || !all || !chosen)
      throw new Error(`not read: ${JSON.stringify(question)}`);
    if (index === asks.length - 1) clock?.typed();
    await machine.host.answer({ name: machine.shard.name, question: question.id, option: chosen.key, by: "anna" });
    measured.dialogs.read += 1;
  }
}

/** What can't be done is a fault, and the next thing is done with a new agent. */
async function attempt(measured: Measured, what: string, doing: () => Promise<void>): Promise<void> {
  try {
    await doing();
  } catch (error) {
    measured.faults.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function worse(measured: Measured, wrong: Wrong, where: string): void {
  if (wrong.milliseconds > 1000) measured.faults.push(`${where}: ${JSON.stringify(wrong)}`);
  if (wrong.milliseconds > measured.wrongState.milliseconds) measured.wrongState = wrong;
}

function versionOf(agent: AgentName | OtherName): string {
  const [bin, name] =
    agent in others ? [otherPrograms, others[agent as OtherName].from] : [programs, packages[agent as AgentName]];
  const file = join(bin, "..", name, "package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
