import { describe, expect, test } from "vitest";
import type { ScreenView } from "../../../src/shards/agents/agent.ts";
import { genericKind } from "../../../src/shards/agents/generic/generic.ts";
import { secretOption } from "../../../src/shards/agents/dialogs/asked.ts";
import { wordsOf } from "../../../src/shards/agents/generic/words.ts";

const kind = genericKind("python3 -i");

/** A screen with these rows; `|` stands where the cursor is, which otherwise is below them, at the left edge. */
function viewOf(rows: readonly string[], more: Partial<ScreenView> = {}): ScreenView {
  const at = rows.findIndex((row) => row.includes("¦"));
  const cursor = at < 0 ? { row: rows.length, col: 0 } : { row: at, col: rows[at]!.indexOf("¦") };
  const texts = rows.map((row) => row.replace("¦", "").trimEnd());
  const padded = Array.from({ length: 20 }, (_, row) => ({ text: texts[row] ?? "", wrapped: false, dim: false }));
  const rest = { cols: 160, top: 0, title: "", alternate: false, bracketedPaste: false, bytes: 9 };
  return { ...rest, rows: padded, cursor, ...more };
}

const rule = "─".repeat(60);
const lineMode = { tty: { canonical: true, echo: true, program: "cat" } };
const hidden = (rows: readonly string[], more: Partial<ScreenView> = {}): ScreenView => {
  const view = viewOf(rows, { alternate: true, ...more });
  return { ...view, cursor: { ...view.cursor, hidden: true } };
};

describe("where a text goes", () => {
  test.for<[string, ScreenView]>([
    ["behind a prompt", viewOf([">>> ¦"])],
    ["behind a label", viewOf(["Hello.", "You: ¦"])],
    ["behind a label with a default", viewOf(["package name: (app) ¦"])],
    ["behind the prompt of a full screen", viewOf(["│ files │", "me@box:~# ¦", " 1Help 2Menu"], { alternate: true })],
    ["in a box with a hint", viewOf([rule, "❯ ¦Ask anything...", rule, " model"], { alternate: true })],
    ["in a framed box", viewOf(["╭──────────────╮", "│ > ¦          │", "╰──────────────╯"])],
    ["between two rules, with the cursor hidden", hidden(["pi v1", rule, "¦", rule, "/repo (main)"])],
    ["in a line editor", viewOf(["calc ¦"], { bracketedPaste: true })],
    ["in a line editor that shows nothing", viewOf(["¦"], { bracketedPaste: true })],
    ["to whoever reads lines", viewOf(["Hello.", "¦"], lineMode)],
    ["to who reads a line and has printed nothing", viewOf(["¦"], { tty: { ...lineMode.tty, reading: true } })],
  ])("is shown: %s", ([, view]) => {
    expect(kind.input?.(view)).toMatch(/./);
    expect(kind.question(view)).toBeUndefined();
    expect(["idle", undefined]).toContain(kind.state(view)?.state);
  });

  test.for<[string, ScreenView]>([
    ["an editor", viewOf(["¦text", "~", "~", '"a.txt" 1L'], { alternate: true, bracketedPaste: true })],
    ["a pager", viewOf(["text", "a.txt (END)¦"], { alternate: true })],
    ["a pager without a screen of its own", viewOf(["text", ":¦"])],
    ["a box with text that is left in it", viewOf([rule, "❯ left over¦", rule], { alternate: true })],
    ["a choice between two rules", hidden([rule, "❯ Approve", rule, "¦"])],
    ["a label that asks for a decision", viewOf(["Type yes to delete all: ¦"])],
    ["a value that approves", viewOf(["Only 'yes' will be accepted to approve.", "", "  Enter a value: ¦"])],
    ["a label on a screen without a cursor", hidden(["Filter: ¦"])],
    ["progress", viewOf(["Downloading 50% ¦"])],
    ["nothing printed", viewOf(["¦"], lineMode)],
    ["a question above", viewOf(["Really delete all?", "¦"], lineMode)],
    [
      "a dialog above, and a line editor",
      viewOf(["╭──────────╮", "│ Approve   │", "╰──────────╯", "¦"], { bracketedPaste: true }),
    ],
    ["a line that is not shown", viewOf(["Token", "¦"], { tty: { ...lineMode.tty, echo: false } })],
    ["a program that reads keys", viewOf(["Hello.", "¦"], { tty: { ...lineMode.tty, canonical: false } })],
  ])("is not: %s", ([, view]) => {
    expect(kind.input?.(view)).toBeUndefined();
    expect(kind.state(view)?.state).not.toBe("idle");
  });

  test("a program in line mode that does not read is at work", () => {
    const view = viewOf(["cc -c a.c", "¦"], { tty: { ...lineMode.tty, reading: false } });
    expect(kind.state(view)?.state).toBe("working");
    expect(kind.input?.(view)).toBeUndefined();
  });
});

