import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type IPty, spawn } from "node-pty";
import type { AgentKind, ScreenView } from "../src/shards/agents/agent.ts";
import { kinds } from "../src/shards/agents/registry.ts";
import { Screen } from "../src/shards/holder/screen.ts";
import type { ModelApi } from "../tests/real-agents/model-api.ts";
import { startModelApi } from "../tests/real-agents/model-api.ts";
import { type Happening, type Known, statesOf, turnsOf } from "../tests/real-agents/known.ts";
import { type Choice, modes, type Scenario, type Step } from "../tests/real-agents/scenarios.ts";
import { scriptFor } from "../tests/real-agents/scripted.ts";
import { type AgentName, packages, programs, seeds } from "../tests/real-agents/seeds.ts";
import { unseed } from "../tests/real-agents/fresh.ts";

/** What is recorded: which agent, how it is started, what is done, and how large its terminal is. */
export interface Take {
  agent: AgentName;
  mode: string;
  name: string;
  scenario: Scenario;
  size: { cols: number; rows: number };
}

/** What is written into the recording's folder: an asciicast v2, and what is known of it. */
export interface Recording {
  /** Name of the folder. */
  title: string;
  cast: string;
  said: Known;
}

/** Milliseconds. */
const patience = 240_000;
/** A state that does not come is not waited for longer: the recording shows what there is instead. */
const disappointed = 15_000;
const quiet = 150;
const settled = 600;
const nextKeyAfter = 400;

/** Run the real program of an agent against a fake model, and write down everything that goes over its terminal. */
export async function record(take: Take): Promise<Recording> {
  const kind = kinds[take.agent];
  if (!kind || !existsSync(join(programs, kind.program)))
    throw new Error(`${take.agent} is not installed: npm run test:agents installs it.`);
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "demo-")));
  const [home, repo, bin] = ["home", "repo", "bin"].map((name) => join(folder, name)) as [string, string, string];
  for (const path of [home, repo, bin]) mkdirSync(path);
  symlinkSync(realpathSync(join(programs, kind.program)), join(bin, kind.program));
  makeRepo(repo, home);
  const api = await startModelApi(scriptFor(take.agent, () => repo));
  const seed = seeds[take.agent]({ home, repo, url: api.url, known: true });
  if (take.scenario.fresh) unseed(take.agent, { home, env: seed.env });
  const path = [bin, dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"].join(":");
  const env = {
    HOME: home,
    PATH: path,
    LANG: "C.UTF-8",
    TERM: "xterm-256color",
    COLORTERM: "truecolor",
    SHELL: "/bin/bash",
  };
  const session = new Session(take, kind, api, { cwd: repo, env: { ...env, ...seed.env } });
  try {
    for (const step of take.scenario.steps) await session.do(step);
    return session.finish();
  } finally {
    await session.end();
    await api.stop();
    seed.remove?.();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function makeRepo(repo: string, home: string): void {
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: repo, env: { PATH: process.env["PATH"], HOME: home } });
  writeFileSync(join(repo, "README.md"), "# Demo\n\nA small repo.\n");
  writeFileSync(join(repo, "notes.txt"), "hello\nworld\n");
  git("init", "--quiet", "--initial-branch=main");
  git("add", ".");
  git("-c", "user.name=Demo", "-c", "user.email=demo@example.com", "commit", "--quiet", "--message=First");
}

class Session {
  readonly #take: Take;
  readonly #kind: AgentKind;
  readonly #api: ModelApi;
  readonly #pty: IPty;
  readonly #screen: Screen;
  readonly #start = performance.now();
  readonly #events: [number, string, string][] = [];
  readonly #happened: Happening[] = [];
  readonly #watching: NodeJS.Timeout;
  #last = performance.now();
  #exit: { code: number } | undefined;
  /** How many requests' beginnings and ends were noted. */
  #begun = 0;
  #ended = 0;

