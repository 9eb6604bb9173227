import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DockerfileParser } from "dockerfile-ast";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";

const root = join(import.meta.dirname, "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

/** The value of a YAML file. Throws where there is more than one, or anything that YAML warns of. */
function yaml(file: string): unknown {
  const documents = parseAllDocuments(read(file));
  expect(documents).toHaveLength(1);
  const [document] = documents;
  if (!document || !("errors" in document)) throw new Error(`${file} is empty.`);
  expect([...document.errors, ...document.warnings]).toEqual([]);
  return document.toJS();
}

describe("the Dockerfile", () => {
  const dockerfile = DockerfileParser.parse(read("Dockerfile"));
  const instructions = dockerfile.getInstructions();
  const named = (keyword: string) => instructions.filter((instruction) => instruction.getKeyword() === keyword);
  const last = Math.max(...named("FROM").map((from) => from.getRange().start.line));
  const final = instructions.filter((instruction) => instruction.getRange().start.line >= last);

  it("has known instructions only, each with its arguments", () => {
    const known = ["ARG", "FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "ENTRYPOINT", "CMD"];
    for (const instruction of instructions) {
      expect(known).toContain(instruction.getKeyword());
      expect(instruction.getArgumentsContent()).toBeTruthy();
    }
  });

  it("copies what there is, and from stages that there are", () => {
    const stages = dockerfile.getFROMs().map((from) => from.getBuildStage());
    const ignored = read(".dockerignore").split("\n").filter(Boolean);
    const copies = dockerfile.getCOPYs().map((copy) => {
      const from = copy.getFlags().find((flag) => flag.getName() === "from");
      return { from: from?.getValue(), sources: copy.getArguments().slice(0, -1).map(String) };
    });
    const named = copies.flatMap(({ from }) => from ?? []);
    expect(named).toEqual(["package"]);
    expect(stages).toContain("package");
    const own = copies.filter(({ from }) => from === undefined).flatMap(({ sources }) => sources);
    expect(own).toContain("package-lock.json");
    expect(own.filter((source) => !existsSync(join(root, source)) || ignored.includes(source))).toEqual([]);
  });

  it("keeps out of the image what packing does not need, and secrets, and nothing that it needs", () => {
    const ignored = read(".dockerignore").split("\n").filter(Boolean);
    expect(ignored).toEqual(expect.arrayContaining([".env", ".git", "node_modules", "dist"]));
    const { files } = JSON.parse(read("package.json")) as { files: string[] };
    const needed = [...files.filter((file) => file !== "dist"), "src", "bin", "scripts", "README.md", "LICENSE"];
    expect(needed.filter((file) => ignored.includes(file.split("/")[0] ?? ""))).toEqual([]);
    expect(ignored.indexOf("!.env.example")).toBeGreaterThan(ignored.indexOf(".env.*"));
  });

  it("runs as a user from the last step that needs root on, with one process above it that buries others", () => {
    const keywords = final.map((instruction) => instruction.getKeyword());
    expect(keywords.filter((keyword) => keyword === "USER")).toHaveLength(1);
    expect(keywords.indexOf("USER")).toBeGreaterThan(keywords.lastIndexOf("RUN"));
    expect(final.find((instruction) => instruction.getKeyword() === "USER")?.getArgumentsContent()).not.toMatch(
      /root|^0/,
    );
    expect(JSON.parse(named("ENTRYPOINT")[0]?.getArgumentsContent() ?? "")).toEqual(["tini", "--", "shardbridge"]);
    expect(JSON.parse(named("CMD")[0]?.getArgumentsContent() ?? "")).toEqual(["start"]);
  });

  it("takes a Node.js that runs the package, and names what apt installs without what is only recommended", () => {
    const node = /ARG NODE=(\d+)/.exec(read("Dockerfile"))?.[1];
    expect(Number(node)).toBeGreaterThanOrEqual(22);
    const runs = named("RUN").map((instruction) => instruction.getArgumentsContent() ?? "");
    const apt = runs.filter((run) => run.includes("apt-get install"));
    expect(apt.length).toBeGreaterThan(0);
    for (const run of apt) {
      expect(run).toContain("--no-install-recommends");
      expect(run).toContain("apt-get update");
      expect(run).toContain("rm -rf /var/lib/apt/lists/*");
      expect(run).toMatch(/\bgit\b/);
    }
  });
});

interface Compose {
  services: Record<string, { build: { args: Record<string, string> }; volumes: string[]; [key: string]: unknown }>;
  volumes: Record<string, unknown>;
}

describe("compose.yaml", () => {
  const { services, volumes } = yaml("compose.yaml") as Compose;
  const dockerfile = read("Dockerfile");

  it("keeps in volumes what the image keeps, and gives the .env as a file", () => {
    for (const service of Object.values(services)) {
      const mounts = service.volumes.map((mount) => /^(.*):(\/[^:]+)(?::ro)?$/.exec(mount)?.slice(1) ?? []);
      const kept = new Map(mounts.map(([source, target]) => [target, source]));
      for (const [place] of dockerfile.matchAll(/(?<=VOLUME.*")\/[^"]+/g))
        expect(volumes).toHaveProperty(kept.get(place) ?? "");
      expect(kept.get("/config/.env")).toBe("./.env");
      expect(service).not.toHaveProperty("env_file");
      expect(service).not.toHaveProperty("privileged");
    }
  });

  it("gives arguments that the image takes", () => {
    for (const { build } of Object.values(services))
      for (const name of Object.keys(build.args)) expect(dockerfile).toMatch(new RegExp(`^ARG ${name}=`, "m"));
  });
});

describe("GitHub's files", () => {
  const forms = globSync(".github/ISSUE_TEMPLATE/*.yml", { cwd: root }).filter((file) => !file.endsWith("config.yml"));

  it.each(forms)("%s is an issue form", (file) => {
    const form = yaml(file) as {
      name: string;
      description: string;
      body: { type: string; id: string; attributes: object }[];
    };
    expect(form).toMatchObject({ name: expect.any(String) as string, description: expect.any(String) as string });
    const ids = form.body.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { type, attributes } of form.body) {
      expect(["textarea", "input", "dropdown", "checkboxes", "markdown"]).toContain(type);
      expect(attributes).toHaveProperty("label");
    }
  });

  it("the chooser is one", () => expect(yaml(".github/ISSUE_TEMPLATE/config.yml")).toHaveProperty("contact_links"));

  it("the workflow calls scripts that there are, on every Node that the package is for", () => {
    const { jobs } = yaml(".github/workflows/ci.yml") as { jobs: Record<string, { steps: { run?: string }[] }> };
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const commands = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
    const named = commands.flatMap((command) => /^npm (?:run )?(?!ci|pack|install)(\S+)/.exec(command)?.[1] ?? []);
    expect(named).toEqual(expect.arrayContaining(["test", "static", "test:agents"]));
    for (const name of named) expect(scripts).toHaveProperty([name]);
    expect(read(".github/workflows/ci.yml")).toContain('node: ["22.18", "24", "26"]');
  });
});

describe("a version", () => {
  it("has a section of its own in the changelog", () => {
    const { version } = JSON.parse(read("package.json")) as { version: string };
    const sections = [
      ...read("CHANGELOG.md").matchAll(/^## (?:\[Unreleased\]|\[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d)$/gm),
    ];
    expect(sections[0]?.[1]).toBeUndefined();
    expect(sections[1]?.[1]).toBe(version);
    expect(read("CHANGELOG.md").match(/^## /gm)).toHaveLength(sections.length);
  });
});
