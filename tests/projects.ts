/** The tests in four parts, by what they take: a file of any part but the first starts processes, or waits for what is measured in seconds. */
export const parts: Readonly<Record<string, { include: string[]; exclude: string[] }>> = {
  /** Pure functions on text and plain data, and what sources and files of the project must be like. */
  unit: {
    include: [
      "tests/attacks/{details,labels,linear}.test.ts",
      "tests/{changelog,config,container,inert,layers,lines,lock,log,lost-names,projects,serial,settings}.test.ts",
      "tests/docs/!(adding|debugging).test.ts",
      "tests/bot/{answer-posts,answering,beyond-shard,button-action,command-line,reach,shard-stamp,split,states,streams}.test.ts",
      "tests/redaction/*.test.ts",
      "tests/shards/agents/!(shell).test.ts",
      "tests/shards/{explain,judge,journal-state,landing,said,taken,turn,typing,watch}.test.ts",
    ],
    exclude: [],
  },
  /** The bot and what it is made of, over a fake host: the platforms' real clients against doubles on loopback, SQLite. */
  bot: {
    include: [
      "tests/attacks/{approvals,exits,lines,orchestrator,rights}.test.ts",
      "tests/{adapters,bot,cli,fakes,mcp,orchestrator,store}/**/*.test.ts",
    ],
    exclude: [
      "tests/bot/{answer-posts,answering,beyond-shard,button-action,command-line,kills,reach,secrets,shard-stamp,split,states,streams}.test.ts",
      "tests/fakes/fake-agent.test.ts",
    ],
  },
  /** Real git, terminals, shells, holders, set-ups and kills. */
  process: {
    include: [
      "tests/attacks/{git,pipes}.test.ts",
      "tests/shards/**/*.test.ts",
      "tests/{bundle,setup-script}.test.ts",
      "tests/bot/{kills,secrets}.test.ts",
      "tests/fakes/fake-agent.test.ts",
      "tests/docs/{adding,debugging}.test.ts",
    ],
    exclude: [
      "tests/shards/agents/!(shell).test.ts",
      "tests/shards/{explain,judge,journal-state,landing,said,taken,turn,typing,watch}.test.ts",
    ],
  },
  /** The whole program, as people run it. */
  e2e: { include: ["tests/e2e/**/*.test.ts"], exclude: [] },
};