describe("keys that decide", () => {
  test.for<[string, ScreenView, string, string[]]>([
    [
      "with status lines below",
      hidden(["* I will.", rule, "Approve tool call?", "", " [y] Approve   [n] Deny", "", " model", " app (main)"]),
      "Approve tool call?",
      ["Approve", "Deny"],
    ],
    ["without brackets", hidden(["row", "Overwrite a.txt? y/N"]), "Overwrite a.txt? y/N", ["Yes", "No"]],
    ["any key", viewOf(["Press any key to continue . . . ¦"]), "Press any key to continue . . .", ["Enter: continue"]],
    ["Enter alone", viewOf(["Press ENTER", "¦"]), "Press ENTER", ["Enter"]],
    ["a list", hidden(["Run it?", "", "  ❯ Approve", "    Deny"]), "Run it?", ["Approve", "Deny"]],
    ["words", viewOf(["What is your name? ¦"]), "What is your name?", ["Answer"]],
    ["words behind a sign", viewOf(["? Which folder? (src) › ¦"]), "? Which folder? (src) ›", ["Answer"]],
    ["a hidden line", viewOf(["Token ¦"], { tty: { ...lineMode.tty, echo: false } }), "Token", ["Enter it"]],
  ])("are a question: %s", ([, view, text, labels]) => {
    const question = kind.question(view);
    expect(question?.text).toBe(text);
    expect(question?.options.map(({ label }) => label)).toEqual(labels);
    expect(kind.state(view)).toBeUndefined();
  });

  test.for<[string, ScreenView]>([
    ["several keys", hidden(["Try it", "", "  Press Enter to open, any other key to close", " model"])],
    ["a list of cards", hidden(["╭────╮", "│ A  │", "╰────╯", "  ↑/↓ navigate, Enter to select, Ctrl+C to exit"])],
    ["Esc", hidden(["Update available", "Esc to dismiss"])],
    ["buttons", hidden(["│ Delete all?      │", "│ <Yes>     <No>   │"])],
    ["one button", hidden(["│ Done.  │", "│ < Ok > │"])],
    ["a list that is searched", viewOf(["  a.txt", "> b.txt", "  2/2 ──────", "> ¦"])],
  ])("are not read, but seen: %s", ([, view]) => {
    expect(kind.question(view)).toBeUndefined();
    expect(kind.state(view)?.state).toBe("waiting");
  });

  test("are pressed by name, and typed by letter", () => {
    const question = kind.question(viewOf(["Press any key to continue ¦"]))!;
    expect(kind.answerKeys(question, "enter")).toEqual(["\r"]);
    expect(kind.answerKeys(kind.question(viewOf(["What is your name? ¦"]))!, "words")).toEqual([]);
    expect(kind.answerKeys(kind.question(hidden(["Go? y/N"]))!, "n")).toEqual(["n", "\r"]);
  });

  test("past ones on a screen that scrolls are none", () => {
    const asked = ["Press any key to continue . . .", "Go on? y/N", " [y] Approve   [n] Deny"];
    expect(kind.state(viewOf([...asked, "done", "all", ">>> ¦"]))?.state).toBe("idle");
    expect(kind.question(viewOf([...asked, "done", "all", "¦"]))).toBeUndefined();
  });

  test("are the same question whatever moves beside them", () => {
    const ids = ["12:00:01 ⠋ 3s", "12:00:02 ⠙ 4s"].map(
      (moving) => kind.question(hidden([moving, "Approve?", "", " [y] Approve   [n] Deny"]))?.id,
    );
    expect(ids[0]).toBe(ids[1]);
    const other = kind.question(hidden(["12:00:02 ⠙ 4s", "  $ rm b", "Approve?", "", " [y] Approve   [n] Deny"]));
    expect(other?.id).not.toBe(ids[0]);
  });
});