  constructor(take: Take, kind: AgentKind, api: ModelApi, place: { cwd: string; env: Record<string, string> }) {
    this.#take = take;
    this.#kind = kind;
    this.#api = api;
    const { args, env = {} } = modes[take.agent][take.mode] ?? { args: [] };
    const more = take.scenario.args?.[take.agent] ?? [];
    const fault = (error: unknown) => {
      throw error;
    };
    this.#screen = new Screen({ ...take.size, reply: (data) => this.#write(data), fault });
    this.#pty = spawn(kind.program, [...args, ...more], {
      name: "xterm-256color",
      ...take.size,
      cwd: place.cwd,
      env: { ...place.env, ...env },
    });
    this.#pty.onData((data) => {
      this.#last = performance.now();
      this.#note("o", data);
      this.#screen.write(Buffer.from(data));
    });
    this.#pty.onExit(({ exitCode }) => {
      this.#exit = { code: exitCode };
      this.#happens("exit");
    });
    this.#watching = setInterval(() => this.#watchModel(), 5);
  }

  async do(step: Step): Promise<void> {
    if ("prompt" in step) {
      if (!(await this.#until(() => this.#idle(quiet), patience))) throw new Error(`It is not idle:\n${this.#text}`);
      await this.#submit(step.prompt, "prompt", "\r");
    } else if ("meanwhile" in step) {
      const key = this.#take.agent === "codex" ? "\t" : "\r";
      await this.#submit(step.meanwhile, "typed while busy", key);
    } else if ("until" in step) await this.#reach(step.until);
    else if ("choose" in step) await this.#choose(step.choose);
    else if ("each" in step) await this.#chooseEach(step.each);
    else if ("leave" in step) await this.do({ prompt: this.#take.agent === "gemini" ? "/quit" : "/exit" });
    else if ("press" in step) await this.#press(step.press);
    else {
      const [cols, rows] = step.resize;
      this.#note("r", `${cols}x${rows}`);
      this.#screen.resize(cols, rows);
      this.#pty.resize(cols, rows);
    }
  }

  finish(): Recording {
    const { agent, mode, name, size } = this.#take;
    const title = [agent, mode, name].filter((part) => part !== "").join("-");
    const env = { TERM: "xterm-256color", SHELL: "/bin/bash" };
    const head = { version: 2, width: size.cols, height: size.rows, timestamp: 1_700_000_000, title, env };
    const cast = [head, ...this.#events].map((line) => `${JSON.stringify(line)}\n`).join("");
    const facts = { agent, mode, scenario: name, version: versionOf(agent) };
    return { title, cast, said: { ...facts, turns: turnsOf(this.#happened), states: statesOf(this.#happened) } };
  }

  async end(): Promise<void> {
    clearInterval(this.#watching);
    if (this.#exit) return;
    try {
      process.kill(-this.#pty.pid, "SIGKILL");
    } catch {
      this.#pty.kill("SIGKILL");
    }
    await this.#until(() => this.#exit !== undefined, patience);
  }

  get #view(): ScreenView {
    return this.#screen.view();
  }

  get #text(): string {
    return this.#view.rows.map(({ text }) => text).join("\n");
  }

  #quiet(): number {
    return performance.now() - this.#last;
  }

  #at(): number {
    return Math.round(performance.now() - this.#start) / 1000;
  }

  #note(code: string, data: string): void {
    this.#events.push([this.#at(), code, data]);
  }

  #happens(what: Happening["what"], more: Partial<Happening> = {}): void {
    this.#happened.push({ at: this.#at(), what, ...more });
  }

  #write(data: string): void {
    if (this.#exit) return;
    this.#note("i", data);
    this.#pty.write(data);
  }

  /** Note when the model is asked, and when it has answered. */
  #watchModel(): void {
    const { requests } = this.#api;
    for (; this.#begun < requests.length; this.#begun++) {
      const { prompt = "", woken } = requests[this.#begun] ?? {};
      this.#happens("asked", { prompt, ...(woken && { woken }) });
    }
    for (; this.#ended < requests.length; this.#ended++) {
      const request = requests[this.#ended];
      if (!request || !(request.done || request.left)) break;
      const retried = /ERR\d/.test(request.prompt) && retries.includes(this.#take.agent);
      const more = { ...(request.calls && { calls: true as const }), ...(retried && { retried: true as const }) };
      this.#happens(request.left ? "left" : request.again ? "refused" : "answered", more);
    }
  }

  async #submit(text: string, mark: string, key: string): Promise<void> {
    const meanwhile = mark === "prompt" ? undefined : (true as const);
    this.#note("m", mark);
    this.#happens("pasted", { prompt: text, ...(meanwhile && { meanwhile }) });
    this.#write(`\u001B[200~${text}\u001B[201~`);
    const echoed = () => this.#kind.composer(this.#view) !== "" || text.startsWith("/");
    await this.#until(echoed, patience);
    await this.#until(() => meanwhile !== undefined || this.#quiet() >= quiet, patience);
    for (const _attempt of ["first", "second"]) {
      const submitted = this.#at();
      const before = this.#happened.length;
      this.#write(key);
      const taken = () => this.#happened.length > before || this.#kind.composer(this.#view) === "";
      if (!(await this.#until(taken, this.#kind.reactsWithin * 4))) continue;
      this.#happened.splice(before, 0, {
        at: submitted,
        what: "submitted",
        prompt: text,
        ...(meanwhile && { meanwhile }),
      });
      return;
    }
    throw new Error(`The prompt was not taken:\n${this.#text}`);
  }

  async #choose(which: Choice): Promise<void> {
    const question = this.#kind.question(this.#view);
    const { options = [] } = question ?? {};
    const option = which instanceof RegExp ? options.find(({ label }) => which.test(label)) : options.at(which);
    if (!question || !option) throw new Error(`No dialog with option ${which}:\n${this.#text}`);
    this.#note("m", `choose ${option.label}`);
    // No is as good as Esc: the turn ends.
    this.#happens(/^(?:no|reject|deny|cancel)\b/i.test(option.label) ? "esc" : "chose", { option: option.label });
    for (const key of this.#kind.answerKeys(question, option.key)) {
      this.#write(key);
      if (await this.#until(() => this.#kind.question(this.#view)?.id !== question.id, nextKeyAfter)) break;
    }
  }

  async #chooseEach(which: Choice): Promise<void> {
    while (!this.#answered()) {
      await this.#until(() => this.#asks() || this.#answered(), patience);
      if (this.#asks()) await this.#choose(which);
    }
    await this.#reach("idle");
  }

  async #press(key: "interrupt" | "esc" | "help"): Promise<void> {
    this.#note("m", key);
    const turn = this.#happened.some(({ what }) => what === "submitted");
    if (turn && key !== "help") this.#happens("esc");
    const keys = { interrupt: this.#kind.keys.interrupt, esc: ["\u001B"], help: ["/help", "\r"] }[key];
    for (const [index, data] of keys.entries()) {
      if (index > 0) await sleep(200);
      this.#write(data);
    }
  }

  async #reach(what: (Step & { until: unknown })["until"]): Promise<void> {
    if (what instanceof RegExp) {
      const found = () => what.test(this.#text);
      if (!(await this.#until(found, patience))) throw new Error(`No ${what.source}:\n${this.#text}`);
    } else if (typeof what === "number") {
      const given = () => (this.#api.requests.at(-1)?.given ?? 0) >= what && !this.#answered();
      await this.#until(given, patience);
    } else if (what === "gone") {
      if (!(await this.#until(() => this.#exit !== undefined, patience)))
        throw new Error(`Still there:\n${this.#text}`);
    } else if (what === "quiet") {
      await this.#until(() => this.#quiet() >= settled, disappointed);
    } else if (what === "working") {
      // For a while, so that it is seen.
      const started = performance.now();
      await this.#until(() => performance.now() - started > 1500, patience);
    } else if (what === "dialog") {
      await this.#until(() => this.#asks(), patience);
    } else {
      await this.#until(() => this.#idle(settled), this.#answered() ? disappointed : patience);
    }
  }

  #asks(): boolean {
    return this.#kind.question(this.#view) !== undefined && this.#quiet() >= 250;
  }

  /** By its screen, and by what the model knows. */
  #idle(milliseconds: number): boolean {
    const last = this.#happened.at(-1);
    // A busy machine may be quiet before an answer is drawn.
    const drawn = last === undefined || this.#last > this.#start + last.at * 1000;
    const idle = this.#kind.state(this.#view)?.state === "idle";
    return drawn && idle && this.#answered() && this.#quiet() >= milliseconds;
  }

  /** The model has answered everything that was asked of it. */
  #answered(): boolean {
    const last = this.#happened.findLast(({ what }) => what !== "key" && what !== "chose");
    return last === undefined || (last.what === "answered" && !last.calls) || ["left", "esc"].includes(last.what);
  }

  async #until(test: () => boolean, milliseconds: number): Promise<boolean> {
    const deadline = performance.now() + milliseconds;
    while (!test()) {
      if (performance.now() > deadline || (this.#exit && !test())) return test();
      await sleep(10);
    }
    return true;
  }
}

/** After an error these ask the model again, for minutes. */
const retries: readonly AgentName[] = ["claude", "opencode"];

function versionOf(agent: AgentName): string {
  const file = join(programs, "..", packages[agent], "package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
