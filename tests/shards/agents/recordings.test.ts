import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { kinds } from "../../../src/shards/agents/registry.ts";
import { type Cast, Player, readCast, turns, typedIn } from "./replay.ts";

/*
 * Recordings of the real agents against a fake model, with what it said: ../shared/recordings and its README. Resized ones are left
 * out, since no shard is resized.
 */
const folder = join(import.meta.dirname, "../../../../shared/recordings");
const found = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".cast")) : [];
if (found.length === 0) console.log("skipped: the agents' recordings (no ../shared/recordings)");

test.runIf(found.length > 0)("all agents were recorded", () => {
  for (const kind of ["claude", "codex", "gemini", "opencode"]) {
    expect(found.some((name) => name.startsWith(`${kind}-`))).toBe(true);
  }
});

const scenarios = found
  .filter((name) => !name.includes("-resize"))
  .map((name) => {
    const [, kind, mode = "", scenario] = /^([a-z]+)-(?:(ax|inline|fullscreen)-)?(.*)\.cast$/.exec(name)!;
    return { name, kind: kind!, mode, scenario: scenario! };
  });

const slow = Array.from({ length: 5 }, () => "this is the slow one with words").join(" ");
const numbers = Array.from({ length: 6 }, () => "one two three four five six seven eight nine ten").join(" ");
const lines = (count: number) =>
  Array.from(
    { length: count },
    (_, index) => `Line ${String(index + 1).padStart(4, "0")}: the quick brown fox jumps over the lazy dog.`,
  );
const finished = /\n\nThe tool finished\. It returned \d+ characters\. All done now\.$/;
const markdown = `Result Here is a bold word, some inline code and a link (https://example.com/docs). 1. first item 2. second item with a long
explanation that surely has to wrap because it is longer than one hundred and twenty columns on the screen of the agent nested bullet
export function add(a: number, b: number): number { return a + b; // sum } name value alpha 1 beta 22 Done: ünïcödé, 日本語, 🎉 emoji.`;

const words = (text: string) => text.replaceAll(/\| --- .*/g, "").match(/[\p{L}\p{N}_]+|\p{Emoji_Presentation}/gu);

/** A screen without scrollback has only the end of a long answer. */
const isShort = (kind: string, mode: string) =>
  kind === "opencode" || mode === "fullscreen" || (kind === "codex" && mode === "");

describe.each(scenarios)("$name", ({ name, kind: kindName, mode, scenario }) => {
  const kind = kinds[kindName]!;
  const cast = readCast(join(folder, name));
  const cleaned = async (last?: number) =>
    (await turns(cast, last)).map((turn) => kind.clean(turn.lines, turn.sent, cast.cols));

  const checks: Record<string, () => Promise<void>> = {
    "first-answer": async () => {
      expect(await cleaned()).toEqual([
        "Hello there, this is the first answer.",
        "And this is the second answer, after a second prompt.",
      ]);
    },
    markdown: async () => {
      const [text] = await cleaned();
      // For screen readers gemini numbers the lines of code.
      const plain = mode === "ax" ? text!.replaceAll(/^[123] (?=export| |\})/gm, "") : text!;
      expect(words(plain)).toEqual(words(markdown));
      expect(plain).toContain("| alpha | 1 |");
    },
    "long-scroll": async () => {
      const [text] = await cleaned();
      const said = text!.split("\n").filter((line) => line !== "");
      const all = lines(120);
      expect(said).toEqual(isShort(kindName, mode) ? all.slice(-said.length) : all);
      expect(said.length).toBeGreaterThanOrEqual(15);
    },
    "permission-bash": async () => {
      const [text] = await cleaned();
      expect(text).toMatch(/^I will run a command for you\./);
      expect(text!.slice("I will run a command for you.".length)).toMatch(finished);
    },
    "permission-deny": async () => {
      const [text] = await cleaned();
      expect(text).toMatch(/^I will run a command for you\.(?:\n\n(?:.*(?:cancel|interrupted).*\n*)+)?$/i);
    },
    "write-file": async () => {
      const [text] = await cleaned();
      expect(text!.replace(finished, "")).toBe("I will write a file.");
      expect(text).toMatch(finished);
    },
    "ask-user": async () => {
      const [text] = await cleaned();
      expect(text!.replace(finished, "")).toBe("I need to ask something first.");
    },
    interrupt: async () => {
      const [text] = await cleaned();
      const [said, note] = text!.split("\n\n");
      expect(numbers.startsWith(said!)).toBe(true);
      expect(said!.length).toBeGreaterThan(20);
      expect(note).toMatch(/interrupted|cancelled/i);
    },
    queued: async () => {
      expect(await cleaned(1)).toEqual([`${slow}\n\nsecond answer`]);
    },
    error: async () => {
      const [text] = await cleaned();
      expect(text).toMatch(/401|API error/);
      expect(text).not.toMatch(/ERR401/);
    },
    exit: async () => {
      const [answer, farewell] = await cleaned();
      expect(answer).toBe("bye");
      if (mode !== "ax") expect(farewell).toMatch(/(?:--resume|resume|-s) \S{8,}/);
    },
  };

  const check = checks[scenario];
  test.runIf(check)("the cleaned text is what the model said", async () => {
    expect.hasAssertions();
    await check!();
  });

  test.runIf(isTimed(scenario, name))("the state is right all the time", async () => {
    const { wrong, samples, lag } = await compare(cast, scenario, kindName);
    expect({ wrong, lag: lag > 2 }).toEqual({ wrong: [], lag: false });
    expect(samples).toBeGreaterThan(5);
  });
});

