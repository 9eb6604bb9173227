import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { shell } from "../../src/shards/agents/shell/shell.ts";
import type { Question } from "../../src/shards/host.ts";
import { findProgram } from "../../src/shards/process/find-program.ts";
import { type ShardFixture, withShard } from "./life-fixture.ts";
import { openTestHost } from "./test-host.ts";

const path = "/usr/local/bin:/usr/bin:/bin";
const all = ["bash", "zsh", "fish", "dash"];
const found = all.flatMap((name) => findProgram(name, { PATH: path }) ?? []);
const missing = all.filter((name) => !found.some((program) => basename(program) === name));
if (missing.length > 0) console.log(`skipped: ${missing.join(", ")} (not installed)`);
const has = (program: string) => findProgram(program, { PATH: path }) !== undefined;

/** A shard "demo" with this shell, whose home has these files. */
async function start(fixture: ShardFixture, program: string, files: Record<string, string> = {}): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const file = join(dirname(fixture.folders.home), name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, 0o755);
  }
  fixture.testHost = await openTestHost(fixture.folders, { shell }, { env: { SHELL: program } });
  await fixture.host.spawn({ name: "demo", by: "ann" });
  await fixture.reaches("idle");
}

/** Types prompts one after the other, and gives what came of each: its answer, or its question. */
function typist(fixture: ShardFixture) {
  let [answers, questions] = [0, 0];
  const answer = async () => (await fixture.log.next("answer", "demo", ++answers)).text;
  const question = async () => (await fixture.log.next("question", "demo", ++questions)).question;
  return {
    answer,
    async run(text: string): Promise<string> {
      const receipt = await fixture.host.send({ name: "demo", text, by: "ann" });
      expect(["submitted", "queued"]).toContain(receipt.outcome);
      return answer();
    },
    async ask(text: string): Promise<Question> {
      await fixture.host.send({ name: "demo", text, by: "ann" });
      const asked = await question();
      return asked;
    },
    async choose({ id }: Question, option: string, text?: string): Promise<void> {
      await fixture.host.answer({ name: "demo", question: id, option, text, by: "bob" });
    },
    async enter({ id }: Question, text: string): Promise<void> {
      await fixture.host.answer({ name: "demo", question: id, option: "secret", text, secret: true, by: "bob" });
    },
  };
}

const keysOf = ({ options }: Question) => options.map(({ key }) => key);

