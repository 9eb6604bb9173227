import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

interface Entry {
  version?: string;
  integrity?: string;
  resolved?: string;
  optional?: boolean;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const file = join(import.meta.dirname, "..", "package-lock.json");
const { packages } = JSON.parse(readFileSync(file, "utf8")) as { packages: Record<string, Entry> };

/** As Node looks for a package: in the own folder, then in each one above. */
function entryOf(name: string, from: string): Entry | undefined {
  const own = `${from === "" ? "" : `${from}/`}node_modules/${name}`;
  if (packages[own] !== undefined || from === "") return packages[own];
  const above = from.lastIndexOf("/node_modules/");
  return entryOf(name, above < 0 ? "" : from.slice(0, above));
}

/** `npm ci` refuses a lock file that lacks one of them, whatever the platform. */
describe("the lock file", () => {
  const wanting = Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) => [
    ...Object.keys(dependencies ?? {}).map((name) => ({ path, name, optional: false })),
    ...Object.keys(optionalDependencies ?? {}).map((name) => ({ path, name, optional: true })),
  ]);

  it("has every package that another one names, the builds for other platforms too", () => {
    const missing = wanting.filter(({ path, name }) => entryOf(name, path) === undefined);
    expect(missing).toEqual([]);
    expect(wanting.filter(({ optional }) => optional).length).toBeGreaterThan(60);
  });

  it.each([
    ["linux", "x64"],
    ["linux", "arm64"],
    ["darwin", "x64"],
    ["darwin", "arm64"],
    ["win32", "x64"],
  ])("has a build of each tool for %s on %s, and says that it is optional", (os, cpu) => {
    const builds = Object.entries(packages).filter(
      ([path]) => path.includes(`${os}-${cpu}`) && /rolldown|oxc|oxfmt|oxlint|lightningcss/.test(path),
    );
    expect(builds.length).toBeGreaterThanOrEqual(4);
    for (const [path, entry] of builds) {
      expect({ path, ...entry }).toMatchObject({ os: [os], cpu: [cpu], optional: true });
    }
  });

  it("has a version and a checksum for each, and no registry's address", () => {
    for (const [path, entry] of Object.entries(packages).filter(([path]) => path !== ""))
      expect({ path, ...entry }).toMatchObject({
        version: expect.stringMatching(/^\d/) as string,
        integrity: expect.stringMatching(/^sha512-/) as string,
      });
    expect(Object.values(packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
  });
});
