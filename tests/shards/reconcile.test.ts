import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fakeKind } from "../fakes/fake-kind.ts";
import { clear, git, type Ground, holdersOf, makeGround, openStage, reaches, socketOf, type Stage } from "./stage.ts";

let ground: Ground;
let stage: Stage;

beforeEach(async () => {
  ground = makeGround();
  stage = await openStage(ground, { fake: fakeKind });
});

afterEach(() => clear(stage, ground));

async function spawnDemo(): Promise<string> {
  const { worktree } = await stage.host.spawn({ name: "demo", by: "ann" });
  await reaches(stage.host, "demo", "idle");
  return worktree;
}

async function again(): Promise<void> {
  await stage.close();
  stage = await openStage(ground, { fake: fakeKind });
}

const commit = (folder: string, ...more: string[]) =>
  git(folder, "-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "--quiet", "--allow-empty", ...more);
const worktrees = () =>
  [...git(ground.repo, "worktree", "list", "--porcelain").matchAll(/^worktree (.*)$/gm)].map(([, path]) => path);

describe("a holder", () => {
  it("that can be reached again is taken back, and a person is told once", async () => {
    await spawnDemo();
    const socket = socketOf(ground);
    await stage.close();
    renameSync(socket, `${socket}.away`);
    await again();
    await reaches(stage.host, "demo", "lost");
    await stage.host.reconcile();
    expect(await stage.host.list()).toMatchObject([{ alive: false, status: { state: "lost" } }]);

    renameSync(`${socket}.away`, socket);
    await stage.host.reconcile();
    await stage.log.next("found", "demo");
    await reaches(stage.host, "demo", "idle");
    await stage.host.reconcile();
    expect(await stage.host.send({ name: "demo", text: "SAY back ENDSAY" })).toMatchObject({ outcome: "submitted" });
    expect(await stage.log.next("answer", "demo")).toMatchObject({ text: "back", truncated: false });
    const kinds = stage.log.events.flatMap((event) => (event.type === "state" ? [event.status.state] : [event.type]));
    expect(kinds.filter((kind) => kind === "found" || kind === "lost")).toEqual(["lost", "found"]);
    expect(holdersOf(ground)).toHaveLength(1);
  });

  it("that vanishes without a word leaves a lost shard, which can be resumed", async () => {
    await spawnDemo();
    process.kill(holdersOf(ground)[0]!, "SIGKILL");
    await reaches(stage.host, "demo", "lost");
    await stage.host.reconcile();
    await reaches(stage.host, "demo", "lost");
    await stage.host.resume({ name: "demo" });
    await reaches(stage.host, "demo", "idle");
    expect(stage.log.of("found", "demo")).toEqual([]);
  });
});

describe("a worktree that somebody removed", () => {
  it("is told of once, until it is there again, and its commits stay", async () => {
    const worktree = await spawnDemo();
    commit(worktree, "-m", "Only here");
    rmSync(worktree, { recursive: true });
    await stage.host.reconcile();
    const told = { worktree, branch: "shard/demo" };
    expect(await stage.log.next("missing", "demo")).toMatchObject(told);
    expect((await stage.host.list())[0]?.status.why).toMatch(/^its worktree is gone; /);
    await again();
    await stage.host.reconcile();
    expect(stage.log.of("missing", "demo")).toEqual([]);

    mkdirSync(worktree);
    await stage.host.reconcile();
    expect((await stage.host.list())[0]?.status.why).not.toContain("worktree");
    rmSync(worktree, { recursive: true });
    await stage.host.reconcile();
    expect(await stage.log.next("missing", "demo")).toMatchObject(told);

    await expect(stage.host.destroy({ name: "demo" })).rejects.toMatchObject({ code: "unsaved_work" });
    expect(git(ground.repo, "log", "-1", "--format=%s", "shard/demo")).toBe("Only here");
  });

  it("is not told of while the shard is being removed", async () => {
    rmSync(await spawnDemo(), { recursive: true });
    const destroyed = stage.host.destroy({ name: "demo", force: true });
    await stage.host.reconcile();
    await destroyed;
    expect(stage.log.of("missing", "demo")).toEqual([]);
    expect(await stage.host.list()).toEqual([]);
  });
});

describe("git's list of worktrees", () => {
  /** A worktree as a shard has one, without a shard. */
  function stray(name: string, ...options: string[]): string {
    const path = join(ground.home, "worktrees/app", name);
    git(ground.repo, "worktree", "add", "--quiet", "--lock", ...options, path);
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
    const theirs = join(ground.home, "../theirs");
    git(ground.repo, "worktree", "add", "--quiet", "-b", "theirs", theirs);
    for (const path of [shard, gone, plain, work, theirs]) rmSync(path, { recursive: true });

    await stage.host.reconcile();
    expect(new Set(worktrees())).toEqual(new Set([ground.repo, shard, there, join(theirs), work]));
    expect(git(ground.repo, "log", "-1", "--format=%s", "shard/gone")).toBe("Only on its branch");
    expect(readdirSync(there)).toContain("mine.txt");
  });

  it("is left alone where the repo is gone", async () => {
    renameSync(ground.repo, `${ground.repo}.away`);
    await stage.host.reconcile();
    renameSync(`${ground.repo}.away`, ground.repo);
    expect(worktrees()).toEqual([ground.repo]);
  });
});

describe("the state folder", () => {
  it("loses folders and sockets of no shard and of no process", async () => {
    await spawnDemo();
    const folder = (name: string) => join(ground.home, "shards", name);
    const socket = (name: string) => join(ground.home, "run", name);
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
    const own = readdirSync(join(ground.home, "run")).filter((name) => !/^[01]{8}|other/.test(name));

    await stage.host.reconcile();
    // Where there is no /proc, a process is known by its arguments alone.
    const open = process.platform === "linux" ? ["open"] : [];
    expect(readdirSync(join(ground.home, "shards")).toSorted()).toEqual(["demo", "named", ...open]);
    expect(readdirSync(join(ground.home, "run")).toSorted()).toEqual(
      [...own, "11111111.sock", "other.sock"].toSorted(),
    );
    process.kill(Number(orphan), "SIGKILL");
    holder.kill();
    server.close();
    await reaches(stage.host, "demo", "idle");
  });
});