describe("a prompt before the cursor is idle", () => {
  test.for([
    [">>> ¦"],
    ["... ¦"],
    ["In [12]: ¦"],
    ["   ...:     ¦"],
    ["> ¦"],
    ["| ¦"],
    ["$ ¦"],
    ["# ¦"],
    ["% ¦"],
    ["me@box:~/repo$ ¦"],
    ["[root@box /]# ¦"],
    ["bash-5.2$ ¦"],
    ["irb(main):001:0> ¦"],
    ["sqlite> ¦"],
    ["   ...> ¦"],
    ["app=# ¦"],
    ["    -> ¦"],
    ["(Pdb) ¦"],
    ["(gdb) ¦"],
    ["❯ ¦"],
    [">>> ¦Send a message (/? for help)"],
  ])("%s", ([row]) => {
    const view = viewOf(["something printed before", row!]);
    expect(kind.state(view)?.state).toBe("idle");
    expect(kind.question(view)).toBeUndefined();
  });

  test.for([
    ["nothing", [""]],
    ["output", ["Compiling¦"]],
    ["progress", ["Downloading 50% ¦"]],
    ["an arrow", ["=> exporting¦"]],
    ["a question of its own", ["Name: ¦"]],
    ["a prompt with something typed", [">>> 1+1¦"]],
    ["a prompt that is not where the cursor is", ["> ", "¦"]],
    ["a prompt with output below", [">>> ¦", "more output"]],
  ] as [string, string[]][])("not: %s", ([, rows]) => {
    expect(kind.state(viewOf(rows))).toBeUndefined();
  });

  test("on the alternate screen only silence tells", () => {
    expect(kind.state(viewOf([">>> ¦"], { alternate: true }))).toBeUndefined();
  });

  test("a line editor may have a bar below", () => {
    expect(kind.state(viewOf(["db> ¦", "[F2] Smart completion: on"], { bracketedPaste: true }))?.state).toBe("idle");
  });
});

describe("a line that was sent off is worked on", () => {
  test.for<[string, string[], string | undefined]>([
    ["right above", ["> work()"], "working"],
    ["and has printed something", [">>> f()", "one", "two"], "working"],
    ["in a shell", ["me@box:~$ sleep 5"], "working"],
    ["not: it asks for something", [">>> input('Name: ')", "Name: ¦"], undefined],
    ["not: quoted text", ["> a quotation", "some text"], undefined],
    ["not: no prompt anywhere", ["1+1", "2"], undefined],
  ])("%s", ([, rows, state]) => {
    expect(kind.state(viewOf(rows))?.state).toBe(state);
  });
});

test.for<[string, string[], string, Partial<ScreenView>?]>([
  ["what is typed", [">>> 1 + 1¦"], "1 + 1"],
  ["with an indentation", ["...   return n¦"], "return n"],
  ["an open block, which is not sent off yet", [">>> for i in x:", "...   f(i)", "... ¦"], "for i in x:\n  f(i)\n..."],
  ["several lines in a line editor", ["bash-5.2$ for i in 1", "do¦"], "for i in 1\ndo", { bracketedPaste: true }],
  ["nothing at a prompt", ["> ¦"], ""],
  ["not: a hint behind the cursor", [">>> ¦Send a message"], ""],
  ["not: output", ["bash-5.2$ make", "=> exporting¦"], ""],
  ["not: on the alternate screen", ["> text¦"], "", { alternate: true }],
])("the composer has %s", ([, rows, text, more]) => {
  expect(kind.composer(viewOf(rows, more))).toBe(text);
});

