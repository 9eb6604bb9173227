import { z } from "zod";
import type { AccessLists, Person, ThreadRef } from "../../adapters/adapter.ts";
import type { Collection, Store } from "../../store/store.ts";
import { rightAt } from "./access.ts";
import type { Asker } from "./asker.ts";

const schema = z.object({
  id: z.string(),
  name: z.string(),
  roles: z.array(z.string()),
  outsider: z.exactOptional(z.enum(["bot", "guest", "external", "unknown"])),
});

type Access = AccessLists | "everything";

/** The people who may do something here, as they were last seen: for what is done on their behalf when they are not there. */
export class People {
  readonly #records: Collection<Person>;
  readonly #access: ReadonlyMap<string, Access>;

  constructor(store: Store, access: ReadonlyMap<string, Access>) {
    this.#records = store.collection("person", schema);
    this.#access = access;
  }

  /** Remember how somebody is now: their name, roles, and whether they are an outsider. `listed`: they have a right here. */
  async seen(platform: string, person: Person, listed: boolean): Promise<void> {
    const key = keyOf(platform, person.id);
    const known = this.#records.get(key);
    if (!known && !listed) return;
    if (JSON.stringify(known) !== JSON.stringify(schema.parse(person))) await this.#records.set(key, person);
  }

  /**
   * Somebody as an asker in a thread, with the right that the platform's lists give now to what they were when last seen; undefined for
   * nobody known, or on a platform that is not configured any more.
   */
  asker(thread: ThreadRef, id: string): Asker | undefined {
    const person = this.#records.get(keyOf(thread.platform, id));
    const access = this.#access.get(thread.platform);
    if (!person || !access) return undefined;
    return { person, right: rightAt(access, thread, person).right, place: thread };
  }
}

function keyOf(platform: string, id: string): string {
  return `${platform}:${id}`;
}
