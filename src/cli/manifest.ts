import { platforms } from "../adapters/registry.ts";
import { ShardbridgeError } from "../errors.ts";

/** Text that is pasted to create the app of a platform: of the one that is named, or of the first. Throws ShardbridgeError "usage". */
export function manifestOf(args: string[]): string {
  const [name, ...more] = args;
  const offered = platforms.filter((platform) => platform.manifest !== undefined);
  const platform = name === undefined ? offered[0] : offered.find((candidate) => candidate.name === name);
  if (platform && more.length === 0) return platform.manifest ?? "";
  throw new ShardbridgeError("usage", `There is a manifest for ${offered.map((known) => known.name).join(", ")}.`);
}
