import { randomBytes } from "node:crypto";
import { findProgram } from "../process/find-program.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Variables by which `systemd-run` finds the user's manager by. */
const busVariables = ["XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"] as const;

/** A command that runs the one after it outside of our own unit, and the variables that it needs. */
export interface Scope {
  command: [string, ...string[]];
  env: Record<string, string>;
}

/**
 * A systemd scope for a shard's holder, when this process (`pid`) is itself a systemd service; otherwise undefined. Below the bot's unit a
 * holder would be killed with it wherever KillMode= is the default, and its memory would count as the bot's. `systemd-run --scope` becomes
 * the program that it starts (systemd-run(1)), so that the process id stays. Delegate=yes keeps systemd from ending a whole shard when one of
 * its processes runs out of memory (systemd.service(5), OOMPolicy=).
 */
export function scopeFor(shard: string, env: Env, pid: number): Scope | undefined {
  // systemd sets this for the very process that it starts; what an agent or a terminal starts has another id (systemd.exec(5)).
  if (env["SYSTEMD_EXEC_PID"] !== String(pid) || env["XDG_RUNTIME_DIR"] === undefined) return undefined;
  const program = findProgram("systemd-run", env);
  if (program === undefined) return undefined;
  const unit = `shardbridge-${shard}-${randomBytes(3).toString("hex")}`;
  const options = ["--quiet", "--collect", "--slice=shardbridge.slice", "--property=Delegate=yes", `--unit=${unit}`];
  const bus = busVariables.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]));
  return {
    command: [program, "--user", "--scope", ...options, "--"],
    env: Object.fromEntries(bus) as Record<string, string>,
  };
}
