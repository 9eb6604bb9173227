import { describe, expect, it } from "vitest";
import { secretsInEnv } from "../../src/redaction/env-values.ts";

const valuesOf = (text: string) => secretsInEnv(text).map(({ value }) => value);

describe("the values of a .env file", () => {
  it.each<[string, string[]]>([
    ["NODE_ENV=production\nLOG_LEVEL=verbose\nAPP_NAME=shardbridge\n", []],
    ["HOST=db.example.org\nPORT=5432\nTZ=Europe/Berlin\nREGION=eu-central-1\nDATE=2026-12-01\n", []],
    ["URL=https://example.org/a/b\nCALLBACK=http://localhost:3000/auth\nLOG=/var/log/app/app.log\n", []],
    ["MODEL=claude-opus-4-5-20251101\nADMIN=ann@example.org\nFEATURES=one,two,three\n", []],
    ["PASSWORD=changeme\nTOKEN=<your-token>\nSECRET=${OTHER_SECRET}\nPASSWD=password\n", []],
    ["PIN=1234\nSALT=abc12\n", []],
    ["PASSWORD=hunter2hunter2", ["hunter2hunter2"]],
    ["PASSPHRASE=violet-kestrel-harbor-lantern", ["violet-kestrel-harbor-lantern"]],
    ["PASSCODE=violet-kestrel-4417", ["violet-kestrel-4417"]],
    ["export A='x9Kd0 with blanks!'", ["x9Kd0 with blanks!"]],
    ['\uFEFFKEY="Zq81LmNo\\nsecond"', ["Zq81LmNo\nsecond"]],
    [
      "DB=postgres://app:p%40ssw0rd9@db:5432/app",
      ["postgres://app:p%40ssw0rd9@db:5432/app", "p%40ssw0rd9", "p@ssw0rd9"],
    ],
    ["DB=postgres://db:5432/app", []],
  ])("%j has %j", (text, values) => {
    expect(valuesOf(text)).toEqual(values);
  });

  it("are called by their names", () => {
    expect(secretsInEnv("API_KEY=Zq81LmNo93k")).toEqual([{ value: "Zq81LmNo93k", kind: "API_KEY" }]);
  });
});
