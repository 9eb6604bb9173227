import type { Person, Place } from "../../adapters/adapter.ts";
import type { Right } from "../../verbs/facts.ts";

/** A person who asks for something, with their right, and from where. */
export interface Asker {
  person: Person;
  right: Right;
  /** Absent for somebody who is in no chat. */
  place?: Place;
  /** Tell the asking thread of a shard's new thread: for an asker who has no other way to show it. */
  announce?: boolean;
}
