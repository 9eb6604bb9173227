import { ShardbridgeError } from "../../errors.ts";
import type { Store } from "../../store/store.ts";
import { openRecords, type ShardRecord } from "../saved/records.ts";

/** Where a shard's holder listens, and the word that it wants to hear first. */
export interface HolderAddress {
  socket: string;
  secret: string;
}

/** A host on this machine, whose holders can be reached without it. */
export interface HolderAddresses {
  /** Throws ShardbridgeError as the verbs do. */
  holderAddress(name: string): HolderAddress;
  /** The shard whose agent runs and has this secret of the orchestrator's tools. */
  bearer(secret: string): string | undefined;
}

/** What a host knows that is shown nowhere. */
export interface HostSecrets {
  /** Secrets of its holders and of the orchestrator's tools. */
  secrets(): string[];
  /** Repos and worktrees, absolute, where `.env` files may be. */
  folders(): string[];
}

export function addressOf({ socket, secret }: ShardRecord): HolderAddress {
  return { socket, secret };
}

/** The address of a shard's holder when no host is open. Throws ShardbridgeError "not_found" with the names that there are. */
export function savedAddress(store: Store, name: string): HolderAddress {
  const { shards } = openRecords(store);
  const record = shards.get(name);
  if (record) return addressOf(record);
  throw unknownShard(
    name,
    shards.entries().map(([known]) => known),
  );
}

/** The refusal of a name that no shard has, with those that there are. */
export function unknownShard(name: string, known: readonly string[]): ShardbridgeError {
  const names = known.toSorted().join(", ");
  const hint =
    names === "" ? "there are none yet" : known.length === 1 ? `the only one is ${names}` : `there are ${names}`;
  return new ShardbridgeError("not_found", `There is no shard "${name}": ${hint}.`);
}