describe.concurrent.each(found)("%s", (program) => {
  const name = basename(program);

  it(
    "gives what commands print and nothing else",
    { timeout: 60_000 },
    withShard(async (fixture) => {
      await start(fixture, program);
      const { run } = typist(fixture);
      const nothing: [string, string][] = [
        ["printf 42", "42"],
        [`printf '%160s' | tr ' ' a`, "a".repeat(160)],
        [`printf '%161s' | tr ' ' b`, "b".repeat(161)],
        [String.raw`printf '{"a":1}'`, '{"a":1}'],
        [String.raw`printf 'ไทยภาษา नमस्ते 👩‍👩‍👧 🇩🇪 ❤️ العربية é\n'`, "ไทยภาษา नमस्ते 👩‍👩‍👧 🇩🇪 ❤️ العربية é"],
        [String.raw`printf '1️⃣ ⚠️ ok ▶️ end\n'`, "1️⃣ ⚠️ ok ▶️ end"],
        ["\techo tab", "tab"],
        ["   echo lead", "lead"],
        ["# only a comment", ""],
        ["echo echo itself", "echo itself"],
        [`printf '%s\\n' "printf is nice"`, "printf is nice"],
        ["echo 'root@box:~/repo$ ls'", "root@box:~/repo$ ls"],
        [String.raw`printf '\n\nhello\n\n\n'`, "hello"],
        [String.raw`printf '\033[2J\033[Hhome\n'`, "home"],
        [String.raw`printf '\033cRIS\n'`, "RIS"],
        ["clear; echo after", "after"],
        [String.raw`printf '\033[?1049h\033[2J\033[Hfull'; sleep 0.2; printf '\033[?1049l'; echo back`, "back"],
        [String.raw`printf '\033[?1049h'; echo in alt`, "in alt"],
        ["echo still", "still"],
        [String.raw`printf '\033[?1049l'`, ""],
        ["echo next", "next"],
        [String.raw`printf '\033]133;A\007\033]133;B\007'; sleep 0.7; echo late`, "late"],
        [String.raw`printf '\033]133;D;0\007\033]133;A\007\033]133;B\007'; sleep 0.7; echo late`, "late"],
        [String.raw`printf '\033]133;D;0;aid=1\007\033]133;A;aid=1\007\033]133;B;aid=1\007'; sleep 0.7; echo l`, "l"],
      ];
      const comments = name === "bash" || name === "dash";
      const prompts = nothing.filter(([text]) => comments || text[0] !== "#");
      for (const [text, printed] of prompts) expect([text, await run(text)]).toEqual([text, printed]);
    }),
  );

  it(
    "takes many lines",
    { timeout: 60_000 },
    withShard(async (fixture) => {
      await start(fixture, program);
      const { run } = typist(fixture);
      const many = Array.from({ length: 40 }, (_, index) => `line ${index}\twith a tab`);
      const fish: [string, string][] = [["for i in 1 2\n  echo row $i\nend\necho end", "row 1\nrow 2\nend"]];
      const posix: [string, string][] = [
        ["for i in 1 2; do\n  echo row $i\ndone\necho end", "row 1\nrow 2\nend"],
        ["cat <<EOF\nline1\n  line2\n\nline4\nEOF", "line1\n  line2\n\nline4"],
        [`cat > many.txt <<'EOF'\n${many.join("\n")}\nEOF`, ""],
        ["wc -l < many.txt | tr -d ' '", "40"],
      ];
      const all: [string, string][] = [["echo one\necho two", "one\ntwo"], ...(name === "fish" ? fish : posix)];
      for (const [text, printed] of all) expect([text, await run(text)]).toEqual([text, printed]);
    }),
  );

  it(
    "says that a command is not finished, and joins nothing to it",
    { timeout: 60_000 },
    withShard(async (fixture) => {
      await start(fixture, program);
      const { answer, ask, choose, run } = typist(fixture);
      for (const text of ["echo it's open", "echo a \\"]) {
        const open = await ask(text);
        expect(open.text).toContain("not finished");
        expect(keysOf(open)).toEqual(name === "fish" ? ["ctrl-c"] : ["ctrl-c", "rest"]);
        expect(await fixture.host.send({ name: "demo", text: "echo joined" })).toMatchObject({ outcome: "refused" });
        await choose(open, "ctrl-c");
        expect(await answer()).not.toContain("joined");
      }
      expect(await run("echo fine")).toBe("fine");
    }),
  );

  it.runIf(name !== "fish")(
    "goes on with a command that is not finished",
    { timeout: 60_000 },
    withShard(async (fixture) => {
      await start(fixture, program);
      const { answer, ask, choose, run } = typist(fixture);
      await choose(await ask("echo 'two"), "rest", "lines'");
      expect(await answer()).toBe("two\nlines");
      expect(await run("echo fine")).toBe("fine");
    }),
  );

  it(
    "hands on what programs ask",
    { timeout: 60_000 },
    withShard(async (fixture) => {
      await start(fixture, program, {
        "ask.sh": `#!/bin/sh\nprintf 'Continue? [Y/n] '; read x; echo "got $x"\n`,
        "host.sh": `#!/bin/sh\necho "The authenticity of host 'x' can't be established."\nprintf 'Are you sure you want to continue connecting (yes/no/[fingerprint])? '; read x; echo "got $x"\n`,
        "name.sh": `#!/bin/sh\nprintf 'Name? '; read x; echo "hello $x"\n`,
        "quiet.sh": `#!/bin/sh\nread x; echo "hello $x"\n`,
        "pass.sh": `#!/bin/sh\nprintf '%s' "$1"; stty -echo; IFS= read -r x; stty echo; echo; printf %s "$x" | wc -c | tr -d ' '\n`,
        "twice.sh": `#!/bin/sh\nstty -echo; read x; read y; stty echo; echo "$x$y" | tr a-z b-za\n`,
      });
      const { answer, ask, choose, enter } = typist(fixture);
      const home = dirname(fixture.folders.home);
      const yes = await ask(`${home}/ask.sh`);
      expect(yes).toMatchObject({ text: "Continue? [Y/n]", options: [{ key: "y" }, { key: "n" }] });
      await choose(yes, "y");
      expect(await answer()).toMatch(/got y$/);
      const host = await ask(`${home}/host.sh`);
      expect(host.detail).toContain("authenticity of host");
      await choose(host, "no");
      expect(await answer()).toMatch(/got no$/);
      await choose(await ask(`${home}/name.sh`), "answer", "Ann");
      expect(await answer()).toBe("Name? Ann\nhello Ann");
      const quiet = await ask(`${home}/quiet.sh`);
      expect(keysOf(quiet)).toEqual(["answer", "ctrl-d", "ctrl-c"]);
      await choose(quiet, "answer", "Bob");
      expect(await answer()).toBe("Bob\nhello Bob");
      for (const words of ["Password: ", "Any words at all", ""]) {
        const hidden = await ask(`${home}/pass.sh '${words}'`);
        expect(hidden.options).toEqual([{ key: "secret", label: "Enter it", takes: "secret" }]);
        const aloud = fixture.host.answer({ name: "demo", question: hidden.id, option: "secret", text: "abcdef" });
        await expect(aloud).rejects.toMatchObject({ code: "usage" });
        await enter(hidden, "abcdef ");
        expect(await answer()).toMatch(/7$/);
      }
      await enter(await ask(`${home}/twice.sh`), "abc");
      const { question: second } = await fixture.log.next("question", "demo", 9);
      await enter(second, "def");
      expect(await answer()).toBe("bcdefg");
    }),
  );

  it.runIf(process.platform === "linux")(
    "takes neither the end of a row nor silence alone for a question",
    { timeout: 60_000 },
    withShard(async (fixture) => {
      await start(fixture, program);
      const { run } = typist(fixture);
      expect(await run(`sh -c "printf 'Checking: '; sleep 1.5; echo ok"`)).toBe("Checking: ok");
      expect(fixture.log.of("question", "demo")).toEqual([]);
    }),
  );

  // A shell that tells no start of a command takes a line feed for it.
  it.runIf(name !== "dash")(
    "is not disturbed by jobs in the background, whenever they print",
    { timeout: 60_000 },
    withShard(async (fixture) => {
      await start(fixture, program);
      const { run } = typist(fixture);
      await run(`sh -c 'for i in 1 2 3 4 5 6; do sleep 0.2; echo tick $i; done; exec sleep 60' &`);
      await expect
        .poll(async () => (await fixture.host.screen({ name: "demo" })).text, { timeout: 8000 })
        .toContain("tick 6");
      expect((await fixture.info()).status.state).toBe("idle");
      expect(await run("echo now")).toBe("now");
      await run("kill %1");
      expect(fixture.log.of("question", "demo")).toEqual([]);
    }),
  );

  it.runIf(has("less"))(
    "offers the keys of a pager",
    { timeout: 60_000 },
    withShard(async (fixture) => {
      await start(fixture, program);
      const { answer, ask, choose } = typist(fixture);
      const page = await ask("seq 200 | less");
      expect(keysOf(page)).toEqual(["space", "q"]);
      expect(page.detail).toMatch(/^1\n2\n/);
      await choose(page, "space");
      const { question: next } = await fixture.log.next("question", "demo", 2);
      expect(next.detail).toContain("\n90\n");
      await choose(next, "q");
      expect(await answer()).toBe("");
    }),
  );

  it.runIf(has("python3"))(
    "prompts what it runs",
    { timeout: 60_000 },
    withShard(async (fixture) => {
      await start(fixture, program);
      const { run } = typist(fixture);
      expect(await run("python3")).toMatch(/^Python 3[^]*more information\.$/);
      expect(await run("6*7")).toBe("42");
      expect(await run("print('a\\n\\n  b')")).toBe("a\n\n  b");
      expect(await run("exit()")).toBe("");
      await run("bash --norc");
      expect(await run("echo nested")).toBe("nested");
      await run("exit");
      expect(await run("echo outer")).toBe("outer");
    }),
  );
});

