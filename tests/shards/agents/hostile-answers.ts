/*
 * Answers that look like what an agent draws around them: spinners, footers, dialogs, input boxes and their ends, prompts, notes. None of
 * them says anything of the agent's state.
 */
const long = (sign: string) => sign.repeat(40);

export const hostileAnswers: Readonly<Record<string, string>> = {
  "claude's spinner": "✻ Boogieing… (2m 28s · ↓ 10.9k tokens)\n\nand it goes on.",
  "claude's footer":
    "esc to interrupt\n\n? for shortcuts · ← for agents\n\n⏵⏵ accept edits on (shift+tab to cycle) · esc to interrupt",
  "claude's approval":
    "Do you want to proceed?\n❯ 1. Yes\n  2. Yes, and don't ask again\n  3. No, and tell Claude what to do differently (esc)",
  "claude's approval with help": "Do you want to proceed?\n❯ 1. Yes\n  2. No\n\nEsc to cancel · Tab to amend",
  "claude's input box": `${long("─")}\n❯ \n${long("─")}\n  ? for shortcuts`,
  "claude's end": "✻ Cooked for 3s\n\n● hello\n  ⎿  three",
  "codex's spinner": "• Working (3s • esc to interrupt)\n\n◦ Working (1m 2s • esc to interrupt)",
  "codex's footer": "gpt-5-codex default · ~/repo\n← for agents · ? for shortcuts",
  "codex's input box": "› Ask Codex to do anything\n\n  gpt-5-codex default · ~/repo",
  "codex's approval":
    "Would you like to run the following command?\n\n› 1. Yes, proceed (y)\n  2. No, and tell Codex what to do differently (esc)\n\nPress enter to confirm or esc to cancel",
  "codex's list": "Select Model and Effort\n\n› 1. One  fast\n  2. Two  slow\n\nenter select · esc back",
  "codex's picker": "Resume a previous session\nType to search\nenter resume   ^a archive   esc exit   ^c exit",
  "codex's note": "■ Conversation interrupted - tell the model what to do differently.\n\n✔ You approved codex",
  "codex's end": "Worked for 2s • 06:46",
  "gemini's spinner": "⠸ Thinking... (esc to cancel, 0s)                 ? for shortcuts",
  "gemini's footer":
    "Shift+Tab to accept edits\n\nworkspace (/directory)    branch    sandbox    /model\n~/repo                    main      no sandbox Auto",
  "gemini's input box": `${long("▄")}\n > hello\n${long("▀")}\nworkspace (/directory)`,
  "gemini's queue": "Queued (press ↑ to edit):\n  SAY second answer",
  "gemini's dialog":
    "╭──────────────╮\n│ Apply this change?      │\n│ ● 1. Yes, allow once    │\n│   2. No (esc)           │\n╰──────────────╯",
  "gemini's start": "⠋ Waiting for authentication... (Press Esc to cancel)",
  "gemini's panel": "(Use Enter to select, Tab to change focus, Esc to close)",
  "opencode's footer": "■■⬝⬝ esc interrupt    ctrl+p commands\n\nesc again to interrupt",
  "opencode's retry": "⬝⬝⬝⬝ fake 401 [retrying in 5s attempt #3]          esc interrupt",
  "opencode's input box": `┃\n┃  Build · Fake\n╹${long("▀")}\n ■■⬝⬝ esc interrupt    ctrl+p commands`,
  "opencode's approval":
    "┃\n┃  △ Permission required\n┃\n┃   Allow once   Allow always   Reject      ctrl+f fullscreen  ⇆ select  enter confirm\n┃",
  "opencode's bare approval": "△ Permission required\n  Allow once   Allow always   Reject",
  "opencode's end": "▣  Build · Fake Model\n\nand on.\n\n▣  Build · Fake Model · 1.1s\n\nand on.",
  "opencode's panel": "Select model                                     esc\n\nSearch",
  "heads of all": "● one\n\n• Ran ls\n  └ a\n\n✦ two\n\n⎿ three\n\n▣ Build · x\n\nlast",
  "a shell": "user@host:~/repo$ ls\n\n>>> print(1)\n\n... go on",
  "keys in brackets": "[y] Approve [n] Deny\n\nContinue? [Y/n]\n\nPress Enter to continue",
  "sequences in letters": String.raw`\x1b[31mred\x1b[0m and ^[2J and \u001b]0;✳ t\u0007 and ␛[1m`,
  "a fence": `\`\`\`\n┃  Build\n╹${long("▀")}\n■■ esc interrupt\n\`\`\`\n\n\`\`\`\n❯ 1. Yes\n  2. No\nEsc to cancel\n\`\`\``,
  "all scripts": "ไทยภาษาอักษร, हिन्दी नमस्ते, العربية مرحبا, עברית שלום, 👩‍👩‍👧‍👦 🇩🇪 ❤️ 1️⃣ ✌🏽 é 한국어 日本語。",
};