describe("questions", () => {
  const yesNo = [
    { key: "y", label: "Yes" },
    { key: "n", label: "No" },
  ];
  const words = [
    { key: "yes", label: "Yes" },
    { key: "no", label: "No" },
  ];

  test.for<[string, { text: string; options: { key: string; label: string }[] }]>([
    ["Do you want to continue? [Y/n] ¦", { text: "Do you want to continue? [Y/n]", options: yesNo }],
    ["Overwrite (y/N)? ¦", { text: "Overwrite (y/N)?", options: yesNo }],
    ["Ok to proceed? (y) ¦", { text: "Ok to proceed? (y)", options: yesNo }],
    [
      "Continue connecting (yes/no/[fingerprint])? ¦",
      { text: "Continue connecting (yes/no/[fingerprint])?", options: words },
    ],
    [
      "Stage this hunk [y,n,q,a,d,?]? ¦",
      {
        text: "Stage this hunk [y,n,q,a,d,?]?",
        options: [...yesNo, { key: "q", label: "q" }, { key: "a", label: "a" }, { key: "d", label: "d" }],
      },
    ],
    ["Password: ¦", { text: "Password:", options: [secretOption] }],
    [
      "Password for 'https://me@example.com': ¦",
      { text: "Password for 'https://me@example.com':", options: [secretOption] },
    ],
    ["[sudo] password for me: ¦", { text: "[sudo] password for me:", options: [secretOption] }],
    [
      "Enter passphrase for key '/home/me/.ssh/id': ¦",
      { text: "Enter passphrase for key '/home/me/.ssh/id':", options: [secretOption] },
    ],
  ])("%s", ([row, wanted]) => {
    const question = kind.question(viewOf(["some output", row]));
    expect(question).toMatchObject(wanted);
  });

  test("are the same when a key was typed, and Enter is still to come", () => {
    const { id } = kind.question(viewOf(["Go on? [y/N] ¦"]))!;
    expect(kind.question(viewOf(["Go on? [y/N] y¦"]))?.id).toBe(id);
    expect(kind.question(viewOf(["Go on? [y/N] y", ""]))).toBeUndefined();
  });

  test.for([
    ["text in brackets", "see the list [a/b] ¦"],
    ["what is typed at a prompt", "$ rm (y)¦"],
    ["code at a prompt", ">>> print('sure? [y/n]')¦"],
    ["a key in code", '>>> settings = {"token": ¦'],
    ["a past question", "Overwrite (y/N)? y"],
  ])("not: %s", ([, row]) => {
    expect(kind.question(viewOf([row!]))).toBeUndefined();
  });

  test("a menu with any pointer, in a box", () => {
    for (const pointer of ["❯", "›", ">", "●", "*"]) {
      const menu = [
        "┌ Tables ─────┐",
        "│ Which one?  │",
        `│ ${pointer} 1. people │`,
        "│   2. places │",
        "└─────────────┘",
      ];
      const question = kind.question(viewOf(["old text", ...menu], { alternate: true }));
      expect(question).toMatchObject({ text: "Which one?", detail: "" });
      expect(question?.options.map(({ label }) => label)).toEqual(["people", "places"]);
    }
  });

  test("no menu where there is a prompt", () => {
    expect(kind.question(viewOf(["> 1. one", "> 2. two", "> ¦"]))).toBeUndefined();
  });

  test("are answered by the key, and Enter where it is still wanted", () => {
    const question = kind.question(viewOf(["Go on? [y/N] ¦"]))!;
    expect(kind.answerKeys(question, "y")).toEqual(["y", "\r"]);
    expect(kind.answerKeys(question, "2")).toEqual(["2", "\r"]);
  });
});