describe.concurrent("what is no prompt", () => {
  const bash = found.find((one) => basename(one) === "bash");
  const waits = async (fixture: ShardFixture, text: string) => {
    await fixture.host.send({ name: "demo", text, by: "ann" });
    await expect.poll(async () => (await fixture.info()).status.state, { timeout: 8000 }).toMatch(/waiting|unsure/);
    return (await fixture.host.send({ name: "demo", text: "yes" })).outcome;
  };

  it.runIf(bash).for([
    ["Start it? [Y/n]", "read -p 'Start it? [Y/n] ' x\n", ["y", "n"]],
    ["Enter passphrase for key '/x':", `read -s -p "Enter passphrase for key '/x': " x\necho\n`, ["secret"]],
  ] as const)("the user's own files may ask first: %s", async ([text, rc, keys]) => {
    await withShard(async (fixture) => {
      writeFileSync(join(dirname(fixture.folders.home), ".bashrc"), rc);
      fixture.testHost = await openTestHost(fixture.folders, { shell }, { env: { SHELL: bash ?? "" } });
      await fixture.host.spawn({ name: "demo", by: "ann" });
      const { question } = await fixture.log.next("question", "demo");
      expect([question.text, keysOf(question)]).toEqual([text, keys]);
      expect(await fixture.host.send({ name: "demo", text: "echo x" })).toMatchObject({ outcome: "refused" });
      const secret = keys[0] === "secret" && { secret: true, text: "abc" };
      await fixture.host.answer({ name: "demo", question: question.id, option: keys[0], ...secret });
      await fixture.reaches("idle");
      expect(await typist(fixture).run("echo fine")).toBe("fine");
    })();
  });

  it.runIf(bash).for(["Delete all? > ", "Name$ ", "> ", "box# "])("what read asks by: %s", async (asks) => {
    await withShard(async (fixture) => {
      await start(fixture, bash ?? "");
      const { answer, ask, choose } = typist(fixture);
      await choose(await ask(`read -p '${asks}' x; echo "got $x"`), "answer", "it");
      expect(await answer()).toMatch(/got it$/);
    })();
  });

  it.runIf(bash)(
    "a secret is not typed where the terminal shows it",
    withShard(async (fixture) => {
      await start(fixture, bash ?? "");
      const { answer, ask, enter } = typist(fixture);
      const asked = await ask("read -p 'Token: ' x");
      expect(asked.options).toMatchObject([{ takes: "secret" }]);
      await expect(enter(asked, "abcdef")).rejects.toMatchObject({ code: "refused" });
      await fixture.host.press({ name: "demo", keys: ["ctrl-c"] });
      expect(await answer()).not.toContain("abcdef");
    }),
  );

  it.runIf(bash && has("fzf")).for(["seq 5 | fzf", "seq 5 | fzf --height 8"])("a list: %s", async (line) => {
    await withShard(async (fixture) => {
      await start(fixture, bash ?? "");
      expect(await waits(fixture, line)).toBe("refused");
    })();
  });

  it.runIf(bash && has("whiptail"))(
    "dialogs of a program on the whole screen",
    { timeout: 60_000 },
    withShard(async (fixture) => {
      await start(fixture, bash ?? "");
      const { answer, ask, choose, run } = typist(fixture);
      const asked = await ask("whiptail --yesno 'Delete it all?' 8 40");
      expect(asked).toMatchObject({
        text: "Delete it all?",
        options: [{ label: "Yes", chosen: true }, { label: "No" }],
      });
      await choose(asked, "button 2");
      await answer();
      expect(await run("echo $?")).toBe("1");
      expect(await waits(fixture, "whiptail --radiolist 'Which?' 12 40 3 a one on b two off")).toBe("refused");
    }),
  );

  it.runIf(bash).for([
    ["set -x", "set -x\n", "+ printf 42\n42"],
    ["a DEBUG trap", `trap 'echo "+ $BASH_COMMAND"' DEBUG\n`, "+ printf 42\n42"],
    ["a PS0", "PS0='[start]\\n'\n", "42"],
    ["a printf", "printf() { command printf '<%s>' \"$@\"; }\n", "<42>"],
  ] as const)("nothing of ours is in an answer with %s", async ([, rc, printed]) => {
    await withShard(async (fixture) => {
      await start(fixture, bash ?? "", { ".bashrc": rc });
      const { run } = typist(fixture);
      expect(await run("printf 42")).toBe(printed);
      expect(await run("sleep 0.7; printf 42")).toContain(printed);
    })();
  });

  const zsh = found.find((one) => basename(one) === "zsh");
  it.runIf(zsh)(
    "what a precmd function prints is in no answer",
    withShard(async (fixture) => {
      await start(fixture, zsh ?? "", { ".zshrc": "precmd() { print -P '%~ ---' }\n" });
      const { run } = typist(fixture);
      expect(await run("printf 42")).toBe("42");
      expect(await run("(exit 3)")).toBe("");
      expect(await run("echo $?")).toBe("3");
    }),
  );
});

