import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { fromPs, processesIn } from "../../src/shards/process/process-table.ts";
import { endProcesses, isAlive } from "../../src/shards/process/processes.ts";

/** A bash in a session of its own that runs a script and prints process ids, and another one that is none of the shard's. */
async function startShard(script: string) {
  const name = "SHARDBRIDGE_TEST_SHARD";
  const id = randomUUID();
  const agent = spawn("bash", ["-c", script], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
    env: { PATH: process.env["PATH"], [name]: id },
  });
  const pids: number[] = [agent.pid!];
  onTestFinished(() => {
    for (const pid of pids) if (isAlive(pid)) process.kill(pid, "SIGKILL");
  });
  for await (const chunk of agent.stdout) {
    const lines = String(chunk).trim().split("\n");
    pids.push(...lines.map(Number).filter(Boolean));
    if (lines.includes("ready")) break;
  }
  return { child: agent.pid!, agent, pids, marker: `${name}=${id}` };
}

const alive = (pids: readonly number[]) => pids.filter((pid) => isAlive(pid));

/** A process that ignores what can be ignored, and says its id when it does. */
const stubborn = `trap '' HUP TERM INT; echo $BASHPID; exec sleep 1000 >/dev/null`;

describe("ending a shard's processes", () => {
  it("ends those that can be asked at once", async () => {
    const { child, pids, marker } = await startShard("sleep 1000 >/dev/null & echo $!; echo ready; wait");
    expect(alive(pids)).toHaveLength(2);
    const started = performance.now();
    expect(await endProcesses({ child, marker })).toEqual([]);
    expect(alive(pids)).toEqual([]);
    expect(performance.now() - started).toBeLessThan(2500);
  });

  it.each([
    [
      "job-control children, each in a group of its own",
      "set -m; sleep 1000 >/dev/null & echo $!; sleep 1001 >/dev/null & echo $!",
    ],
    ["a child in a session of its own", "setsid sleep 1000 >/dev/null & echo $!"],
    ["a child that ignores hangups and terms", `(${stubborn}) &`],
    ["a child in another session that ignores them", `setsid bash -c '${stubborn.replaceAll("'", `'"'"'`)}' &`],
    ["a stopped child", "sleep 1000 >/dev/null & echo $!; kill -STOP $!"],
    ["a child of the session without the marker", `env -i "$(type -P sleep)" 1000 >/dev/null & echo $!`],
    ["a child in another session without the marker", `setsid env -i "$(type -P sleep)" 1000 >/dev/null & echo $!`],
    [
      "a child in another session without the marker that ignores them, when its parent is gone already",
      `setsid env -i "$(type -P bash)" -c '${stubborn.replaceAll("'", `'"'"'`).replace("exec sleep", "exec /bin/sleep")}' &`,
    ],
    [
      "a grandchild without the marker, of a child that is in another session",
      `setsid bash -c 'env -i /bin/sleep 1000 >/dev/null & echo $!; wait' &`,
    ],
    [
      "a child that starts another one when it is asked to end",
      `(trap 'setsid sleep 1000 >/dev/null & echo $!; exit' TERM; echo $BASHPID; while :; do sleep 0.1; done) &`,
    ],
  ])("ends %s", async (_, script) => {
    const { child, pids, marker } = await startShard(
      `${script}\nwhile :; do sleep 0.05; done &\nsleep 0.3; echo ready; wait`,
    );
    expect(alive(pids).length).toBeGreaterThanOrEqual(2);
    expect(await endProcesses({ child, marker })).toEqual([]);
    expect(alive(pids)).toEqual([]);
  });

  it("tells which could not be ended", async () => {
    const { child, pids, marker } = await startShard("sleep 1000 >/dev/null & echo $!; echo ready; wait");
    const immortal = pids[1]!;
    const send = (pid: number, name: NodeJS.Signals) => pid !== immortal && process.kill(pid, name);
    expect(await endProcesses({ child, marker, send })).toEqual([immortal]);
    expect(alive(pids)).toEqual([immortal]);
  });

  it("finds the others when the agent itself is gone", async () => {
    const { child, agent, pids, marker } = await startShard(
      `(${stubborn}) & setsid sleep 1000 >/dev/null & echo $!; sleep 0.2; echo ready; wait`,
    );
    agent.kill("SIGKILL");
    await once(agent, "exit");
    expect(alive(pids)).toHaveLength(2);
    expect(await endProcesses({ child, marker })).toEqual([]);
    expect(alive(pids)).toEqual([]);
  });

  it("leaves everybody else alone: another shard, and a process that has the agent's id by now", async () => {
    const shard = await startShard("echo ready; exec sleep 1000 >/dev/null");
    const other = await startShard("sleep 1000 >/dev/null & echo $!; echo ready; wait");
    expect(await endProcesses({ child: other.child, marker: shard.marker })).toEqual([]);
    expect(alive(shard.pids)).toEqual([]);
    expect(alive(other.pids)).toHaveLength(2);
  });

  it("never ends the process that asks, though it has the marker", async () => {
    const marker = `SHARDBRIDGE_TEST_SHARD=${randomUUID()}`;
    const module = new URL("../../src/shards/process/processes.ts", import.meta.url).href;
    const script = `import { endProcesses } from "${module}";
      process.stdout.write(JSON.stringify(await endProcesses({ child: process.pid, marker: "${marker}" })));`;
    const [name = "", value] = marker.split("=");
    const caller = spawn(process.execPath, ["--input-type=module", "-e", script], {
      detached: true,
      env: { [name]: value },
    });
    const printed: string[] = [];
    caller.stdout.on("data", (chunk) => printed.push(String(chunk)));
    const [code] = (await once(caller, "close")) as [number | null];
    expect([code, printed.join("")]).toEqual([0, "[]"]);
  });

  it("does nothing when nothing is left", async () => {
    const { child, agent, marker } = await startShard("echo ready");
    if (agent.exitCode === null) await once(agent, "exit");
    expect(await endProcesses({ child, marker })).toEqual([]);
  });

  it("takes a zombie for dead", async () => {
    // The parent never waits for its child.
    const { pids, child, marker } = await startShard(`sleep 0.01 & echo $!; echo ready; exec sleep 1000 >/dev/null`);
    const zombie = pids[1]!;
    await vi.waitFor(() => expect(isAlive(zombie)).toBe(false));
    expect(process.kill(zombie, 0)).toBe(true);
    expect(await endProcesses({ child, marker })).toEqual([]);
  });

  it("finds the same processes by ps as where there is /proc", async () => {
    const { child, pids, marker } = await startShard("set -m; sleep 1000 >/dev/null & echo $!; echo ready; wait");
    const found = (await fromPs(marker)).filter(({ marked }) => marked);
    expect(new Set(found.map(({ pid }) => pid))).toEqual(new Set(pids));
    expect(found.find(({ pid }) => pid === child)?.session).toBe(child);
    await endProcesses({ child, marker });
  });
});

describe.runIf(process.platform === "linux")("processes in a folder", () => {
  it("are those that work in it or have a file of it open, however they were started", async () => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), "processes-")));
    onTestFinished(() => rmSync(root, { recursive: true }));
    const [folder, beside] = [join(root, "tree"), join(root, "tree-2")];
    for (const path of [folder, beside, join(folder, "deep")]) mkdirSync(path);
    const daemon = (place: string) => `(cd ${place}; setsid env -i /bin/sleep 1000 >/dev/null & echo $!)`;
    const { child, pids, marker } = await startShard(
      `${daemon(join(folder, "deep"))}; ${daemon(beside)}; (cd /; setsid env -i /bin/sleep 1000 >${folder}/log & echo $!); sleep 0.3; echo ready; exec sleep 1000`,
    );
    const [, inside, neighbour, writer] = pids;
    // Their parents are gone, and their environment too.
    expect(await endProcesses({ child, marker })).toEqual([]);
    expect(alive(pids)).toEqual([inside, neighbour, writer]);
    expect((await processesIn(folder)).toSorted((a, b) => a - b)).toEqual([inside!, writer!].toSorted((a, b) => a - b));
  });

  it("are not this one and its children", async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "processes-")));
    const own = spawn("sleep", ["1000"], { cwd: folder });
    onTestFinished(() => {
      own.kill("SIGKILL");
      rmSync(folder, { recursive: true });
    });
    await once(own, "spawn");
    expect(await processesIn(folder)).toEqual([]);
  });
});
