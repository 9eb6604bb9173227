import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { describe, expect, it } from "vitest";
import { localPlatform, platforms } from "../src/adapters/registry.ts";
import { coreVariables } from "../src/config.ts";

const root = join(import.meta.dirname, "..");
const src = join(root, "src");
const files = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => ({ path: file.split(sep).join("/"), text: readFileSync(join(src, file), "utf8") }));

/** For each folder: the files beside its own, and the packages, that it may import. Node's own modules are free. */
const layers: [pattern: RegExp, own: RegExp, packages: RegExp][] = [
  [/^adapters\/console\//, /^adapters\/(console\/|adapter\.ts|settings\.ts)/, /^$/],
  [/^adapters\/slack\//, /^adapters\/(slack\/|adapter\.ts|markdown\.ts|settings\.ts)/, /^(@slack\/.*|undici|zod)$/],
  [/^adapters\/discord\//, /^adapters\/(discord\/|adapter\.ts|markdown\.ts|settings\.ts)/, /^(discord\.js|zod)$/],
  [/^adapters\/registry\.ts/, /^adapters\//, /^$/],
  [/^adapters\/markdown\.ts/, /^$/, /^(mdast-util-from-markdown|(mdast-util|micromark-extension)-gfm-table)$/],
  [/^adapters\//, /^adapters\/[a-z-]+\.ts/, /^$/],
  [
    /^bot\//,
    /^(bot\/|adapters\/adapter\.ts|shards\/(?:host|events|compare|repo-says)\.ts|orchestrator\/orchestrator\.ts)/,
    /^zod$/,
  ],
  [
    /^orchestrator\//,
    /^(orchestrator\/|shards\/(?:host|events|compare|repo-says)\.ts)/,
    /^(@anthropic-ai\/sdk.*|zod)$/,
  ],
  [/^shards\/agents\//, /^shards\/(agents\/|host\.ts)/, /^strip-ansi$/],
  [/^shards\//, /^shards\//, /^(node-pty|@xterm\/headless|simple-git|strip-ansi|zod)$/],
  [/^redaction\//, /^redaction\//, /^@secretlint\/secretlint-rule-preset-recommend$/],
  [/^store\//, /^store\//, /^(keyv|zod)$/],
  [/^mcp\//, /^(mcp\/|orchestrator\/tools?(?:-look)?\.ts)/, /^@modelcontextprotocol\/server(\/.*)?$/],
  [/^verbs\//, /^(verbs\/|shards\/host\.ts)/, /^$/],
  [/^(config|errors|inert|installation|lines|log|serial|width)\.ts/, /^$/, /^$/],
  [/^env\.ts/, /^config\.ts/, /^$/],
  [/^(main|start|settings|claude-orchestrator)\.ts|^(cli|control)\//, /./, /^zod$/],
];

const everybody = /^((errors|inert|lines|log|serial|width|installation|store\/store)\.ts|(verbs|redaction)\/.*)$/;

/** Names in a file's imports and re-exports, those of types too, and in `import()`. */
function imports(text: string): string[] {
  const statements = text.matchAll(/(?:^|\n)(?:import|export)\s(?:[^"';]*?\sfrom\s)?"([^"]+)"/g);
  const calls = text.matchAll(/\bimport\(\s*"([^"]+)"/g);
  return [...statements, ...calls].map((match) => match[1] ?? "");
}

/** Path in src of a file that an import names. */
function targetOf(path: string, name: string): string {
  return relative(src, join(src, dirname(path), name))
    .split(sep)
    .join("/");
}

/** The circles of a graph, each as the way around it, the first of its nodes again at its end. One for each way back that is found. */
function circles(arrows: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const walk = (node: string, way: readonly string[]): void => {
    const at = way.indexOf(node);
    if (at >= 0) return void found.push([...way.slice(at), node]);
    if (done.has(node)) return;
    for (const next of arrows.get(node) ?? []) walk(next, [...way, node]);
    done.add(node);
  };
  for (const node of arrows.keys()) walk(node, []);
  return found;
}

describe("the layers", () => {
  it.each(files.map(({ path }) => path))("%s imports only what its folder may", (path) => {
    const layer = layers.find(([pattern]) => pattern.test(path));
    expect(layer, "every file is in a layer").toBeDefined();
    const [, own, packages] = layer!;
    const wrong = imports(files.find((file) => file.path === path)!.text).filter((name) => {
      if (name.startsWith("node:")) return false;
      if (!name.startsWith(".")) return !packages.test(name);
      const target = targetOf(path, name);
      return !own.test(target) && !everybody.test(target);
    });
    expect(wrong).toEqual([]);
  });

  it("makes buttons that let something run in one place", () => {
    const makers = files.filter(({ text }) => /\bwireOf\b/.test(text)).map(({ path }) => path);
    expect(makers.sort()).toEqual(["bot/delivery/button-action.ts", "bot/posts/deciding.ts"]);
  });

  it("has no import circle, not even one of types", () => {
    const arrows = files.map(({ path, text }): [string, string[]] => {
      const own = imports(text).filter((name) => name.startsWith("."));
      return [path, own.map((name) => targetOf(path, name))];
    });
    expect(arrows.flatMap(([, targets]) => targets).length).toBeGreaterThan(1000);
    expect(circles(new Map(arrows)).map((circle) => circle.join(" → "))).toEqual([]);
  });

  it.each([
    ["nothing", {}, []],
    ["two ways to one end", { a: ["b", "c"], b: ["d"], c: ["d"] }, []],
    ["a file that imports itself", { a: ["a"] }, ["a → a"]],
    ["two files", { a: ["b"], b: ["a"] }, ["a → b → a"]],
    ["a circle behind a way in", { a: ["b"], b: ["c"], c: ["d"], d: ["b"] }, ["b → c → d → b"]],
    ["two circles", { a: ["b"], b: ["a", "c"], c: ["d"], d: ["c"] }, ["a → b → a", "c → d → c"]],
  ])("names the circles of %s", (_name, arrows: Record<string, string[]>, named) => {
    expect(circles(new Map(Object.entries(arrows))).map((circle) => circle.join(" → "))).toEqual(named);
  });

  it.each([
    ['import { a } from "./a.ts";', ["./a.ts"]],
    ['import type { A } from "./a.ts";\nimport {\n  b,\n  type B,\n} from "./b.ts";', ["./a.ts", "./b.ts"]],
    ['export type { A } from "./a.ts";', ["./a.ts"]],
    ['import "./a.ts";', ["./a.ts"]],
    ['const { a } = await import("./a.ts");', ["./a.ts"]],
    ['export const from = "./a.ts";', []],
  ])("reads the imports of %s", (text, names) => {
    expect(imports(text)).toEqual(names);
  });

  it("has no long file, no drawer and no barrel", () => {
    expect(files.filter(({ text }) => text.split("\n").length > 301).map(({ path }) => path)).toEqual([]);
    expect(
      files
        .filter(({ path }) => /(^|\/)(utils?|helpers?|common|manager|misc|index)\b/.test(path))
        .map(({ path }) => path),
    ).toEqual([]);
  });

  it("has no crowded folder", () => {
    const folders = Map.groupBy(files, ({ path }) => dirname(path));
    expect([...folders].filter(([, own]) => own.length > 24).map(([folder]) => folder)).toEqual([]);
  });

  it("names platforms in their adapters only", () => {
    const named = files.filter(
      ({ path, text }) =>
        !path.startsWith("adapters/") && /slack|discord/i.test(text.replaceAll(/["'`]?(SLACK|DISCORD)_/g, "")),
    );
    expect(named.map(({ path }) => path).filter((path) => path !== "cli/usage.ts")).toEqual([]);
  });

  it("reads the process's environment in the entry points only", () => {
    const readers = files.filter(({ text }) => /process\.env\b/.test(text)).map(({ path }) => path);
    expect(readers.filter((path) => path !== "main.ts" && !path.startsWith("shards/holder/"))).toEqual([]);
  });

  it("has every platform and agent kind in its registry", () => {
    const adapterRegistry = files.find(({ path }) => path === "adapters/registry.ts")!.text;
    for (const { path } of files.filter((file) => /^adapters\/[^/]+\/platform\.ts$/.test(file.path))) {
      expect(adapterRegistry).toContain(path.replace("adapters/", "./"));
    }
    const kindRegistry = files.find(({ path }) => path === "shards/agents/registry.ts")!.text;
    const kinds = files.filter(
      ({ path, text }) => path.startsWith("shards/agents/") && /export const \w+: AgentKind\b/.test(text),
    );
    expect(kinds.length).toBeGreaterThanOrEqual(5);
    for (const { path } of kinds) expect(kindRegistry).toContain(path.replace("shards/agents/", "./"));
  });

  it("documents every variable in .env.example, and no other", () => {
    const example = readFileSync(join(root, ".env.example"), "utf8");
    const documented = [...example.matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map((match) => match[1]!);
    const read = [...coreVariables, ...[...platforms, localPlatform].flatMap((platform) => platform.variables)];
    expect(documented.sort()).toEqual([...read].sort());
  });
});
