import type { WebClient } from "@slack/web-api";
import { log } from "../../log.ts";
import { messageOf } from "../../errors.ts";
import type { Person } from "../adapter.ts";

/** Time for which Slack's word on a person is believed: somebody may be made a guest meanwhile. */
const believed = 10 * 60_000;
const most = 1_000;

/** People by their ids. One who can't be looked up is an outsider. */
export class People {
  readonly #web: WebClient;
  readonly #team: string;
  readonly #known = new Map<string, { person: Promise<Person>; until: number }>();

  constructor(web: WebClient, team: string) {
    this.#web = web;
    this.#team = team;
  }

  /** Never rejects. */
  async get(id: string): Promise<Person> {
    const known = this.#known.get(id);
    if (known !== undefined && known.until > Date.now()) return known.person;
    if (this.#known.size >= most) this.#known.clear();
    const person = this.#look(id);
    this.#known.set(id, { person, until: Date.now() + believed });
    return person;
  }

  async #look(id: string): Promise<Person> {
    if (id === "") return outsider(id, "unknown");
    try {
      const { user } = await this.#web.users.info({ user: id });
      const name = user?.profile?.display_name || user?.real_name || user?.name || id;
      return { id, name, roles: [], ...judged(user ?? {}, this.#team) };
    } catch (error) {
      this.#known.delete(id);
      log.warn("a person in Slack could not be looked up, and is treated as an outsider", {
        user: id,
        error: messageOf(error),
      });
      return outsider(id, "unknown");
    }
  }
}

export function outsider(id: string, why: NonNullable<Person["outsider"]>): Person {
  return { id, name: id, roles: [], outsider: why };
}

interface Facts {
  id?: string;
  team_id?: string;
  deleted?: boolean;
  is_bot?: boolean;
  is_workflow_bot?: boolean;
  is_restricted?: boolean;
  is_ultra_restricted?: boolean;
  is_stranger?: boolean;
}

/** Why somebody is nobody to obey, if so. */
function judged(user: Facts, team: string): { outsider?: NonNullable<Person["outsider"]> } {
  if (user.is_bot || user.is_workflow_bot || user.id === "USLACKBOT") return { outsider: "bot" };
  if (user.is_stranger || (user.team_id !== undefined && user.team_id !== team)) return { outsider: "external" };
  if (user.is_restricted || user.is_ultra_restricted) return { outsider: "guest" };
  if (user.deleted || user.id === undefined) return { outsider: "unknown" };
  return {};
}
