import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ShardbridgeError } from "../errors.ts";
import { root } from "../installation.ts";

/** Facts for a service file. Paths are absolute. */
export interface ServicePlan {
  /** Shardbridge's own folder. */
  root: string;
  /** The Node that runs it. */
  node: string;
  /** Where the bot starts: the folder with `.env`. */
  folder: string;
  /** The PATH by which agents and git are found. */
  path: string;
  /** Where the log goes when the manager has no journal. */
  log: string;
}

export type Manager = "systemd" | "launchd";

/** The templates are whole files in deploy/, with `{{name}}` where a value goes. */
const templates: Record<Manager, string> = {
  systemd: join(root, "deploy", "shardbridge.service"),
  launchd: join(root, "deploy", "com.shardbridge.bot.plist"),
};

type Escape = (value: string) => string;

const percent: Escape = (value) => value.replaceAll("%", "%%");
const quoted: Escape = (value) => percent(value).replaceAll(/["\\]/g, "\\$&");
/** A dollar would begin a variable in an argument, though not in the name of the program (systemd.service(5), "Command lines"). */
const argument: Escape = (value) => quoted(value).replaceAll("$", "$$$$");

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const xml: Escape = (value) => value.replaceAll(/[&<>]/g, (character) => entities[character] ?? character);

const escapes: Record<Manager, Record<keyof ServicePlan, Escape>> = {
  systemd: { root: argument, node: percent, folder: percent, path: quoted, log: percent },
  launchd: { root: xml, node: xml, folder: xml, path: xml, log: xml },
};

/** The service file for a plan. Throws ShardbridgeError "usage" for a path that can't be in one. */
export function serviceText(manager: Manager, plan: ServicePlan): string {
  return readFileSync(templates[manager], "utf8").replaceAll(/\{\{(\w+)\}\}/g, (_, name: keyof ServicePlan) => {
    const value = plan[name];
    // Such an end would not be read back as it was written, and systemd takes no program with such a name.
    if (/\p{Cc}|\\$|^\s|\s$/u.test(value) || (manager === "systemd" && name === "node" && /["'\\]/.test(value)))
      throw new ShardbridgeError("usage", `A service file can't have this path in it: ${JSON.stringify(value)}.`);
    return escapes[manager][name](value);
  });
}

/** Facts in an installed file; undefined when `service install` has not written it. */
export function readService(manager: Manager, text: string): Pick<ServicePlan, "root" | "folder"> | undefined {
  if (!text.includes("Written by `shardbridge service install`")) return undefined;
  const found =
    manager === "systemd"
      ? [
          /^WorkingDirectory=(.*)$/m.exec(text),
          /^ExecStart=.* "(.*)\/(?:bin\/shardbridge\.mjs|src\/main\.ts)" start$/m.exec(text),
        ]
      : [
          /<key>WorkingDirectory<\/key>\s*<string>(.*)<\/string>/.exec(text),
          /<string>(.*)<\/string>\s*<\/array>/.exec(text),
        ];
  const [folder, root] = found.map((match) => match?.[1]);
  if (folder === undefined || root === undefined) return undefined;
  if (manager === "launchd") return { folder: plainXml(folder), root: plainXml(root) };
  return { folder: folder.replaceAll("%%", "%"), root: root.replaceAll(/\\(.)|([$%])\2/g, "$1$2") };
}

function plainXml(value: string): string {
  return value.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