/** Rows that an answer ends with, seen on the screen: the turn is over. */
const ends: Record<string, RegExp[]> = {
  "first-answer": [/(?<!SAY.*)first answer\.$/m, /(?<!SAY.*)second prompt\.$/m],
  markdown: [/Done: ünïcödé/],
  "long-scroll": [/Line 0120/],
  "permission-bash": [/All done now\./],
  "permission-deny": [/Interrupted|interrupted|cancelled|Ran 1 shell/],
  "write-file": [/All done now\./],
  "ask-user": [/All done now\./],
  interrupt: [/Interrupted|interrupted|cancelled/],
  exit: [/(?<!SAY.*)bye$/m],
  // The second prompt waits until the first one's turn is over.
  queued: [/(?<!SAY.*)second answer$/m],
  // Claude and opencode are still trying again at the end.
  error: [/401 Unauthorized|\[API Error/],
};
const dialog =
  /Do you want to (?:proceed|create)|Which colour should|Would you like to|Allow execution of|Apply this change|Permission required/;
const step = 0.05;
const agreement = 0.3;

function isTimed(scenario: string, name: string): boolean {
  // The options of gemini's question are not on its screen for readers.
  return scenario in ends && name !== "gemini-ax-ask-user.cast";
}

/**
 * Step through a recording and compare the state with what is known: idle before a prompt is submitted, working within 2 seconds
 * after that, waiting while a dialog's words are on the screen and no key was pressed, idle half a second after the answer's end.
 * What the screen says for less than the time that the host wants it to be agreed on does not count.
 */
async function compare(cast: Cast, scenario: string, kindName: string) {
  const kind = kinds[kindName]!;
  const player = new Player(cast);
  const typed = typedIn(cast);
  const keys = cast.events.filter((event) => event.code === "i" && /^(?:[\r\t\u001B]|[a-z0-9])$/.test(event.data));
  const wrong: string[] = [];
  const brief: string[] = [];
  let [samples, lag, next] = [0, 0, 0];
  let phase = { name: "before", since: 0 };
  const enter = (name: string, at: number) => {
    if (phase.name !== name) phase = { name, since: at };
  };

  const look = (at: number) => {
    const text = player.view.rows.map((row) => row.text).join("\n");
    if (typed[next] && at >= typed[next]!.submitted && phase.name !== "working") {
      enter("working", typed[next]!.submitted);
      next++;
    }
    const answered = keys.some((key) => key.at > phase.since && key.at <= at);
    if (phase.name === "working" && dialog.test(text) && kind.question(player.view)) enter("dialog", at);
    else if (phase.name === "dialog" && answered) enter("working", at);
    const end = ends[scenario]?.[next - 1];
    if (phase.name === "working" && end?.test(text) && !typed[next - 1]!.text.startsWith("/")) enter("after", at);

    const state = kind.state(player.view)?.state;
    if (phase.name === "before" && at < typed[0]!.pasted - 0.3) return;
    if (typed[next - 1]?.text.startsWith("/")) return;
    samples++;
    const expected = { before: "idle", working: "working", dialog: "waiting", after: "idle" }[phase.name];
    if (state === expected) {
      brief.length = 0;
      if (phase.name === "working") lag = Math.max(lag, started === phase.since ? lag : at - phase.since);
      started = phase.since;
      return;
    }
    const settling = phase.name === "working" ? started !== phase.since : at - phase.since < 0.5;
    if (settling) return;
    brief.push(`at ${at.toFixed(2)} s: ${state}, known: ${expected}`);
    if (brief.length * step >= agreement) wrong.push(...brief.splice(0));
  };
  let started = -1;

  let at = 0;
  for (const event of cast.events) {
    for (; at < event.at; at += step) look(at);
    if (event.code === "o") await player.write(event.data);
  }
  return { wrong, samples, lag };
}
