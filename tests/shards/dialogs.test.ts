import { fileURLToPath } from "node:url";
import { afterEach, expect, it } from "vitest";
import type { Question } from "../../src/shards/host.ts";
import { fakeKind } from "../fakes/fake-kind.ts";
import { clear, type TestFolders, makeFolders, openTestHost, reaches, type TestHost } from "./test-host.ts";

/* Dialogs of a program that no rule knows, in a PTY: what is chosen is what was meant, or nothing. */
const program = fileURLToPath(new URL("../fakes/dialog-tui.ts", import.meta.url));

let testHost: TestHost;
let folders: TestFolders;
afterEach(async () => clear(testHost, folders));

/** The program with these dialogs, and its first question. */
async function ask(...dialogs: string[]): Promise<Question> {
  folders = makeFolders();
  testHost = await openTestHost(folders, { fake: fakeKind });
  await testHost.host.spawn({ name: "demo", agent: `node '${program}' ${dialogs.join(" ")}` });
  return asked(1);
}

async function asked(nth: number): Promise<Question> {
  return (await testHost.log.next("question", "demo", nth)).question;
}

async function answer(question: Question, label: string): Promise<void> {
  const option = question.options.find((one) => one.label === label);
  await testHost.host.answer({ name: "demo", question: question.id, option: option!.key, by: "anna" });
}

async function outcome(): Promise<string> {
  await reaches(testHost.host, "demo", "idle");
  return (await testHost.host.screen({ name: "demo" })).text.trim();
}

const labels = ({ options }: Question) => options.map(({ label, chosen }) => (chosen ? `${label} *` : label));

it("chooses by the pointer in lists without numbers, one after the other", async () => {
  const first = await ask("list", "same");
  expect(first).toMatchObject({ text: "Do you trust this folder?", kind: "approval", detail: "" });
  expect(labels(first)).toEqual(["Yes, I trust it", "Only once", "No, exit *"]);
  await answer(first, "Yes, I trust it");
  const closed = await testHost.log.next("question-closed", "demo");
  expect(closed).toMatchObject({ answer: "Yes, I trust it", by: "anna" });
  const second = await asked(2);
  expect(second.text).toBe("Do you trust the parent folder?");
  await answer(second, "No, exit");
  expect(await outcome()).toMatch(/^chose Yes, I trust it\nchose No, exit/);
});

it("does not press Enter where the pointer does not get to the option", async () => {
  const question = await ask("stuck");
  await expect(answer(question, "Second")).rejects.toMatchObject({ code: "stalled" });
  await expect(answer(question, "Second")).rejects.toThrow(/nothing was chosen: "Which one\?" is still open/);
  expect(testHost.log.of("question-closed")).toEqual([]);
  expect((await testHost.host.screen({ name: "demo" })).text).not.toContain("chose");
  await answer(question, "First");
  expect(await outcome()).toContain("chose First");
});

it("passes over what can't be chosen, and says so when it is meant", async () => {
  const question = await ask("list");
  await expect(answer(question, "Only once")).rejects.toThrow(/nothing was chosen/);
  await answer(question, "Yes, I trust it");
  expect(await outcome()).toContain("chose Yes, I trust it");
});

it("switches check marks, then ends the list", async () => {
  const first = await ask("checks");
  expect(labels(first)).toEqual(["[✔] demo *", "[✔] other", "Enable selected"]);
  await answer(first, "[✔] other");
  expect(await testHost.log.next("question-closed", "demo")).toMatchObject({ answer: "[ ] other" });
  const second = await asked(2);
  expect(labels(second)).toEqual(["[✔] demo", "[ ] other *", "Enable selected"]);
  await answer(second, "Enable selected");
  expect(await outcome()).toContain("chose Enable selected: demo");
});

it("is not misled by a preview, and knows the dialog again whatever it shows", async () => {
  const question = await ask("preview");
  expect(question).toMatchObject({ text: "Which layout?", kind: "question", detail: "Single flag:\n\n1. Yes\n2. No" });
  expect(labels(question)).toEqual(["Single flag *", "Two flags", "None"]);
  await testHost.host.press({ name: "demo", keys: ["3"] });
  const shown = (await testHost.host.read({ name: "demo" })).question;
  expect(shown).toMatchObject({
    id: question.id,
    kind: "question",
    detail: "None:\n\n❯ 1. Allow\n  2. Deny\n\n(more)",
  });
  await answer(question, "Two flags");
  expect(await outcome()).toContain("chose Two flags");
  expect(testHost.log.of("question")).toHaveLength(1);
  expect(testHost.log.of("question-closed")).toMatchObject([{ answer: "Two flags", by: "anna" }]);
});

it("says that a dialog is still open, and not that it was answered", { timeout: 30_000 }, async () => {
  const question = await ask("open");
  await expect(answer(question, "No")).rejects.toThrow(/"Are you there\?" is still open/);
  expect(testHost.log.of("question-closed")).toEqual([]);
  expect((await testHost.host.read({ name: "demo" })).question?.id).toBe(question.id);
});

it("tells once of a dialog that is drawn again while it closes", async () => {
  const question = await ask("flicker");
  await answer(question, "Yes");
  expect(await outcome()).toContain("chose Yes");
  expect(testHost.log.of("question")).toHaveLength(1);
  expect(testHost.log.of("question-closed")).toMatchObject([{ answer: "Yes", by: "anna" }]);
});