test.for<[string, string[], string, string]>([
  ["a result", [">>> 1+1", "2"], "1+1", "2"],
  ["the echo of several lines", [">>> x = 1", ">>> y = 2", ">>> x+y", "3"], "x = 1\ny = 2\nx+y", "3"],
  ["a block", [">>> for i in x:", "...   f(i)", "...", "0", "1"], "for i in x:\n  f(i)", "0\n1"],
  [
    "a block of braces",
    ["> function f() {", "|   return 3", "| }", "undefined", "> f()", "3"],
    "function f() {\n  return 3\n}\nf()",
    "undefined\n3",
  ],
  ["a new prompt with a number", ["In [1]: 1+1", "Out[1]: 2", "", "In [2]:"], "1+1", "Out[1]: 2"],
  ["output that looks like a prompt", ["$ cat page.html", "<p>", "</html>"], "cat page.html", "<p>\n</html>"],
  ["an indented echo", [" fix it", "", " Fixed."], "fix it", " Fixed."],
  ["a decorated echo", [" ❯ fix the", "   tests", "", " * Fixed."], "fix the tests", " * Fixed."],
  ["an echo with a name", ["You: fix it", "Fixed."], "fix it", "Fixed."],
  ["a framed echo", ["╭──────────╮", "│ > fix it │", "╰──────────╯", "Fixed."], "fix it", "Fixed."],
  ["an input box below", ["❯ hi", "* Hello.", "", rule, "❯ Ask anything...", rule, " model"], "hi", "* Hello."],
  ["no echo but a mention", ["I will fix it at once."], "fix it", "I will fix it at once."],
  ["no echo on a full screen", ["Filtered by abc."], "abc", "Filtered by abc."],
  ["all of a transcript", [">>> 1+1", "2", ">>> 2+2", "4"], "", ">>> 1+1\n2\n>>> 2+2\n4"],
  [
    "what stands above a menu",
    ["$ choose", "Hello.", "┌──────┐", "│ Which? │", "│ ❯ 1. a │", "│   2. b │", "└──────┘"],
    "choose",
    "Hello.",
  ],
])("cleans %s", ([, rows, sent, text]) => {
  expect(kind.clean(rows, sent)).toBe(text);
});

test("types text as it is, less what a terminal would take for more", () => {
  expect(kind.encode("!ls\u001B[201~\n", "ann")).toBe("!ls");
});

describe("a command line", () => {
  test.for<[string, string[]]>([
    ["python3 -i", ["python3", "-i"]],
    ["  python3   -i ", ["python3", "-i"]],
    [`say 'it is "so"' "and \\"so\\" \\\\ $HOME \\n"`, ["say", 'it is "so"', 'and "so" \\ $HOME \\n']],
    [String.raw`a\ b c\"d e""f ''`, ["a b", 'c"d', "ef", ""]],
    ["x'a b'y", ["xa by"]],
  ])("%s", ([line, words]) => {
    expect(wordsOf(line)).toEqual(words);
  });

  test.for([["say 'a"], ['say "a'], ['say "a\\"'], ["say a\\"], [""], ["  "], ["a\nb"]])("not: %j", ([line]) => {
    expect(() => wordsOf(line!)).toThrow(expect.objectContaining({ code: "usage" }));
  });

  test("makes a kind", () => {
    expect(genericKind(" /usr/bin/python3 -i ")).toMatchObject({
      name: "/usr/bin/python3 -i",
      title: "python3",
      program: "/usr/bin/python3",
    });
  });
});

