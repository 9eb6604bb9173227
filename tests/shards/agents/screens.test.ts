import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ScreenView, Signs } from "../../../src/shards/agents/agent.ts";
import { kinds } from "../../../src/shards/agents/registry.ts";

/*
 * tests/fixtures/screens/<kind>/<case>/
 *   screen.txt   the visible rows
 *   case.json    the rest of the view, and what is expected: state, composer, question, signs
 *   added.txt    the lines that the turn added, if any; clean.txt is what must be left of them
 */
interface Case {
  view: { cols: number; height: number } & Partial<ScreenView>;
  state: string | null;
  composer: string;
  signs?: Signs;
  question?: { kind: string; text: string; detail: string; options: { key: string; label: string }[] };
  sent?: string;
}

const folder = join(import.meta.dirname, "../../fixtures/screens");
const names = Object.keys(kinds).flatMap((kind) => readdirSync(join(folder, kind)).map((name) => `${kind}/${name}`));

const kindOf = (name: string) => kinds[name.split("/")[0]!]!;
const read = (name: string, file: string) => readFileSync(join(folder, name, file), "utf8").replace(/\n$/, "");
const caseOf = (name: string) => JSON.parse(read(name, "case.json")) as Case;

describe.each(names)("%s", (name) => {
  const kind = kindOf(name);
  const { view: rest, ...wanted } = caseOf(name);
  const texts = read(name, "screen.txt").split("\n");
  const view: ScreenView = {
    top: 0,
    cursor: { row: 0, col: 0 },
    title: "",
    alternate: false,
    bracketedPaste: true,
    bytes: 1000,
    ...rest,
    rows: Array.from({ length: rest.height }, (_, row) => ({ text: texts[row] ?? "", wrapped: false, dim: false })),
  };

  test("state", () => {
    expect(kind.state(view)?.state ?? null).toBe(wanted.state);
  });

  test("composer", () => {
    expect(kind.composer(view)).toBe(wanted.composer);
  });

  test.each(wanted.signs ? [wanted.signs] : [])("signs", (signs) => {
    expect(kind.signs?.(view)).toEqual(signs);
  });

  test("question", () => {
    const question = kind.question(view);
    expect(question && { ...question, id: "" }).toEqual(wanted.question && { ...wanted.question, id: "" });
    const again = { ...view, title: `${view.title}.`, bytes: view.bytes + 1 };
    expect(kind.question(again)?.id, "the same dialog has the same id").toBe(question?.id);
  });
});

test.each(names.filter((name) => existsSync(join(folder, name, "added.txt"))))("%s is cleaned", (name) => {
  const { view, sent = "" } = caseOf(name);
  expect(kindOf(name).clean(read(name, "added.txt").split("\n"), sent, view.cols)).toBe(read(name, "clean.txt"));
});

test("every kind has its screens", () => {
  for (const kind of Object.keys(kinds)) {
    const cases = names.filter((name) => name.startsWith(`${kind}/`));
    expect(cases.length >= 4 ? kind : cases).toBe(kind);
  }
});
