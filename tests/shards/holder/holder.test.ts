import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { connect as dial } from "node:net";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { launchHolder } from "../../../src/shards/holder/launch.ts";
import type { HolderSpec } from "../../../src/shards/holder/protocol.ts";
import { isAlive } from "../../../src/shards/process/processes.ts";
import { environment, holders, textOf, type Watcher } from "./setup.ts";

const { run, connect, specOf, folder } = holders();

const seen = (watcher: Watcher, text: string) =>
  vi.waitFor(() => expect(textOf(watcher.views.at(-1))).toContain(text), { timeout: 20_000, interval: 20 });
const ended = (watcher: Watcher) =>
  vi.waitFor(() => expect(watcher.exits).toHaveLength(1), { timeout: 20_000, interval: 20 });

/** Runs a script that starts, without an echo, when its client writes a line. */
async function armed(script: string, more: Partial<HolderSpec> = {}) {
  const shard = await run(`stty -echo; echo ready; read go; ${script}`, more);
  await shard.client.watch();
  await seen(shard, "ready");
  return shard;
}

describe("a holder", () => {
  it("runs a program in a terminal of the size that was asked for, and shows what it prints", async () => {
    const shard = await run("stty size; tty >/dev/null && echo terminal; pwd -P; exec cat", {
      size: { cols: 100, rows: 30 },
    });
    await shard.client.watch();
    await seen(shard, "terminal");
    expect(shard.views.at(-1)).toMatchObject({ cols: 100, top: 0, title: "", alternate: false, bracketedPaste: false });
    expect(shard.views.at(-1)?.rows).toHaveLength(30);
    expect(textOf(shard.views.at(-1))).toMatch(/^30 100\nterminal\n.*holder-/);
    await shard.client.write("grüße\r");
    await seen(shard, "grüße\ngrüße");
    expect(textOf(await shard.client.view())).toBe(textOf(shard.views.at(-1)));
    expect(shard.client.welcome).toMatchObject({
      hello: 1,
      shard: "shard-0",
      operations: expect.arrayContaining(["rows"]) as string[],
    });
  });

  it("reports title, modes, marks and notices", async () => {
    const shard = await run(
      String.raw`printf '\033]0;a title\007\033[?2004h\033[?1049h\033]9;look here\007\033]133;D;3\007\033]133;A\007$ '; exec cat`,
    );
    await shard.client.watch();
    await seen(shard, "$");
    expect(shard.views.at(-1)).toMatchObject({
      title: "a title",
      alternate: true,
      bracketedPaste: true,
      mark: { kind: "prompt", row: 0, exit: 3 },
      notice: { text: "look here" },
    });
  });

  it("answers the terminal queries of its program", async () => {
    const shard = await run(String.raw`stty raw -echo; printf '\033[6n'; head -c 6 | od -c; exec cat`);
    await shard.client.watch();
    await seen(shard, "033   [   1   ;   1   R");
    expect(textOf(shard.views.at(-1)).match(/033/g)).toHaveLength(1);
  });

  it("gives exactly the rows that are missing, across more than the scrollback", async () => {
    const shard = await armed("while read a b; do seq $a $b; done");
    await shard.client.write("go\n1 100\n");
    await seen(shard, "\n100");
    const first = await shard.client.rows(0);
    expect(first.rows.map(({ text }) => text)).toEqual(["ready", ...numbers(1, 100), ""]);
    await shard.client.write("101 7000\n");
    await seen(shard, "\n7000");
    const all = await shard.client.rows(101);
    // 7002 rows, of which 5000 are in the scrollback and 24 on the screen.
    expect(all.from).toBe(7002 - 5024);
    expect(all.rows.map(({ text }) => text)).toEqual([...numbers(all.from, 7000), ""]);
    expect(await shard.client.rows(7000)).toEqual({
      from: 7000,
      rows: [
        { text: "7000", wrapped: false },
        { text: "", wrapped: false },
      ],
    });
    expect((await shard.client.view()).top).toBe(7002 - 24);
  });

  it.each([
    ["exit 0", { code: 0 }],
    ["exit 7", { code: 7 }],
    ["kill -9 $$", { code: 0, signal: 9 }],
    ["kill -15 $$", { code: 0, signal: 15 }],
  ])("tells how the agent ended: %s", async (script, exit) => {
    const shard = await run(`read go; ${script}`);
    await shard.client.write("go\n");
    await ended(shard);
    expect(shard.exits).toEqual([exit]);
    const later = await connect(shard.spec);
    expect(later.client.welcome.exit).toEqual(exit);
    expect(textOf(await later.client.view())).toBe("go");
    await expect(later.client.write("more")).rejects.toMatchObject({ code: "failed", message: "The agent has ended." });
  });

  it("loses nothing of what is printed right before the end", async () => {
    for (let round = 0; round < 4; round++) {
      const shard = await armed(`seq 1 3000; printf last; exit ${round}`);
      await shard.client.write("go\n");
      await ended(shard);
      expect(shard.exits).toEqual([{ code: round }]);
      expect(textOf(shard.views.at(-1))).toMatch(/2999\n3000\nlast$/);
      const { data } = await shard.client.log(0, 1_000_000);
      expect(data.toString()).toBe(["ready", ...numbers(1, 3000), "last"].join("\r\n"));
    }
  });

  it("serves several clients at once", async () => {
    const one = await run("exec cat");
    const two = await connect(one.spec);
    await Promise.all([one.client.watch(), two.client.watch()]);
    await one.client.write("from one\n");
    await Promise.all([seen(one, "from one\nfrom one"), seen(two, "from one\nfrom one")]);
    one.client.close();
    await two.client.write("from two\n");
    await seen(two, "from two\nfrom two");
    expect(one.closed).toBe(0);
  });

  it("goes on when its client is killed, and shows the next one everything", async () => {
    const spec = specOf("sh", [
      "-c",
      "stty -echo; echo ready; read n; i=0; while [ $i -lt $n ]; do i=$((i+1)); seq 1 1000; done; echo done; exec cat",
    ]);
    await launchHolder(spec, folder());
    const bot = spawn(process.execPath, [join(import.meta.dirname, "watcher.ts"), spec.socket, spec.secret]);
    for await (const chunk of bot.stdout) if (String(chunk).includes("written")) break;
    bot.kill("SIGKILL");
    await once(bot, "exit");
    const next = await connect(spec);
    await next.client.watch();
    await vi.waitFor(async () => expect(textOf(await next.client.view())).toContain("done"));
    const { data } = await next.client.log(0, 1_000_000);
    expect(data.toString()).toBe(
      `ready\r\n${Array<string>(10).fill(numbers(1, 1000).join("\r\n")).join("\r\n")}\r\ndone\r\n`,
    );
  });

  it("logs every byte once, and keeps to its limit", async () => {
    const shard = await armed("seq 1 100000; exec cat", { logLimit: 200_000 });
    await shard.client.write("go\n");
    await seen(shard, "\n100000");
    const expected = Buffer.from(`ready\r\n${numbers(1, 100_000).join("\r\n")}\r\n`);
    let { offset, data, end } = await shard.client.log(0, 1000);
    const first = offset;
    const parts: Buffer[] = [];
    for (let at = offset; at < end; at += data.length) {
      ({ offset, data, end } = await shard.client.log(at, 7777));
      expect(offset).toBe(at);
      parts.push(data);
    }
    expect(end).toBe(expected.length);
    expect((await shard.client.view()).bytes).toBe(end);
    expect(Buffer.concat(parts).equals(expected.subarray(first))).toBe(true);
    expect(end - first).toBeGreaterThan(100_000);
    expect(statSync(shard.spec.log).size + statSync(`${shard.spec.log}.1`).size).toBeLessThanOrEqual(200_000);
  });

  it("leaves no process and no socket when it is told to quit, even with an agent that ignores hangups", async () => {
    const shard = await run("trap '' HUP TERM INT; echo ready; while :; do sleep 1; done");
    const other = await connect(shard.spec);
    await shard.client.watch();
    await seen(shard, "ready");
    const { pid, child } = shard.client.welcome;
    await shard.client.quit();
    expect(existsSync(shard.spec.socket)).toBe(false);
    expect(isAlive(child)).toBe(false);
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
    await vi.waitFor(() => expect([shard.closed, other.closed]).toEqual([0, 1]));
    await expect(other.client.view()).rejects.toMatchObject({ code: "unavailable" });
  });

  it.each(["SIGTERM", "SIGINT"] as const)(
    "ends its agent and itself on %s, and does not mind a hangup",
    async (signal) => {
      const shard = await run("echo ready; exec cat");
      const { pid, child } = shard.client.welcome;
      process.kill(pid, "SIGHUP");
      await shard.client.write("still here\n");
      await shard.client.watch();
      await seen(shard, "still here");
      process.kill(pid, signal);
      await vi.waitFor(() => expect([isAlive(pid), isAlive(child)]).toEqual([false, false]));
      expect(existsSync(shard.spec.socket)).toBe(false);
    },
  );
});

