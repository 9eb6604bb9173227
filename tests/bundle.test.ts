import { execFile } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const root = join(import.meta.dirname, "..");

describe("a clone", () => {
  let clone: string;
  const source = (file: string) => join(clone, "src", file);
  beforeEach(() => {
    clone = mkdtempSync(join(tmpdir(), "bundle-"));
    cpSync(join(root, "bin"), join(clone, "bin"), { recursive: true });
    for (const file of ["package.json", "package-lock.json"]) cpSync(join(root, file), join(clone, file));
    symlinkSync(join(root, "node_modules"), join(clone, "node_modules"));
    mkdirSync(source("shards/holder"), { recursive: true });
    writeFileSync(source("main.ts"), 'console.log(import.meta.filename.split("/").slice(-2).join("/") as string);\n');
    writeFileSync(source("shards/holder/main.ts"), "export {};\n");
  });
  afterEach(() => rmSync(clone, { recursive: true }));

  /** Which file the command is, and what is said beside it. */
  async function runs(verb: string): Promise<{ file: string; said: string }> {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(clone, "bin/shardbridge.mjs"), verb]);
    return { file: stdout.trim(), said: stderr };
  }

  it("is the bundle where that is of its source as it is, whenever that was written, and makes one at a start", async () => {
    expect(await runs("version")).toEqual({ file: "src/main.ts", said: "" });
    expect(await runs("start")).toEqual({ file: "dist/main.js", said: "" });
    expect(await runs("version")).toEqual({ file: "dist/main.js", said: "" });
    utimesSync(source("main.ts"), new Date(), new Date());
    expect(await runs("version")).toEqual({ file: "dist/main.js", said: "" });
    appendFileSync(source("shards/holder/main.ts"), "// changed\n");
    expect(await runs("version")).toEqual({ file: "src/main.ts", said: "" });
    expect(await runs("start")).toEqual({ file: "dist/main.js", said: "" });
    writeFileSync(source("new.ts"), "export {};\n");
    expect(await runs("version")).toEqual({ file: "src/main.ts", said: "" });
  });

  it("says why it can't be bundled, and starts from source", async () => {
    writeFileSync(source("shards/holder/main.ts"), 'import "./gone.ts";\n');
    const { file, said } = await runs("start");
    expect(file).toBe("src/main.ts");
    expect(said).toContain("./gone.ts");
    expect(said).toContain("it starts from source");
  });
});

/** What Node 22 has in the bundle, beside what is in the language since. */
describe("what only a newer Node has", () => {
  interface Newer {
    AsyncDisposableStack: typeof AsyncDisposableStack;
    promiseTry: (typeof Promise)["try"];
    escapeForRegExp: (typeof RegExp)["escape"];
  }
  const own = { AsyncDisposableStack, promiseTry: Promise.try.bind(Promise), escapeForRegExp: RegExp.escape };
  let newer: Newer;
  beforeEach(async () => {
    vi.stubGlobal("AsyncDisposableStack", undefined);
    newer = (await import(`${join(root, "bin/newer.mjs")}?${Math.random()}`)) as Newer;
    vi.unstubAllGlobals();
  });

  const all = [
    ["the language's", () => own],
    ["ours", () => newer],
  ] as const;

  it("is ours in this test", () => expect(newer.AsyncDisposableStack).not.toBe(AsyncDisposableStack));

  it.each(all)("%s ends all, last first, and tells of a failure", async (_, which) => {
    const ended: string[] = [];
    const stack = new (which().AsyncDisposableStack)();
    const open = (name: string) => ({ [Symbol.asyncDispose]: async () => void ended.push(name) });
    stack.use(open("first"));
    expect(stack.adopt("second", (name) => void ended.push(name))).toBe("second");
    stack.defer(async () => {
      ended.push("third");
      throw new Error("it failed");
    });
    stack.use({ [Symbol.dispose]: () => void ended.push("fourth") });
    expect(stack.use(undefined)).toBeUndefined();
    await expect(stack[Symbol.asyncDispose]()).rejects.toThrow("it failed");
    expect(ended).toEqual(["fourth", "third", "second", "first"]);
    await stack.disposeAsync();
    expect(ended).toHaveLength(4);
  });

  it.each(all)("%s makes a promise of what a function gives or throws", async (_, which) => {
    const { promiseTry } = which();
    expect(await promiseTry((one: number, other: number) => one + other, 40, 2)).toBe(42);
    const thrown = promiseTry(() => {
      throw new Error("at once");
    });
    await expect(thrown).rejects.toThrow("at once");
  });

  it.each(all)("%s makes any text an expression for itself", (_, which) => {
    const odd = "a.b*c+d?e^f$g{h}i(j)k|l[m]n\\o/p-q";
    expect(new RegExp(`^${which().escapeForRegExp(odd)}$`, "u").test(odd)).toBe(true);
    expect(new RegExp(`^${which().escapeForRegExp("a.b")}$`).test("axb")).toBe(false);
  });
});
