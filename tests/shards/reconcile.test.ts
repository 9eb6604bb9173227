import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fakeKind } from "../fakes/fake-kind.ts";
import {
  clear,
  git,
  type TestFolders,
  holdersOf,
  makeFolders,
  openTestHost,
  reaches,
  socketOf,
  type TestHost,
} from "./test-host.ts";

let folders: TestFolders;
let testHost: TestHost;

beforeEach(async () => {
  folders = makeFolders();
  testHost = await openTestHost(folders, { fake: fakeKind });
});

afterEach(() => clear(testHost, folders));

async function spawnDemo(): Promise<string> {
  const { worktree } = await testHost.host.spawn({ name: "demo", by: "ann" });
  await reaches(testHost.host, "demo", "idle");
  return worktree;
}

async function again(): Promise<void> {
  await testHost.close();
  testHost = await openTestHost(folders, { fake: fakeKind });
}

const commit = (folder: string, ...more: string[]) =>
  git(folder, "-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "--quiet", "--allow-empty", ...more);
const worktrees = () =>
  [...git(folders.repo, "worktree", "list", "--porcelain").matchAll(/^worktree (.*)$/gm)].map(([, path]) => path);

describe("a holder", () => {
  it("that can be reached again is taken back, and a person is told once", async () => {
    await spawnDemo();
    const socket = socketOf(folders);
    await testHost.close();
    renameSync(socket, `${socket}.away`);
    await again();
    await reaches(testHost.host, "demo", "lost");
    await testHost.host.reconcile();
    expect(await testHost.host.list()).toMatchObject([{ alive: false, status: { state: "lost" } }]);

    renameSync(`${socket}.away`, socket);
    await testHost.host.reconcile();
    await testHost.log.next("found", "demo");
    await reaches(testHost.host, "demo", "idle");
    await testHost.host.reconcile();
    expect(await testHost.host.send({ name: "demo", text: "SAY back ENDSAY" })).toMatchObject({ outcome: "submitted" });
    expect(await testHost.log.next("answer", "demo")).toMatchObject({ text: "back", truncated: false });
    const kinds = testHost.log.events.flatMap((event) =>
      event.type === "state" ? [event.status.state] : [event.type],
    );
    expect(kinds.filter((kind) => kind === "found" || kind === "lost")).toEqual(["lost", "found"]);
    expect(holdersOf(folders)).toHaveLength(1);
  });

  it("that vanishes without a word leaves a lost shard, which can be resumed", async () => {
    await spawnDemo();
    process.kill(holdersOf(folders)[0]!, "SIGKILL");
    await reaches(testHost.host, "demo", "lost");
    await testHost.host.reconcile();
    await reaches(testHost.host, "demo", "lost");
    await testHost.host.resume({ name: "demo" });
    await reaches(testHost.host, "demo", "idle");
    expect(testHost.log.of("found", "demo")).toEqual([]);
  });
});

describe("a worktree that somebody removed", () => {
  it("is told of once, until it is there again, and its commits stay", async () => {
    const worktree = await spawnDemo();
    commit(worktree, "-m", "Only here");
    rmSync(worktree, { recursive: true });
    await testHost.host.reconcile();
    const told = { worktree, branch: "shard/demo" };
    expect(await testHost.log.next("missing", "demo")).toMatchObject(told);
    expect((await testHost.host.list())[0]?.status.why).toMatch(/^its worktree is gone; /);
    await again();
    await testHost.host.reconcile();
    expect(testHost.log.of("missing", "demo")).toEqual([]);

    mkdirSync(worktree);
    await testHost.host.reconcile();
    expect((await testHost.host.list())[0]?.status.why).not.toContain("worktree");
    rmSync(worktree, { recursive: true });
    await testHost.host.reconcile();
    expect(await testHost.log.next("missing", "demo")).toMatchObject(told);

    await expect(testHost.host.destroy({ name: "demo" })).rejects.toMatchObject({ code: "unsaved_work" });
    expect(git(folders.repo, "log", "-1", "--format=%s", "shard/demo")).toBe("Only here");
  });

  it("is not told of while the shard is being removed", async () => {
    rmSync(await spawnDemo(), { recursive: true });
    const destroyed = testHost.host.destroy({ name: "demo", force: true });
    await testHost.host.reconcile();
    await destroyed;
    expect(testHost.log.of("missing", "demo")).toEqual([]);
    expect(await testHost.host.list()).toEqual([]);
  });
});

describe("git's list of worktrees", () => {
  /** A worktree as a shard has one, without a shard. */
  function stray(name: string, ...options: string[]): string {
    const path = join(folders.home, "worktrees/app", name);
    git(folders.repo, "worktree", "add", "--quiet", "--lock", ...options, path);
    return path;
  }

  it("loses those of ours whose folder is gone, and no work", async () => {
    const shard = await spawnDemo();
    const gone = stray("gone", "-b", "shard/gone");
    commit(gone, "-m", "Only on its branch");
    const plain = stray("plain", "--detach");
    const work = stray("work", "--detach");
    commit(work, "-m", "On no branch");
    const there = stray("there", "-b", "shard/there");
    writeFileSync(join(there, "mine.txt"), "x");
    const theirs = join(folders.home, "../theirs");
    git(folders.repo, "worktree", "add", "--quiet", "-b", "theirs", theirs);
    for (const path of [shard, gone, plain, work, theirs]) rmSync(path, { recursive: true });

    await testHost.host.reconcile();
    expect(new Set(worktrees())).toEqual(new Set([folders.repo, shard, there, join(theirs), work]));
    expect(git(folders.repo, "log", "-1", "--format=%s", "shard/gone")).toBe("Only on its branch");
    expect(readdirSync(there)).toContain("mine.txt");
  });

  it("is left alone where the repo is gone", async () => {
    renameSync(folders.repo, `${folders.repo}.away`);
    await testHost.host.reconcile();
    renameSync(`${folders.repo}.away`, folders.repo);
    expect(worktrees()).toEqual([folders.repo]);
  });
});

describe("the state folder", () => {
  it("loses folders and sockets of no shard and of no process", async () => {
    await spawnDemo();
    const folder = (name: string) => join(folders.home, "shards", name);
    const socket = (name: string) => join(folders.home, "run", name);
    for (const name of ["gone", "open", "named"]) {
      mkdirSync(folder(name));
      writeFileSync(join(folder(name), "output.log"), "x");
    }
    // Not a child of this process: a host's own, such as git, work where it sends them.
    const orphan = execFileSync("sh", ["-c", "sleep 1000 >/dev/null 2>&1 & echo $!"], { cwd: folder("open") });
    const holder = spawn("tail", ["-f", "/dev/null", join(folder("named"), "0.spec")], { stdio: "ignore" });
    await once(holder, "spawn");
    const listen = `require("net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))`;
    expect(() => execFileSync(process.execPath, ["-e", listen, socket("00000000.sock")])).toThrow(/Command failed/);
    expect(existsSync(socket("00000000.sock"))).toBe(true);
    const server = createServer().listen(socket("11111111.sock"));
    await once(server, "listening");
    writeFileSync(socket("other.sock"), "");
    const own = readdirSync(join(folders.home, "run")).filter((name) => !/^[01]{8}|other/.test(name));

    await testHost.host.reconcile();
    // Where there is no /proc, a process is known by its arguments alone.
    const open = process.platform === "linux" ? ["open"] : [];
    expect(readdirSync(join(folders.home, "shards")).toSorted()).toEqual(["demo", "named", ...open]);
    expect(readdirSync(join(folders.home, "run")).toSorted()).toEqual(
      [...own, "11111111.sock", "other.sock"].toSorted(),
    );
    process.kill(Number(orphan), "SIGKILL");
    holder.kill();
    server.close();
    await reaches(testHost.host, "demo", "idle");
  });
});