describe("a holder under a flood", () => {
  const forever = (text: string) => `read go; LC_ALL=C; export LC_ALL; yes "$(printf '${text}')" | tr -d '\\n'`;

  it.each([
    ["text, as a control", "some text "],
    ["scroll bombs", String.raw`\033[2147483647S`],
    ["repeat bombs", String.raw`a\033[2147483647b`],
    ["resets", String.raw`\033c`],
    ["queries", String.raw`\033[6n`],
    ["half frames", String.raw`\033[?2026htext`],
  ])("goes on showing the screen: %s", async (_, text) => {
    const shard = await run(forever(text));
    await shard.client.watch();
    await shard.client.write("go\n");
    // Each view has a deadline of five seconds.
    for (let bytes = 10, count = 0; count < 3; count++) {
      await expect.poll(async () => (await shard.client.view()).bytes).toBeGreaterThan(bytes);
      bytes = shard.views.at(-1)?.bytes ?? bytes;
    }
    await vi.waitFor(() => expect(shard.views.length).toBeGreaterThan(3));
    await shard.client.write("\x03");
    await ended(shard);
  });

  it("takes 16 MB in one line", async () => {
    const shard = await run("read go; head -c 16777216 /dev/zero | tr '\\0' x; echo; echo end; exec cat");
    await shard.client.watch();
    await shard.client.write("go\n");
    await seen(shard, "\nend");
    expect((await shard.client.log(16_777_200, 100)).data.toString()).toMatch(/^x+\r\nend\r\n$/);
  });

  it.runIf(process.platform === "linux")("does not grow with an endless title", async () => {
    const shard = await run(
      String.raw`read go; printf '\033]0;'; head -c 12000000 /dev/zero | tr '\0' x; printf '\007end'; exec cat`,
    );
    await shard.client.watch();
    await shard.client.write("go\n");
    await seen(shard, "end");
    const status = readFileSync(`/proc/${shard.client.welcome.pid}/status`, "utf8");
    expect(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1])).toBeLessThan(250_000);
  });

  it("does not wait for a client that does not read, and gives it the newest screen when it does", async () => {
    const size = { cols: 400, rows: 300 };
    const shard = await run("stty -echo; read go; seq -f '%0390.0f' 1 100000; echo end; exec cat", { size });
    const slow = await dialIn(shard.spec);
    slow.socket.write('{"id":1,"op":"watch"}\n');
    await vi.waitFor(() => expect(slow.lines.length).toBeGreaterThan(2));
    slow.socket.pause();
    await shard.client.watch();
    await shard.client.write("go\n");
    await seen(shard, "end");
    slow.socket.resume();
    await vi.waitFor(() => expect(slow.lines.at(-1)).toMatch(/"text":"end"/));
    const bytes = slow.lines.slice(2).map((line) => (JSON.parse(line) as { view: { bytes: number } }).view.bytes);
    expect(bytes).toEqual(bytes.toSorted((a, b) => a - b));
  });
});

