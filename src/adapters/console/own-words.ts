/** Words that the console itself understands besides the bot's commands, with what they do. */
export const ownWords: ReadonlyMap<string, string> = new Map([
  ["thread", "goes to another thread: /thread NAME; alone it says which threads there are"],
  ["quit", "stops the bot; the shards go on"],
]);

/** Help for the console itself, after the bot's commands. */
export const ownHelp = [
  "Commands can be typed as /send … or /shard send …; /help VERB and /VERB --help tell more of one. In the console besides:",
  ...[...ownWords].map(([word, does]) => `/${word}\n    ${does}`),
  "/3, /3 SOME WORDS\n    presses the button with that number; with words, where it asks for some",
  "\\\n    at the end of a line: the message goes on in the next one. Pasted lines are one message, and alt-enter begins a new line",
  "tab, ↑, ↓\n    complete commands, shards, repos, agents and options; what was typed before",
].join("\n");