describe("what decides", () => {
  const box = (inside: string) => ["╭──────────────╮", `│ > ${inside.padEnd(10)} │`, "╰──────────────╯"];
  const raw = { tty: { canonical: false, echo: false, program: "app" } };
  const full = (rows: string[]) => viewOf(rows, { alternate: true, ...raw });
  const lines = (rows: string[]) => viewOf(rows, lineMode);
  const pastes = (rows: string[]) => viewOf(rows, { bracketedPaste: true, ...raw });

  test.for<[string, ScreenView]>([
    ["an option in a box", full(["Run rm -rf build?", ...box("¦Yes")])],
    ["a box below what is to be typed", full(["Type 'delete' to confirm", ...box("¦")])],
    ["a box below keys", full(["Allow rm -rf? (yes/no)", ...box("¦")])],
    ["letters below a box", full([...box("¦"), " [y] Approve   [n] Deny"])],
    ["letters above a box", full(["Approve? [y] Approve   [n] Deny", "", ...box("¦")])],
    ["a list above a box", full(["Allow it?", "", "  ❯ Allow once", "    Deny", "", ...box("¦")])],
    ["a box that filters a list", full([...box("¦"), "  a", "❯ b", "  c"])],
    ["rules around what filters a list", full([rule, "> ¦", rule, "  3/3", "> a.txt", "  b.txt"])],
    ["a secret in a box", full(["Enter your API key", ...box("¦")])],
    ["a question that ends like a prompt", lines(["Delete all files?> ¦"])],
    ["choices that end like a prompt", lines(["Continue (y/n)> ¦"])],
    ["letters that end like a prompt", lines(["Delete it [y]es/[n]o> ¦"])],
    ["a decision right above a prompt", lines(["Approve this tool call?", "> ¦"])],
    ["choices right above a prompt", lines(["Allow rm -rf? (yes/no)", "> ¦"])],
    ["a bar", lines(["[=========> ¦"])],
    ["a count", viewOf(["Fetching [12/40] eta 3s > ¦"], raw)],
    ["a choice by number", lines(["  1. Install", "  2. Wipe", "", "Your choice [1-2] > ¦"])],
    ["an option to select", lines(["  1. Install", "  2. Wipe", "", "Select an option: ¦"])],
    ["a numbered list in line mode", lines(["  1. Install", "  2. Wipe", "", "¦"])],
    ["letters before a label", viewOf(["[O]pen, (E)dit anyway, (Q)uit, (A)bort: ¦"], raw)],
    ["an order in line mode", lines(["Enter yes to delete everything.", "¦"])],
    ["a question of another script", lines(["続行しますか？", "¦"])],
    ["radio buttons in a frame", pastes(["◆  Overwrite the folder?", "│  ● Yes / ○ No", "└", "¦"])],
    ["a list in reverse video", pastes(["Choose an action:", "", "  Deploy", "  Rollback", "¦"])],
  ])("takes no text: %s", ([, view]) => {
    const typed = kind.state(view)?.state === "idle" || kind.input?.(view) !== undefined;
    expect(typed && kind.question(view) === undefined).toBe(false);
  });

  test.for([
    "Contraseña: ¦",
    "Mot de passe : ¦",
    "パスワード: ¦",
    "密码：¦",
    "Пароль: ¦",
    "OTP: ¦",
    "Two-factor authentication code: ¦",
    "Enter the 6-digit code from your phone: ¦",
    "Enter your seed phrase: ¦",
    "Card number: ¦",
  ])("is a secret: %s", (row) => {
    expect(kind.question(viewOf([row], raw))?.options).toEqual([secretOption]);
  });

  test.for<[string, ScreenView]>([
    ["a shell's prompt, whatever its folder is called", lines(["hi", "me@box:~/delete/choose$ ¦"])],
    ["a shell's prompt with a state of git", lines(["~/repo main ?> ¦"])],
    ["a prompt below an answer that asks", lines(["Do you want more?", "", "> ¦"])],
    ["a prompt below a question of words", lines(["What would you like today?", "> ¦"])],
    ["a prompt below a decision of old", lines([" [y] Approve   [n] Deny", "done", ">>> ¦"])],
    ["a box below an answer that asks", full(["* Shall I delete it?", "", ...box("¦"), " model"])],
    ["a box with a hint that goes on", full(box("¦Continue the conversation"))],
    ["a box above a status line with a sign", full([...box("¦Ask me"), " > model", "   folder"])],
    ["a line editor below what is further in", pastes(["Result:", "  42", "¦"])],
  ])("leaves alone: %s", ([, view]) => {
    expect(kind.question(view)).toBeUndefined();
    expect(kind.state(view)?.state === "idle" || kind.input?.(view) !== undefined).toBe(true);
  });

  test.for<[string, ScreenView, string, string[]]>([
    ["Japanese", hidden(["実行しますか？ [y] はい  [n] いいえ"]), "実行しますか？", ["はい", "いいえ"]],
    ["German", hidden(["Datei löschen?", "", "❯ Ja   Nein"]), "Datei löschen?", ["Ja", "Nein"]],
    ["signs between buttons", hidden(["Proceed?", "", " ▸Yes  ·  No"]), "Proceed?", ["Yes", "No"]],
    [
      "double lines",
      hidden(["╔════╗", "║ Which?    ║", "║ ► Yes     ║", "║   No      ║", "╚═══╝"]),
      "Which?",
      ["Yes", "No"],
    ],
    ["numbers with brackets", hidden(["Which?", "❯ 1) One", "  2) Two"]), "Which?", ["One", "Two"]],
    ["a rule above buttons", full(["│ Sure? │", "├────────┤", "│ <¦Yes> < No > │"]), "Sure?", ["Yes", "No"]],
    ["no words at all", viewOf(["(C)ontinue, (A)bort ¦"], raw), "Continue / Abort?", ["Continue", "Abort"]],
  ])("is read: %s", ([, view, text, labels]) => {
    const question = kind.question(view);
    expect(question?.text).toBe(text);
    expect(question?.options.map(({ label }) => label)).toEqual(labels);
  });
});