const prompts: [string, string, Record<string, string>][] = [
  ["bash", "one that is slow", { ".bashrc": `PS1='$(sleep 0.6; printf x)\\$ '\n` }],
  ["bash", "one that is made anew each time", { ".bashrc": `theme() { PS1="[$?] \\w > "; }\nPROMPT_COMMAND=theme\n` }],
  ["bash", "none", { ".bashrc": "PS1=''\n" }],
  ["bash", "two lines, vi", { ".bashrc": "PS1='\\n\\w\\n> '\nset -o vi\n" }],
  ["zsh", "one that is slow", { ".zshrc": `setopt prompt_subst\nPROMPT='$(sleep 0.6; printf x)%# '\n` }],
  [
    "zsh",
    "one that is made anew each time",
    { ".zshrc": `theme() { PROMPT="[$?] %~ > " }\nprecmd_functions+=(theme)\n` },
  ],
  ["zsh", "none", { ".zshrc": "PROMPT=''\n" }],
  ["zsh", "two lines, one at the right, vi", { ".zshrc": "PROMPT=$'%~\\n> '\nRPROMPT='%D{%T}'\nbindkey -v\n" }],
  [
    "zsh",
    "a transient one and a hook of its own",
    {
      ".zshrc": `PROMPT='long %~ > '\nfin() { PROMPT='> ' zle reset-prompt }\nzle -N zle-line-finish fin\nini() { : }\nzle -N zle-line-init ini\n`,
    },
  ],
  [
    "zsh",
    "a hook that is replaced later",
    { ".zshrc": `late() { ini() { : }; zle -N zle-line-init ini }\nprecmd_functions+=(late)\n` },
  ],
  ["fish", "one that is slow", { ".config/fish/config.fish": "function fish_prompt; sleep 0.6; echo -n 'x> '; end\n" }],
  ["fish", "none", { ".config/fish/config.fish": "function fish_prompt; end\n" }],
  [
    "fish",
    "two lines, one at the right, vi",
    {
      ".config/fish/config.fish":
        "fish_vi_key_bindings\nfunction fish_prompt; echo; pwd; echo -n '> '; end\nfunction fish_right_prompt; date; end\n",
    },
  ],
];

describe.concurrent("prompts", () => {
  for (const [name, what, files] of prompts) {
    const program = found.find((one) => basename(one) === name);
    it.runIf(program)(
      `${name}: ${what}`,
      { timeout: 60_000 },
      withShard(async (fixture) => {
        await start(fixture, program ?? "", files);
        const { answer, ask, choose, run } = typist(fixture);
        const [first, second] = ["sleep 0.5; printf 42", "cat > gcc.sh <<'EOF'\ngcc -o x x.c\nEOF"];
        await fixture.host.send({ name: "demo", text: first });
        await fixture.host.send({ name: "demo", text: name === "fish" ? "echo 'gcc -o x x.c' > gcc.sh" : second });
        expect(await answer()).toBe("42");
        expect(await answer()).toBe("");
        expect(await run("cat gcc.sh")).toBe("gcc -o x x.c");
        expect(await run("false")).toBe("");
        await choose(await ask("echo it's"), "ctrl-c");
        await answer();
        expect(await run("printf 'x\\ny'")).toBe("x\ny");
      }),
    );
  }
});
