import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configureLog, log, logBug } from "../src/log.ts";

const src = join(import.meta.dirname, "../src");
const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter(
  (file) => file.endsWith(".ts") && file !== "log.ts",
);

describe("a log line", () => {
  const lines: string[] = [];
  const told = () => lines.map((line) => JSON.parse(line) as { level: string; message: string });
  beforeEach(() => {
    lines.length = 0;
    configureLog({ write: (line) => void lines.push(line), mask: (text) => text.replaceAll("secret", "[redacted]") });
  });
  afterEach(() => configureLog({ write: () => {}, mask: (text) => text, level: "info" }));

  it("is written at info and above, until debug is wanted", () => {
    log.debug("a step");
    log.info("a thing");
    log.warn("an oddity");
    log.error("a fault");
    logBug(new Error("no"), "a bug");
    expect(told().map(({ level }) => level)).toEqual(["info", "warn", "error", "error"]);
    configureLog({ level: "debug" });
    log.debug("a step", { shard: "demo" });
    expect(told().at(-1)).toMatchObject({ level: "debug", message: "a step", shard: "demo" });
    configureLog({ level: "info" });
    log.debug("a step");
    expect(lines).toHaveLength(5);
  });

  it("has no secret at debug either", () => {
    configureLog({ level: "debug" });
    log.debug("a step", { key: "secret" });
    expect(lines.join("")).toContain("[redacted]");
  });
});

const calls = /\blog\.(?:debug|info|warn|error)\(|\blogBug\((?!error, failure\))/g;
/** First letters of a call's message, which may be one of two. */
const messages =
  /\b(?:log\.(?:debug|info|warn|error)\(|logBug\(\s*[\w.]+,)\s*(?:\w+\s*\?\s*["`](?<one>.)[^"`]*["`]\s*:\s*)?["`](?<other>.)/g;

it.each(files)("%s begins its log lines in lower case", (file) => {
  const text = readFileSync(join(src, file), "utf8");
  const found = [...text.matchAll(messages)].map(({ groups }) => groups ?? {});
  // A message is in quotes where it is logged, so that it is found; only the bot's failures in the background are handed over.
  expect(found).toHaveLength(text.match(calls)?.length ?? 0);
  const letters = found.flatMap(({ one = "a", other = "" }) => [one, other]);
  expect(letters.filter((letter) => !/[a-z]/.test(letter))).toEqual([]);
});
