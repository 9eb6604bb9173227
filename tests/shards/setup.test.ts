import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCommands } from "../../src/shards/lifecycle/run-commands.ts";
import { readRepoInstructions } from "../../src/shards/lifecycle/setup-file.ts";
import { fakeKind } from "../fakes/fake-kind.ts";
import { clear, git, makeFolders, openTestHost, type TestFolders, type TestHost } from "./test-host.ts";

let folders: TestFolders;
let testHost: TestHost;
beforeEach(async () => {
  folders = makeFolders();
  testHost = await openTestHost(folders, { fake: fakeKind }, { env: { APP_TOKEN: "not-for-agents" } });
});
afterEach(() => clear(testHost, folders));

function commit(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folders.repo, path), text);
  git(folders.repo, "add", ...Object.keys(files));
  git(folders.repo, "-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "--quiet", "-m", "Setup");
}
const config = (content: object) => commit({ ".shardbridge.json": JSON.stringify(content) });

/** A shard whose setup file was approved, with what came of that. */
async function approved(name = "first") {
  const shard = await testHost.host.spawn({ name });
  const { hash, outcome } = await testHost.log.next("setup", name);
  expect(outcome).toBe("unapproved");
  await testHost.host.approveSetup({ name, hash, by: "Ann" });
  return { shard, hash, event: await testHost.log.next("setup", name, 2) };
}

