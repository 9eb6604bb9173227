import { spawn } from "node:child_process";
import { lstatSync, rmSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import type { Env } from "../config.ts";
import { messageOf, ShardbridgeError } from "../errors.ts";
import type { Manager } from "./service-unit.ts";

/** The system's programs that are called here end soon; one that does not is given up (milliseconds). A first start installs packages. */
const patience = 330_000;
/** launchd takes the same name again only when the old service has ended, which it does not wait for (milliseconds). */
const leaving = 30_000;

/** State of the service by its manager. */
interface ServiceState {
  running: boolean;
  /** In the manager's own word. */
  word: string;
  pid?: number;
}

/** Manager that starts a user's own programs on this system, and ends them. Methods that can fail throw ShardbridgeError "unavailable". */
export interface ServiceManager {
  kind: Manager;
  /** Where it looks for the service's file. */
  file: string;
  /** Load the file, start the service anew, and have it started from now on. */
  activate(): Promise<void>;
  /** Stop the service and forget it. */
  deactivate(): Promise<void>;
  /** Undefined when the manager can't be reached, or does not know the service. Never rejects. */
  state(): Promise<ServiceState | undefined>;
  /** Whether the user's services go on when the user logs out; undefined when that can't be told. Never rejects. */
  lingers(): Promise<boolean | undefined>;
  linger(): Promise<void>;
  /** Commands that do the same by hand, and one that shows the log. */
  byHand: { activate: string; deactivate: string; log: string };
}

const label = "com.shardbridge.bot";
const unit = "shardbridge.service";

/** Command that lets services go on when their user logs out. */
export const lingerByHand = "loginctl enable-linger";

/** The manager of a system. Throws ShardbridgeError "unavailable" where none is known. */
export function serviceManager(platform: NodeJS.Platform, home: string, uid: number, env: Env): ServiceManager {
  if (platform === "linux") return systemd(home, env);
  if (platform === "darwin") return launchd(home, uid, env);
  throw new ShardbridgeError("unavailable", `There is no service for ${platform}: run shardbridge start instead.`);
}

function systemd(home: string, env: Env): ServiceManager {
  const config = env["XDG_CONFIG_HOME"];
  const folder = join(config && isAbsolute(config) ? config : join(home, ".config"), "systemd", "user");
  const systemctl = async (...args: string[]) => run(env, "systemctl", "--user", ...args);
  return {
    kind: "systemd",
    file: join(folder, unit),
    activate: async () => {
      await systemctl("daemon-reload");
      await systemctl("enable", unit);
      await systemctl("restart", unit);
    },
    deactivate: async () => {
      try {
        await systemctl("disable", "--now", unit);
      } catch (error) {
        const link = join(folder, "default.target.wants", unit);
        if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()) rmSync(link);
        throw error;
      }
    },
    state: async () => {
      const shown = await said(systemctl("show", unit, "--property=LoadState,ActiveState,SubState,MainPID"));
      const facts = new Map(shown?.split("\n").map((line) => line.split("=", 2) as [string, string]));
      const word = facts.get("ActiveState");
      if (word === undefined || facts.get("LoadState") === "not-found") return undefined;
      const pid = Number(facts.get("MainPID"));
      return { running: word === "active", word: `${word} (${facts.get("SubState")})`, ...(pid > 0 && { pid }) };
    },
    lingers: async () => {
      const user = env["USER"] ?? env["LOGNAME"] ?? "";
      const answer = await said(run(env, "loginctl", "show-user", "--property=Linger", "--value", user));
      return { yes: true, no: false }[answer?.trim() ?? ""];
    },
    linger: async () => void (await run(env, "loginctl", "enable-linger")),
    byHand: {
      activate: `systemctl --user daemon-reload && systemctl --user enable ${unit} && systemctl --user restart ${unit}`,
      deactivate: `systemctl --user disable --now ${unit}`,
      log: "journalctl --user --unit shardbridge --follow",
    },
  };
}

function launchd(home: string, uid: number, env: Env): ServiceManager {
  const file = join(home, "Library", "LaunchAgents", `${label}.plist`);
  const domain = `gui/${uid}`;
  const launchctl = async (...args: string[]) => run(env, "launchctl", ...args);
  return {
    kind: "launchd",
    file,
    activate: async () => {
      const known = (await said(launchctl("bootout", `${domain}/${label}`))) !== undefined;
      for (const end = Date.now() + leaving; ; await delay(500)) {
        try {
          await launchctl("bootstrap", domain, file);
          return;
        } catch (error) {
          if (!known || Date.now() > end) throw error;
        }
      }
    },
    deactivate: async () => void (await launchctl("bootout", `${domain}/${label}`)),
    state: async () => {
      const shown = await said(launchctl("print", `${domain}/${label}`));
      const word = /^\s*state = (.+)$/m.exec(shown ?? "")?.[1];
      if (word === undefined) return undefined;
      const pid = /^\s*pid = (\d+)$/m.exec(shown ?? "")?.[1];
      return { running: word === "running", word, ...(pid !== undefined && { pid: Number(pid) }) };
    },
    // Programs that launchd starts for a user run while the user is logged in; there is nothing to be set.
    lingers: async () => undefined,
    linger: async () => undefined,
    byHand: {
      activate: `launchctl bootstrap ${domain} ${file}`,
      deactivate: `launchctl bootout ${domain}/${label}`,
      log: `tail -f ${logFile(home)}`,
    },
  };
}

/** Where launchd puts what the service prints. */
export function logFile(home: string): string {
  return join(home, "Library", "Logs", "shardbridge.log");
}

/** Output of a program. Throws ShardbridgeError "unavailable" with its own words when it is not there or has failed. */
async function run(env: Env, file: string, ...args: string[]): Promise<string> {
  const child = spawn(file, args, { env, stdio: ["ignore", "pipe", "pipe"], timeout: patience });
  const ended = new Promise<string | undefined>((resolve) => {
    child.once("error", (error) => resolve(messageOf(error)));
    child.once("close", (code, signal) => resolve(code === 0 ? undefined : `it ended with ${signal ?? code}`));
  });
  const [out, err, fault] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (fault === undefined) return out;
  const why = err.trim().split("\n")[0] || fault;
  throw new ShardbridgeError("unavailable", `${[file, ...args].join(" ")}: ${why.replace(/\.$/, "")}.`);
}

/** The same for a question that may stay without an answer. */
async function said(answer: Promise<string>): Promise<string | undefined> {
  return answer.catch(() => undefined);
}