describe("a holder is closed to others", () => {
  it("has a socket and files for its owner only, and leaves no spec behind", async () => {
    const shard = await run("umask; exec cat");
    await shard.client.watch();
    await seen(shard, process.umask().toString(8));
    for (const file of [shard.spec.socket, shard.spec.log]) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder()).toSorted()).toEqual(["shard-0.log", "shard-0.sock"]);
  });

  it("gives the agent its own environment and nothing else", async () => {
    process.env["SHARDBRIDGE_TEST_TOKEN"] = "xoxb-secret";
    try {
      const spec = specOf("sh", ["-c", "env; echo end; exec cat"], { env: { ...environment, MARKER: "one two" } });
      await launchHolder(spec, folder());
      const shard = await connect(spec);
      await shard.client.watch();
      await seen(shard, "end");
      const names = textOf(shard.views.at(-1))
        .split("\n")
        .filter((line) => line.includes("="))
        .map((line) => line.split("=")[0]);
      // The shell and node-pty add where they are.
      const added = new Set(["PWD", "OLDPWD", "SHLVL", "_"]);
      expect(new Set(names).difference(added)).toEqual(new Set(["PATH", "HOME", "LANG", "TERM", "MARKER"]));
      if (process.platform !== "linux") return;
      const holder = readFileSync(`/proc/${shard.client.welcome.pid}/environ`, "utf8").split("\0").filter(Boolean);
      expect(holder.filter((entry) => !/^(PATH|HOME|LANG)=/.test(entry))).toEqual([]);
    } finally {
      delete process.env["SHARDBRIDGE_TEST_TOKEN"];
    }
  });

  it.runIf(process.platform === "linux")("no agent has another one's terminal open, or any master", async () => {
    const shards = [
      await run("echo ready; exec cat"),
      await run("echo ready; exec cat"),
      await run("echo ready; exec cat"),
    ];
    const terminals = shards.map(({ client }) => {
      const fds = `/proc/${client.welcome.child}/fd`;
      return readdirSync(fds).map((fd) => readlinkSync(join(fds, fd)));
    });
    for (const open of terminals) {
      expect(open.filter((path) => path.includes("ptmx"))).toEqual([]);
      expect(new Set(open.filter((path) => path.startsWith("/dev/pts/"))).size).toBe(1);
    }
    expect(new Set(terminals.flat().filter((path) => path.startsWith("/dev/pts/"))).size).toBe(3);
  });

  it.each([
    ["a wrong secret", '{"hello":1,"secret":"guess"}', "The secret is wrong."],
    ["no secret", '{"hello":1}', "The secret is wrong."],
    ["a garbage line", "GET / HTTP/1.1", "The first line must be a hello."],
    ["a request first", '{"id":1,"op":"view"}', "The first line must be a hello."],
  ])("refuses %s", async (_, line, error) => {
    const shard = await run("exec cat");
    const stranger = await dialIn(shard.spec, line);
    await vi.waitFor(() => expect(stranger.closed).toBe(true));
    expect(stranger.lines).toEqual([JSON.stringify({ error })]);
    expect(await shard.client.view()).toMatchObject({ top: 0 });
  });

  it("closes on an endless first line, and on garbage later", async () => {
    const shard = await run("exec cat");
    const first = await dialIn(shard.spec, "x".repeat(20_000));
    const later = await dialIn(shard.spec);
    later.socket.write("garbage\n");
    await vi.waitFor(() => expect([first.closed, later.closed]).toEqual([true, true]));
    expect(first.lines).toEqual([]);
  });

  it("welcomes a newer client with its own version, and refuses what it does not know", async () => {
    const shard = await run("exec cat");
    const newer = await dialIn(shard.spec, JSON.stringify({ hello: 99, secret: shard.spec.secret }));
    await vi.waitFor(() => expect(newer.lines).toHaveLength(1));
    expect(JSON.parse(newer.lines[0]!)).toMatchObject({ hello: 1, shard: "shard-0" });
    newer.socket.write(
      '{"id":1,"op":"fly"}\n{"id":2,"op":"rows","from":-1}\n{"id":3,"op":"log","offset":0}\n{"id":4,"op":"write"}\n',
    );
    await vi.waitFor(() => expect(newer.lines).toHaveLength(5));
    expect(newer.lines.slice(1).map((line) => (JSON.parse(line) as { ok: boolean }).ok)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `${from + index}`);
}

/** A bare connection that says hello, rightly or as told, and keeps what it hears. */
async function dialIn(
  spec: { socket: string; secret: string },
  line = JSON.stringify({ hello: 1, secret: spec.secret }),
) {
  const socket = dial(spec.socket);
  const heard = { socket, lines: [] as string[], closed: false };
  let rest = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    heard.lines.push(...parts);
  });
  socket.on("error", () => undefined);
  socket.on("close", () => (heard.closed = true));
  await once(socket, "connect");
  socket.write(`${line}\n`);
  return heard;
}