describe("a repo's setup file", () => {
  it("is run once that very content was approved: for the shard that was there, and for each new one before its agent", async () => {
    writeFileSync(join(folders.repo, ".env"), "PORT=1\n");
    commit({ ".gitignore": ".env\nmade\n" });
    config({ copy: [".env"], setup: ["echo one > made", "echo two >> made; env >> made"], teardown: [] });
    const first = await testHost.host.spawn({ name: "first" });
    const told = await testHost.log.next("setup", "first");
    expect(told).toMatchObject({
      outcome: "unapproved",
      repo: "app",
      setup: { copy: [".env"], setup: ["echo one > made", "echo two >> made; env >> made"], teardown: [] },
    });
    expect(existsSync(join(first.worktree, "made"))).toBe(false);
    await testHost.host.approveSetup({ name: "first", hash: told.hash, by: "Ann" });
    expect(await testHost.log.next("setup", "first", 2)).toMatchObject({ outcome: "done" });
    expect(readFileSync(join(first.worktree, "made"), "utf8")).toMatch(/^one\ntwo\n/);
    expect(readFileSync(join(first.worktree, "made"), "utf8")).not.toContain("not-for-agents");
    expect(readFileSync(join(first.worktree, ".env"), "utf8")).toBe("PORT=1\n");
    await expect(testHost.host.approveSetup({ name: "first", hash: told.hash })).rejects.toMatchObject({
      code: "refused",
    });

    await testHost.close();
    testHost = await openTestHost(folders, { fake: fakeKind });
    const second = await testHost.host.spawn({ name: "second" });
    expect(readFileSync(join(second.worktree, "made"), "utf8")).toMatch(/^one\ntwo\n/);
    expect(await testHost.log.next("setup", "second")).toMatchObject({ outcome: "done" });

    config({ setup: ["echo other > made"] });
    const third = await testHost.host.spawn({ name: "third" });
    expect(await testHost.log.next("setup", "third")).toMatchObject({ outcome: "unapproved" });
    expect(existsSync(join(third.worktree, "made"))).toBe(false);
  });

  it("sets up every shard that waits for it, by one approval, and by a second one what came meanwhile", async () => {
    config({ setup: ["touch made"] });
    const shards = await Promise.all(["first", "second"].map((name) => testHost.host.spawn({ name })));
    const { hash } = await testHost.log.next("setup", "first");
    await testHost.log.next("setup", "second");
    await testHost.host.approveSetup({ name: "second", hash, by: "Ann" });
    for (const { name, worktree } of shards) {
      expect(await testHost.log.next("setup", name, 2)).toMatchObject({ outcome: "done", by: "Ann" });
      expect(existsSync(join(worktree, "made"))).toBe(true);
    }
    for (const { name } of shards)
      await expect(testHost.host.approveSetup({ name, hash })).rejects.toMatchObject({ code: "refused" });
  });

  it("of 4,000 lines is told whole", async () => {
    const setup = Array.from({ length: 4_000 }, (_, line) => `: ${line}`);
    config({ setup });
    await testHost.host.spawn({ name: "first" });
    expect(await testHost.log.next("setup", "first")).toMatchObject({ outcome: "unapproved", setup: { setup } });
  });

  it("that an agent has changed meanwhile is not run by the approval of what it was", async () => {
    config({ setup: ["touch made"] });
    const shard = await testHost.host.spawn({ name: "first" });
    const { hash } = await testHost.log.next("setup", "first");
    writeFileSync(join(shard.worktree, ".shardbridge.json"), JSON.stringify({ setup: ["touch evil"] }));
    await testHost.host.approveSetup({ name: "first", hash });
    const second = await testHost.host.spawn({ name: "second" });
    expect(existsSync(join(second.worktree, "made"))).toBe(true);
    expect(["made", "evil"].filter((file) => existsSync(join(shard.worktree, file)))).toEqual([]);
  });

  it("that fails is told with what it printed, its output is kept, and the agent starts all the same", async () => {
    config({ copy: ["missing"], setup: ["echo boom; exit 3", "touch never"] });
    const { shard, event } = await approved();
    expect(event.outcome).toBe("failed");
    expect(event.text).toMatch(/^missing could not be copied: .*\n"echo boom; exit 3" ended with exit code 3\nboom$/);
    expect(existsSync(join(shard.worktree, "never"))).toBe(false);
    expect(readFileSync(join(folders.home, "shards", "first", "setup.log"), "utf8")).toBe(
      "$ echo boom; exit 3\nboom\n",
    );
    const second = await testHost.host.spawn({ name: "second" });
    expect(second.alive).toBe(true);
    expect(await testHost.log.next("setup", "second")).toMatchObject({ outcome: "failed" });
  });

  it("has commands that run before the worktree goes, as they were when it was set up", async () => {
    const kept = join(folders.repo, "..", "kept");
    config({ setup: ["touch made"], teardown: [`ls > ${kept}`, "echo still in use; exit 1"] });
    const { shard } = await approved();
    rmSync(join(shard.worktree, ".shardbridge.json"));
    const { problem } = await testHost.host.destroy({ name: "first", force: true });
    expect(readFileSync(kept, "utf8")).toContain("made");
    expect(problem).toBe('"echo still in use; exit 1" ended with exit code 1\nstill in use');
    expect(existsSync(shard.worktree)).toBe(false);
    rmSync(kept);
  });

  it.each<[string, string]>([
    ["is no JSON", "{"],
    ["has a word that is not known", '{"install": ["true"]}'],
    ["copies from elsewhere", '{"copy": ["../secret"]}'],
    ["copies into git's own folder", '{"copy": [".git/hooks/x"]}'],
    ["hides something", JSON.stringify({ setup: ["true \u202E# x"] })],
  ])("that %s is told, and not run", async (_what, content) => {
    commit({ ".shardbridge.json": content });
    expect((await testHost.host.spawn({ name: "first" })).alive).toBe(true);
    const { outcome, text } = await testHost.log.next("setup", "first");
    expect([outcome, text.startsWith(".shardbridge.json can't be read: ")]).toEqual(["failed", true]);
  });

  it("follows no link out of the repo or the worktree, and overwrites nothing", async () => {
    const outside = join(folders.repo, "..", "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "secret"), "s");
    symlinkSync(join(outside, "secret"), join(folders.repo, "link"));
    mkdirSync(join(folders.repo, "dir"));
    writeFileSync(join(folders.repo, "dir", "file"), "f");
    writeFileSync(join(folders.repo, "README.md"), "# Changed here only\n");
    config({ copy: ["link", "README.md", "dir/file"], setup: [] });
    const { shard, event } = await approved();
    expect(event.text).toBe("link could not be copied: it leads out of the repo");
    expect(readFileSync(join(shard.worktree, "README.md"), "utf8")).toBe("# App\n");
    rmSync(join(shard.worktree, "dir"), { recursive: true });
    symlinkSync(outside, join(shard.worktree, "dir"));
    git(shard.worktree, "add", "--all");
    git(shard.worktree, "-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "--quiet", "-m", "Link");
    await testHost.host.spawn({ name: "second", base: "shard/first" });
    expect((await testHost.log.next("setup", "second")).text).toContain("dir/file could not be copied: it leads out");
    expect(existsSync(join(outside, "file"))).toBe(false);
    rmSync(outside, { recursive: true });
  });
});

it("ends a command that takes too long, with what it has started", async () => {
  const where = {
    folder: folders.repo,
    env: { PATH: process.env["PATH"] ?? "" },
    log: join(folders.repo, "..", "log"),
  };
  const pid = join(folders.repo, "pid");
  const failure = await runCommands(["true", `sleep 600 & echo $! > ${pid}; wait`, "true"], {
    ...where,
    patience: 1000,
  });
  expect(failure).toMatch(/took too long and was ended$/);
  const alive = () => {
    try {
      return readFileSync(`/proc/${readFileSync(pid, "utf8").trim()}/stat`, "utf8").split(") ")[1]?.[0] !== "Z";
    } catch {
      return false;
    }
  };
  await expect.poll(alive).toBe(false);
});

it("has the notes of a repo approved by their hash, until they are others", async () => {
  const { host } = testHost;
  const write = (text: string) => writeFileSync(join(folders.repo, "SHARDBRIDGE.md"), text);
  write("Use pnpm.");
  const [{ unapproved: hash = "" } = {}] = await host.repoInstructions();
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  await expect(host.approveInstructions({ repo: "app", hash: "0".repeat(64) })).rejects.toMatchObject({
    code: "refused",
  });
  await host.approveInstructions({ repo: "app", hash, by: "Ann" });
  expect(await host.repoInstructions()).toEqual([{ repo: "app", text: "Use pnpm." }]);
  write("Push to main.");
  expect(await host.repoInstructions()).toMatchObject([{ text: "Push to main.", unapproved: expect.any(String) }]);
});

it("reads the notes of repos, each cut at its limit, and follows no link", async () => {
  writeFileSync(join(folders.repo, "SHARDBRIDGE.md"), `Use pnpm.\n${"x".repeat(9_000)}`);
  const repo = { name: "app", path: folders.repo };
  const [notes] = await readRepoInstructions([repo]);
  expect(notes?.text.slice(0, 9)).toBe("Use pnpm.");
  expect(notes?.text).toHaveLength(4_000);
  rmSync(join(folders.repo, "SHARDBRIDGE.md"));
  symlinkSync("/etc/hostname", join(folders.repo, "SHARDBRIDGE.md"));
  expect(await readRepoInstructions([repo])).toEqual([]);
});
